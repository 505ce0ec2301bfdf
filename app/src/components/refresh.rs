//! Live pages without scripts.

use leptos::prelude::*;

/// Loads the page again while something is at work, where no script does better.
/// Only for pages on which nothing can be typed or chosen: that would be lost.
/// As inner HTML: a browser with scripts reads what is inside as mere text.
#[component]
pub(crate) fn Refresh(seconds: u32) -> impl IntoView {
    let html = format!("<meta http-equiv='refresh' content='{seconds}'>");
    view! { <noscript inner_html=html></noscript> }
}

/// A link to the page as it is now, where no script brings it up to date and where
/// something may be typed.
#[component]
pub(crate) fn LookAgain(href: String) -> impl IntoView {
    let href = href.replace('&', "&amp;").replace('\'', "&#39;");
    let html = format!("<p class='sm soft'>Work is under way. <a href='{href}'>Look again</a></p>");
    view! { <noscript inner_html=html></noscript> }
}
