//! What can be changed while the server runs.

mod found;
mod providers;
mod sections;
mod server;

use domain::{FormNote, Role};
use leptos::prelude::*;

use self::found::Found;
use self::providers::Providers;
use self::sections::{Limits, Model, Retention, Zone};
use self::server::Server;
use crate::api::notes::take_note;
use crate::api::settings::{SettingsPage, read_settings};
use crate::components::{Notice, PageTitle, Refused, Tone};

/// The settings.
#[component]
pub(crate) fn Settings() -> impl IntoView {
    let page = Resource::new(|| (), |()| read_settings());
    let note = OnceResource::new(take_note());
    view! {
        <PageTitle text="Settings"/>
        <div class="page">
            <header class="page-head"><h1>"Settings"</h1></header>
            <Transition>
                {move || Suspend::new(async move {
                    let note = note.await.ok().flatten();
                    match page.await {
                        Ok(read) => view! { <Body read note/> }.into_any(),
                        Err(error) => view! { <Refused fault=error.0/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

#[component]
fn Body(read: SettingsPage, note: Option<FormNote>) -> impl IntoView {
    let SettingsPage { view, providers, models, found, role } = read;
    let is_owner = role == Role::Owner;
    let etag = RwSignal::new(view.etag.clone());
    let notes = note.clone();
    view! {
        {(!is_owner).then(|| view! {
            <Notice tone=Tone::Wait>
                <div>"These are for you to read. An owner can change them."</div>
            </Notice>
        })}
        <Providers providers is_owner/>
        {is_owner.then(|| view! { <Found found/> })}
        <fieldset disabled=!is_owner>
            <legend class="vh">"What is set"</legend>
            <div class="cols section">
                <Model view=view.clone() models etag note=note.clone()/>
                <Limits view=view.clone() etag note=notes.clone()/>
            </div>
            <div class="cols section">
                <Retention view=view.clone() etag note=note/>
                <Zone view=view.clone() etag note=notes/>
            </div>
        </fieldset>
        <Server facts=view.server/>
    }
}
