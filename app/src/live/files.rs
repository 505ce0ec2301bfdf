//! Files that a person chose, read by the browser.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{File, FileReader};

/// Reads a file as a URL that holds it, and hands it on: `None` where it cannot be
/// read. Called in the browser only.
pub(crate) fn read_file(file: &File, then: impl FnOnce(Option<String>) + 'static) {
    let Ok(reader) = FileReader::new() else { return then(None) };
    let done = {
        let reader = reader.clone();
        // Called once, at the end, however it ended; then it is let go.
        Closure::once_into_js(move || then(reader.result().ok().and_then(|url| url.as_string())))
    };
    reader.set_onloadend(Some(done.unchecked_ref()));
    // It fails only for a reader that is at work.
    let _ = reader.read_as_data_url(file);
}
