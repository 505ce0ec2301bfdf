//! Which tab this is, so that the newest stream of a tab replaces its older one.

use std::cell::OnceCell;

use leptos::prelude::{window, window_event_listener_untyped};

const KEY: &str = "openclawssy.tab";

thread_local! {
    static TAB: OnceCell<String> = const { OnceCell::new() };
}

/// The id of this tab, the same after a reload. Called in the browser only.
///
/// A browser copies its store into a duplicated tab, and two tabs with one id
/// would take the stream from each other for ever. So the id lies in the store
/// only between two pages of the same tab, and is taken out while one lives.
pub(super) fn id() -> String {
    TAB.with(|tab| tab.get_or_init(begin).clone())
}

fn begin() -> String {
    let store = || window().session_storage().ok().flatten();
    let kept = store().and_then(|store| {
        let kept = store.get_item(KEY).ok().flatten();
        // A store that refuses is one that keeps nothing.
        let _ = store.remove_item(KEY);
        kept
    });
    let id = kept.unwrap_or_else(random);
    let leaving = id.clone();
    window_event_listener_untyped("pagehide", move |_| {
        if let Some(store) = store() {
            let _ = store.set_item(KEY, &leaving);
        }
    });
    id
}

// No secret: it only has to differ from the ids of a person's other tabs.
fn random() -> String {
    let half = || (js_sys::Math::random() * f64::from(u32::MAX)) as u32;
    format!("{:08x}{:08x}", half(), half())
}
