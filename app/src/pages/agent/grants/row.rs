//! One grant in a list.

use domain::{Grant, GrantOrigin, GrantTerms, Lasts, Mode, Ways};
use leptos::form::ActionForm;
use leptos::prelude::*;

use super::words;
use crate::api::grants::RemoveGrant;
use crate::components::{Icon, Moment, Tone, When, icon};
use crate::routes;

#[component]
pub(super) fn Row(
    agent: String,
    grant: Grant,
    removing: ServerAction<RemoveGrant>,
) -> impl IntoView {
    let Grant { id, made_at, origin, terms, .. } = grant;
    let GrantTerms { tool, mode, ways, lasts, scope } = terms;
    let (tone, shape, word) = match mode {
        Mode::Allow => (Tone::Ok, Icon::Check, "Allow"),
        Mode::Ask => (Tone::Wait, Icon::Waiting, "Ask"),
        Mode::Deny => (Tone::Bad, Icon::Cancelled, "Deny"),
    };
    let ways = match ways {
        Ways::Both => "",
        Ways::Attended => ", where a person is there",
        Ways::Unattended => ", where nobody is there",
    };
    let lasts = match lasts {
        Lasts::Always => None,
        Lasts::Until(at) => Some(view! { ", until " <When at show=Moment::Short/> }.into_any()),
        Lasts::Run(run) => {
            Some(view! { ", in " <a href=routes::run(run)>"one run"</a> }.into_any())
        }
    };
    let origin = match origin {
        GrantOrigin::Profile(profile) => format!("of the profile {}", words(profile)),
        GrantOrigin::Person => "written by a person".to_owned(),
        GrantOrigin::Remembered(_) => "remembered from an answer".to_owned(),
    };
    let (tool, label) = (tool.to_string(), format!("{word} {tool}"));
    view! {
        <li>
            <span class="status" data-tone=tone.as_str()>{icon(shape)} {word}</span>
            <div class="ask-row">
                <p><code class="mono">{tool}</code> " " {scope.to_string()} {ways} {lasts}</p>
                <p class="sm soft">{origin} ", " <When at=made_at show=Moment::Short/></p>
            </div>
            <ActionForm action=removing attr:class="end">
                <input type="hidden" name="agent" value=agent/>
                <input type="hidden" name="grant" value=id.to_string()/>
                <button class="btn btn-sm" type="submit" disabled=removing.pending()>
                    "Remove" <span class="vh">" the grant: " {label}</span>
                </button>
            </ActionForm>
        </li>
    }
}
