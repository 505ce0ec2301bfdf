//! Small frames for figures and facts.

use leptos::prelude::*;

/// A figure with its name above and its explanation below.
#[component]
pub(crate) fn Stat(name: &'static str, children: Children) -> impl IntoView {
    view! { <div class="stat"><dt>{name}</dt>{children()}</div> }
}

/// One line of a list of facts.
#[component]
pub(crate) fn Fact(name: &'static str, children: Children) -> impl IntoView {
    view! {
        <dt>{name}</dt>
        <dd>{children()}</dd>
    }
}
