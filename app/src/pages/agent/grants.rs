//! What an agent may do: its grants, a profile for many at once, and the form of
//! one more.

mod form;
mod row;

use domain::{AgentName, FormNote, Grant, GrantOrigin, Profile};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos::task::spawn_local;

use self::form::AddForm;
use self::row::Row;
use crate::api::grants::{AddGrant, ChooseProfile, RemoveGrant, read_grants};
use crate::components::{Choice, FormNotice, FormState, form_action};
use crate::format;

/// The grants, oldest first, and how they are changed.
#[component]
pub(super) fn Grants(agent: AgentName, first: Vec<Grant>, note: Option<FormNote>) -> impl IntoView {
    let grants = RwSignal::new(first);
    let removing = form_action::<RemoveGrant>();
    let choosing = form_action::<ChooseProfile>();
    let adding = form_action::<AddGrant>();
    let removed = FormState::new("grant-remove", removing, note.clone());
    let name = StoredValue::new(agent.to_string());
    let read = move || {
        let Some(agent) = name.try_get_value() else { return };
        spawn_local(async move {
            if let Ok(fresh) = read_grants(agent).await {
                grants.try_set(fresh);
            }
        });
    };
    Effect::new(move || {
        let done = [
            matches!(removing.value().get(), Some(Ok(()))),
            matches!(choosing.value().get(), Some(Ok(()))),
            matches!(adding.value().get(), Some(Ok(()))),
        ];
        if done.contains(&true) {
            read();
        }
    });
    let row = move |grant: Grant| view! { <Row agent=name.get_value() grant removing/> };
    view! {
        <section class="panel section" aria-labelledby="grants">
            <header class="panel-h">
                <h2 id="grants">"Grants"</h2>
                <span class="sm soft">
                    {move || format::count(grants.with(Vec::len) as u64, "grant")}
                </span>
            </header>
            <Show
                when=move || grants.with(|grants| !grants.is_empty())
                fallback=|| view! {
                    <p class="panel-b sm soft">
                        "No grants: what is not granted is denied. A profile below is a good beginning."
                    </p>
                }
            >
                <ul class="list">
                    <For each=move || grants.get() key=|grant| grant.id children=row/>
                </ul>
            </Show>
            <div class="panel-b form">
                <FormNotice state=removed/>
                <Profiles agent=agent.clone() grants choosing note=note.clone()/>
                <AddForm agent adding note/>
            </div>
        </section>
    }
}

/// The choice of a profile.
#[component]
fn Profiles(
    agent: AgentName,
    grants: RwSignal<Vec<Grant>>,
    choosing: ServerAction<ChooseProfile>,
    note: Option<FormNote>,
) -> impl IntoView {
    let state = FormState::new("grant-profile", choosing, note);
    let option = |profile: &Profile| {
        (profile.to_string(), format!("{}: {}", words(*profile), profile.sentence()))
    };
    let options = Profile::ALL.iter().map(option).collect();
    // What is chosen now, read once: the choice is a person's from then on.
    let chosen = grants.with_untracked(|grants| {
        grants.iter().find_map(|grant| match grant.origin {
            GrantOrigin::Profile(profile) => Some(profile),
            _ => None,
        })
    });
    let value = chosen.unwrap_or(Profile::Guarded).to_string();
    view! {
        <ActionForm action=choosing attr:class="form">
            <FormNotice state/>
            <input type="hidden" name="agent" value=agent.to_string()/>
            <Choice
                state
                name="profile"
                label="Profile"
                options
                value
                hint="Its grants take the place of those of the profile before it. Others stay."
            />
            <div class="actions">
                <button class="btn" type="submit" disabled=choosing.pending()>
                    "Use this profile"
                </button>
            </div>
        </ActionForm>
    }
}

/// A profile's name for people.
pub(super) const fn words(profile: Profile) -> &'static str {
    match profile {
        Profile::ReadOnly => "Read only",
        Profile::Guarded => "Guarded",
        Profile::Workspace => "Workspace",
        Profile::Full => "Full",
    }
}
