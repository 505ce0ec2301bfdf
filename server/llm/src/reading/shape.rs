//! The shapes in which a call stands as JSON.
//!
//! A name under one of a few keys, arguments under one of a few others; lists
//! of these, and the envelopes of several interfaces around them.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

const NAMES: [&str; 5] = ["name", "tool_name", "tool", "function", "function_name"];
const ARGUMENTS: [&str; 4] = ["arguments", "parameters", "args", "input"];
const ENVELOPES: [&str; 3] = ["tool_calls", "tool_call", "function_call"];
/// What may stand beside name and arguments.
const BESIDE: [&str; 6] = ["id", "type", "index", "call_id", "tool_call_id", "role"];

/// The most envelopes and lists inside each other.
const MAX_DEPTH: usize = 4;

/// One call as it stands in JSON.
#[derive(Debug)]
pub(super) struct Shape {
    /// The name, as it is written.
    pub(super) name: String,
    /// The arguments as JSON, if any are given.
    pub(super) arguments: Option<String>,
    /// What else the object says.
    pub(super) company: Company,
}

/// Whether there are keys that no call has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Company {
    /// There are none.
    Usual,
    /// There are some: this may be another kind of object.
    Strange,
}

/// The calls that a strict JSON value says. None where any part of it is
/// something else.
pub(super) fn shapes(json: &str) -> Option<Vec<Shape>> {
    let mut found = Vec::new();
    collect(json, 0, &mut found)?;
    (!found.is_empty()).then_some(found)
}

/// Whether an object may still turn out to be a call, told by the text of its
/// beginning. Anything else that a model writes in braces is let go by its
/// first key.
pub(super) fn may_begin(text: &str) -> bool {
    let inside = text.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '{' | '['));
    let Some(first) = inside.chars().next() else { return true };
    let quoted = matches!(first, '"' | '\'' | '“' | '‘');
    let key = if quoted { &inside[first.len_utf8()..] } else { inside };
    let in_key = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = key.find(|c| !in_key(c));
    let known = || NAMES.iter().chain(&ARGUMENTS).chain(&ENVELOPES).chain(&BESIDE);
    match end {
        None => known().any(|name| name.starts_with(key)),
        // A comment may come before the key.
        Some(0) => key.starts_with(['/', '#']),
        Some(end) => known().any(|name| *name == &key[..end]),
    }
}

/// The name that an object begins with, once it is complete.
pub(super) fn first_name(text: &str) -> Option<&str> {
    let inside = text.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '{' | '['));
    let key = inside.strip_prefix('"')?;
    let (key, rest) = key.split_once('"')?;
    let value = rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
    let (name, _) = value.split_once('"')?;
    NAMES.contains(&key).then_some(name)
}

/// A name in an object that is broken or not all there.
pub(super) fn leading_name(text: &str) -> Option<&str> {
    NAMES.iter().find_map(|key| {
        let at = text.find(&format!("\"{key}\""))?;
        let value = text[at + key.len() + 2..].trim_start().strip_prefix(':')?.trim_start();
        let value = value.strip_prefix('"')?;
        value.find('"').map(|end| &value[..end])
    })
}

fn collect(json: &str, depth: usize, found: &mut Vec<Shape>) -> Option<()> {
    if depth > MAX_DEPTH {
        return None;
    }
    if json.trim_start().starts_with('[') {
        let items: Vec<&RawValue> = serde_json::from_str(json).ok()?;
        return items.into_iter().try_for_each(|item| collect(item.get(), depth + 1, found));
    }
    let keys: BTreeMap<String, &RawValue> = serde_json::from_str(json).ok()?;
    if let Some(inner) = ENVELOPES.iter().find_map(|key| keys.get(*key)) {
        let alone = |key: &String| {
            ENVELOPES.contains(&key.as_str()) || matches!(key.as_str(), "content" | "role")
        };
        return keys.keys().all(alone).then(|| collect(inner.get(), depth + 1, found))?;
    }
    if let Some(function) = keys.get("function").filter(|value| value.get().starts_with('{')) {
        return collect(function.get(), depth + 1, found);
    }
    let name_key = NAMES.iter().find(|key| keys.contains_key(**key))?;
    let name: String = serde_json::from_str(keys.get(*name_key)?.get()).ok()?;
    let argument_key = ARGUMENTS.iter().find(|key| keys.contains_key(**key));
    let usual = |key: &str| {
        key == *name_key || BESIDE.contains(&key) || argument_key.is_some_and(|own| *own == key)
    };
    let company = match keys.keys().all(|key| usual(key)) {
        true => Company::Usual,
        false => Company::Strange,
    };
    let arguments = argument_key.and_then(|key| keys.get(*key)).map(|raw| raw.get().to_owned());
    found.push(Shape { name, arguments, company });
    Some(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

    use super::*;

    #[test]
    fn calls_are_found_in_every_envelope() {
        let call = "{\"name\":\"a\",\"arguments\":{\"x\":1}}";
        for json in [
            call.to_owned(),
            format!("[{call}]"),
            format!("{{\"tool_calls\":[{call}]}}"),
            format!(
                "{{\"content\":\"\",\"tool_calls\":[{{\"type\":\"function\",\"function\":{call}}}]}}"
            ),
            format!("{{\"type\":\"function\",\"function\":{call}}}"),
            format!("{{\"tool_call\":{call}}}"),
            "{\"tool_name\":\"a\",\"arguments\":{\"x\":1}}".to_owned(),
            "{\"tool\":\"a\",\"args\":{\"x\":1}}".to_owned(),
            "{\"type\":\"function\",\"function\":\"a\",\"parameters\":{\"x\":1}}".to_owned(),
        ] {
            let shapes = shapes(&json).unwrap();
            assert_eq!(shapes.len(), 1, "{json}");
            assert_eq!(shapes[0].name, "a", "{json}");
            assert_eq!(shapes[0].arguments.as_deref(), Some("{\"x\":1}"), "{json}");
            assert_eq!(shapes[0].company, Company::Usual, "{json}");
        }
    }

    #[test]
    fn other_objects_are_none_or_strange() {
        for json in ["{}", "[]", "7", "{\"a\":1}", "[{\"name\":\"a\"},7]", "{\"name\":7}"] {
            assert!(shapes(json).is_none(), "{json}");
        }
        let other = shapes("{\"name\":\"read\",\"status\":\"ok\"}").unwrap();
        assert_eq!(other[0].company, Company::Strange);
        assert!(shapes("{\"tool_calls\":[{\"name\":\"a\"}],\"total\":1}").is_none());
    }

    #[test]
    fn an_object_is_let_go_by_its_first_key() {
        for text in ["{", "{ \"na", "[{\"tool_calls\"", "{\"name\": \"x", "{'tool", "{name"] {
            assert!(may_begin(text), "{text}");
        }
        for text in ["{\"city", "{\"namespace\"", "{}", "{1", "[1", "{\"\""] {
            assert!(!may_begin(text), "{text}");
        }
    }
}
