//! Mending must not panic, must leave strict JSON alone, and must say what it
//! did to the rest.

#![no_main]

use libfuzzer_sys::fuzz_target;
use llm::reading::{mend, typed_call};
use serde_json::Value;

fuzz_target!(|text: &str| {
    let strict = serde_json::from_str::<Value>(text);
    if let Some(mended) = mend(text) {
        match strict {
            Ok(value) if mended.notes.is_empty() => assert_eq!(mended.value, value),
            // Only a string that holds JSON is read as something else.
            Ok(value) => assert!(value.is_string()),
            Err(_) => assert!(!mended.notes.is_empty()),
        }
    }
    typed_call(text);
});
