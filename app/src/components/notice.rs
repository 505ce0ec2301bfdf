//! Sentences that a person should see.

use domain::{Fault, FaultCode};
use leptos::prelude::*;
use leptos_router::hooks::use_url;
use leptos_router::location::Url;

use super::{Icon, Tone, icon};
use crate::routes;

/// A sentence with its tone. A bad one is read out at once.
#[component]
pub(crate) fn Notice(tone: Tone, children: Children) -> impl IntoView {
    let (shape, role) = match tone {
        Tone::Bad => (Icon::Warn, "alert"),
        _ => (Icon::Info, "status"),
    };
    view! {
        <div class="notice" data-tone=tone.as_str() role=role>
            {icon(shape)}
            {children()}
        </div>
    }
}

/// Why something was refused, and the way out where there is one.
#[component]
pub(crate) fn Refused(fault: Fault) -> impl IntoView {
    let url = use_url();
    let here = move || url.with(|url| routes::login(&full_path(url)));
    let sentence = fault.to_string();
    let there = |href: &'static str, words| Some(view! { " " <a href=href>{words}</a> }.into_any());
    let way_out = match fault.code {
        FaultCode::AuthRequired => Some(view! { " " <a href=here>"Sign in"</a> }.into_any()),
        FaultCode::SessionNotFound => there(routes::SESSIONS, "All sessions"),
        FaultCode::RunNotFound => there(routes::RUNS, "All runs"),
        FaultCode::AgentNotFound => there(routes::AGENTS, "All agents"),
        FaultCode::ProviderNotFound => there(routes::SETTINGS, "Settings"),
        _ => None,
    };
    view! {
        <Notice tone=Tone::Bad>
            <div>{sentence}{way_out}</div>
        </Notice>
    }
}

fn full_path(url: &Url) -> String {
    match url.search() {
        "" => url.path().to_owned(),
        search => format!("{}?{search}", url.path()),
    }
}
