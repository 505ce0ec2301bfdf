//! The way through a list of many pages.

use leptos::prelude::*;

/// Links to the newest page and to the next older one.
#[component]
pub(crate) fn Pager(
    /// What the page shows, in words.
    #[prop(into)]
    caption: Signal<String>,
    /// The first page; absent on it.
    newest: Option<String>,
    /// The next page; absent on the last one.
    #[prop(into)]
    older: Signal<Option<String>>,
) -> impl IntoView {
    view! {
        <nav class="pager" aria-label="Pages">
            <span>{move || caption.get()}</span>
            {newest.map(|href| view! { <a class="btn btn-sm" href=href>"Newest"</a> })}
            {move || older.get().map(|href| view! { <a class="btn btn-sm" href=href>"Older"</a> })}
        </nav>
    }
}
