//! An older version of a document, and the way back to it.

use domain::{AgentName, FormNote, PromptDiff, PromptDocument};
use leptos::form::ActionForm;
use leptos::prelude::*;

use super::changes::{Lines, summary};
use crate::api::documents::RestoreDocument;
use crate::components::{FormNotice, FormState, When, form_action};
use crate::routes;

/// A version, read-only.
#[component]
pub(super) fn Version(
    agent: AgentName,
    shown: PromptDocument,
    /// What restoring it would change.
    diff: Option<PromptDiff>,
    /// The newest version.
    seen: Signal<u64>,
    note: Option<FormNote>,
) -> impl IntoView {
    let (version, name) = (shown.view.version, shown.view.name);
    let action = form_action::<RestoreDocument>();
    let state = FormState::new("doc-restore", action, note);
    let close = routes::document(&agent, name);
    let agent = StoredValue::new(agent.to_string());
    let older = move || seen.get() != version;
    let changes = diff.filter(|diff| diff.from != diff.to).map(|diff| {
        view! {
            <header class="panel-h">
                <h3>"What restoring it would change"</h3>
                <span class="sm soft">{summary(&diff)}</span>
            </header>
            <Lines diff/>
        }
    });
    view! {
        <section class="panel" aria-labelledby="version">
            <header class="panel-h">
                <h2 id="version">"Version " {version}</h2>
                {shown.view.saved.map(|saved| view! {
                    <span class="sm soft">"by " {saved.by.to_string()} " " <When at=saved.at/></span>
                })}
                <a class="sm" href=close>"Close"</a>
            </header>
            <div class="panel-b form">
                <div class="code code-wrap"><pre tabindex="0">{shown.content}</pre></div>
                <FormNotice state/>
                {move || older().then(|| view! {
                    <ActionForm action>
                        <input type="hidden" name="agent" value=agent.get_value()/>
                        <input type="hidden" name="document" value=name.as_str()/>
                        <input type="hidden" name="seen" value=move || seen.get().to_string()/>
                        <input type="hidden" name="version" value=version/>
                        <button class="btn" type="submit" disabled=action.pending()>
                            "Restore version " {version}
                        </button>
                    </ActionForm>
                })}
            </div>
            {changes}
        </section>
    }
}
