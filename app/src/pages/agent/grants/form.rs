//! The form of one more grant.

use domain::{AgentName, FormNote};
use leptos::form::ActionForm;
use leptos::prelude::*;

use crate::api::grants::AddGrant;
use crate::components::{Area, Choice, Field, FormNotice, FormState};

/// The fields of a grant, folded away until they are wanted. After a grant was
/// added they stand empty again.
#[component]
pub(super) fn AddForm(
    agent: AgentName,
    adding: ServerAction<AddGrant>,
    note: Option<FormNote>,
) -> impl IntoView {
    let refused = note.as_ref().is_some_and(|note| note.form == "grant-add");
    let made = Memo::new(move |before: Option<&u32>| {
        let before = before.copied().unwrap_or_default();
        if matches!(adding.value().get(), Some(Ok(()))) { before + 1 } else { before }
    });
    let (agent, note) = (StoredValue::new(agent.to_string()), StoredValue::new(note));
    view! {
        <details class="fold" open=refused>
            <summary>"Add a grant"</summary>
            {move || {
                let first = made.get() == 0;
                let note = note.get_value().filter(|_| first);
                view! { <Fields agent=agent.get_value() adding note/> }
            }}
        </details>
    }
}

#[component]
fn Fields(agent: String, adding: ServerAction<AddGrant>, note: Option<FormNote>) -> impl IntoView {
    let state = FormState::new("grant-add", adding, note);
    let options = |words: &[(&str, &str)]| {
        words.iter().map(|(word, shown)| ((*word).to_owned(), (*shown).to_owned())).collect()
    };
    let modes = options(&[
        ("allow", "Allow: it runs"),
        ("ask", "Ask: a person says yes or no"),
        ("deny", "Deny: it never runs, whatever else is granted"),
    ]);
    let ways = options(&[
        ("both", "In every run"),
        ("attended", "Where a person is there"),
        ("unattended", "Where nobody is there"),
    ]);
    let covers = options(&[
        ("named", "Only what is named below"),
        ("anything", "Whatever the tool reaches, but no secret"),
    ]);
    view! {
        <ActionForm action=adding attr:class="form">
            <FormNotice state/>
            <input type="hidden" name="agent" value=agent/>
            <div class="pairs">
                <Field state name="tool" label="Tool" autocomplete="off"
                    hint="Its name, a family as fs.*, or * for every tool."/>
                <Choice state name="mode" label="What becomes of a call" options=modes value="ask"/>
                <Choice state name="ways" label="Where" options=ways value="both"/>
                <Field state name="until" label="Ends on" kind="date" autocomplete="off"
                    required=false hint="At the beginning of that day in UTC. Left empty, it stays."/>
            </div>
            <Choice state name="covers" label="What it covers" options=covers value="named"/>
            <div class="pairs reach">
                <Area state name="read" label="Paths to read" rows=2
                    hint="Each on a line of its own, such as src/**."/>
                <Area state name="write" label="Paths to write" rows=2 hint="Such as target/**."/>
                <Area state name="hosts" label="Hosts" rows=2 hint="Such as api.example.com."/>
                <Area state name="commands" label="Commands" rows=2 hint="Such as cargo test *."/>
                <Area state name="secrets" label="Secrets" rows=2 hint="By name."/>
            </div>
            <div class="actions">
                <button class="btn btn-primary" type="submit" disabled=adding.pending()>
                    "Add the grant"
                </button>
            </div>
        </ActionForm>
    }
}
