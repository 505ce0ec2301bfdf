//! Live pages without scripts.

use leptos::prelude::*;

/// Loads the page again while something is at work, where no script does better.
/// As inner HTML: a browser with scripts reads what is inside as mere text.
#[component]
pub(crate) fn Refresh(seconds: u32) -> impl IntoView {
    let html = format!("<meta http-equiv='refresh' content='{seconds}'>");
    view! { <noscript inner_html=html></noscript> }
}
