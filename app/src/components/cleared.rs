//! What stands where steps were.

use leptos::prelude::*;

/// Says that the steps of a run are gone, for their age.
#[component]
pub(crate) fn ClearedSteps(days: u32) -> impl IntoView {
    let after = if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
    view! {
        <p class="soft sm">{format!("The steps and pictures of this run were cleared after {after}.")}</p>
    }
}
