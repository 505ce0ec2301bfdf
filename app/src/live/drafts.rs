//! What is typed and not yet sent, kept by the tab: an ended login session or a
//! reload must not take it away.

use leptos::prelude::window;
use web_sys::Storage;

const PREFIX: &str = "openclawssy.draft:";

/// The most bytes of a draft that is kept; as much as a message may have.
const LONGEST: usize = 256 * 1024;

/// Keeps a draft under the name of its place; an empty one is forgotten. Called
/// in the browser only, like all of these.
pub(crate) fn keep(place: &str, text: &str) {
    let Some(store) = store() else { return };
    let key = format!("{PREFIX}{place}");
    // A store that refuses is one that keeps nothing.
    let _ = match text.trim() {
        "" => store.remove_item(&key),
        _ if text.len() > LONGEST => Ok(()),
        _ => store.set_item(&key, text),
    };
}

/// The draft of a place.
pub(crate) fn kept(place: &str) -> Option<String> {
    store()?.get_item(&format!("{PREFIX}{place}")).ok().flatten()
}

/// Forgets all drafts: whoever signs out leaves nothing to read behind.
pub(crate) fn forget_all() {
    let Some(store) = store() else { return };
    let count = store.length().unwrap_or(0);
    let keys: Vec<_> = (0..count).filter_map(|n| store.key(n).ok().flatten()).collect();
    for key in keys.iter().filter(|key| key.starts_with(PREFIX)) {
        let _ = store.remove_item(key);
    }
}

fn store() -> Option<Storage> {
    window().session_storage().ok().flatten()
}
