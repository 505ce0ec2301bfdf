//! That no model answers yet.

use leptos::prelude::*;

use crate::routes;

/// Says that the demo guide answers, and what to do about it.
#[component]
pub(crate) fn DemoNote() -> impl IntoView {
    view! {
        <p class="demo-note">
            "The demo guide answers: a set of rules, not a model. "
            <a href=routes::SETTINGS>"Connect a model"</a>
        </p>
    }
}
