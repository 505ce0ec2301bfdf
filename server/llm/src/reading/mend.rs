//! Mending slightly broken JSON.
//!
//! Models write JSON by hand: a comma too many, a bracket too few, Python's
//! words, quotes of a typesetter. What was meant is plain in these cases, and
//! asking again costs a step. Every liberty taken is noted, so that a person can
//! see afterwards why a call ran. What would need guessing (a word without
//! quotes as a value, a quote inside a string) is left broken.
//!
//! Strict JSON is never touched, not even its spaces.

mod note;
mod parser;
mod strings;

use std::borrow::Cow;

use serde::de::IgnoredAny;
use serde_json::Value;

pub use note::{Note, Notes};
pub(super) use parser::Parser;

/// The most bytes of a text that is mended.
const MAX_BYTES: usize = 256 << 10;

/// A JSON text as it was meant.
#[derive(Debug, Clone, PartialEq)]
pub struct Mended {
    /// What it says.
    pub value: Value,
    /// What had to be mended; empty for strict JSON.
    pub notes: Notes,
}

/// Reads JSON, strict or slightly broken. None where it cannot be told what was
/// meant, over 256 KiB, and over 64 levels deep.
pub fn mend(text: &str) -> Option<Mended> {
    let strict = strict(text)?;
    let value = serde_json::from_str(&strict.json).ok()?;
    let too_deep = strict.notes.is_empty() && depth(text) > parser::MAX_DEPTH;
    (!too_deep).then_some(Mended { value, notes: strict.notes })
}

/// A text as strict JSON.
#[derive(Debug)]
pub(super) struct Strict<'a> {
    /// The JSON; borrowed where nothing had to be mended.
    pub(super) json: Cow<'a, str>,
    /// What had to be mended.
    pub(super) notes: Notes,
    /// Whether the text ended inside a value, so that the value may be only a
    /// part of what was meant.
    pub(super) cut: bool,
    /// How many bytes of the text it takes.
    pub(super) end: usize,
}

/// The whole text as strict JSON.
pub(super) fn strict(text: &str) -> Option<Strict<'_>> {
    if text.len() > MAX_BYTES {
        return None;
    }
    if serde_json::from_str::<Value>(text).is_ok() {
        return unwrapped(text);
    }
    mended(text).or_else(|| escaped_as_a_whole(text))
}

/// The first value of a text that may go on after it.
pub(super) fn first(text: &str) -> Option<Strict<'_>> {
    if text.len() > MAX_BYTES {
        return None;
    }
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    if let Some(Ok(_)) = values.next() {
        let end = values.byte_offset();
        let json = Cow::Borrowed(text[..end].trim());
        return Some(Strict { json, notes: Notes::default(), cut: false, end });
    }
    let mut parser = Parser::new(text);
    parser.value()?;
    Some(parser.finish())
}

fn mended(text: &str) -> Option<Strict<'_>> {
    let mut parser = Parser::new(text);
    parser.value()?;
    parser.leftovers()?;
    Some(parser.finish())
}

/// JSON inside a JSON string, which some models write for arguments. Anything
/// else is taken as it is.
fn unwrapped(text: &str) -> Option<Strict<'_>> {
    let plain =
        Strict { json: Cow::Borrowed(text), notes: Notes::default(), cut: false, end: text.len() };
    if !text.trim_start().starts_with('"') {
        return Some(plain);
    }
    let Ok(inner) = serde_json::from_str::<String>(text) else { return Some(plain) };
    if !inner.trim_start().starts_with(['{', '[']) {
        return Some(plain);
    }
    Some(decoded(&inner, text.len()).unwrap_or(plain))
}

/// An object whose quotes are all escaped, without the string around it.
fn escaped_as_a_whole(text: &str) -> Option<Strict<'_>> {
    if !text.trim_start().starts_with("{\\\"") {
        return None;
    }
    let inner: String = serde_json::from_str(&format!("\"{text}\"")).ok()?;
    decoded(&inner, text.len())
}

fn decoded(inner: &str, end: usize) -> Option<Strict<'static>> {
    let (json, mut notes, cut) = match serde_json::from_str::<Value>(inner) {
        Ok(_) => (inner.to_owned(), Notes::default(), false),
        Err(_) => {
            let strict = mended(inner)?;
            (strict.json.into_owned(), strict.notes, strict.cut)
        }
    };
    notes.add(Note::DoubleEncoding);
    Some(Strict { json: Cow::Owned(json), notes, cut, end })
}

/// How deep strict JSON is nested.
fn depth(json: &str) -> usize {
    let (mut now, mut most, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                now += 1;
                most = most.max(now);
            }
            b'}' | b']' if !in_string => now = now.saturating_sub(1),
            _ => {}
        }
    }
    most
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

    use super::*;
    use serde_json::json;

    fn check(text: &str, value: Value, notes: &[Note]) {
        let mended = mend(text).unwrap_or_else(|| panic!("not mended: {text}"));
        assert_eq!(mended.value, value, "{text}");
        assert_eq!(mended.notes.iter().collect::<Vec<_>>(), notes, "{text}");
    }

    #[test]
    fn strict_json_is_left_as_it_is() {
        for text in ["{}", " {\"a\" : [1, 2.50, \"x\\n\"]}\n", "7", "\"text\"", "null"] {
            let strict = strict(text).unwrap();
            assert_eq!(strict.json, text);
            assert!(matches!(strict.json, Cow::Borrowed(_)));
            assert!(strict.notes.is_empty());
        }
    }

    #[test]
    fn commas_and_brackets() {
        let a = || json!({ "a": [1, 2] });
        check("{\"a\":[1,2,],}", a(), &[Note::SurplusComma]);
        check("{\"a\":[1,,2]}", a(), &[Note::SurplusComma]);
        check("{\"a\":[1 2]}", a(), &[Note::MissingComma]);
        check("{\"a\":[1,2", a(), &[Note::UnclosedBracket]);
        check("{\"a\":[1,2}", a(), &[Note::UnclosedBracket]);
        check("{\"a\":[1,2]}}", a(), &[Note::SurplusBracket]);
        check("{\"a\":[1,2)]}", a(), &[Note::SurplusBracket]);
        check("{\"a\":1\n\"b\":2}", json!({ "a": 1, "b": 2 }), &[Note::MissingComma]);
    }

    #[test]
    fn quotes_keys_and_words() {
        check("{'a':'it\\'s \"x\"'}", json!({ "a": "it's \"x\"" }), &[Note::Quotes]);
        check("{“a”: “b”}", json!({ "a": "b" }), &[Note::Quotes]);
        check(
            "{\"a\": \"\"\"x\n\"y\" \"\"\"}",
            json!({ "a": "x\n\"y\" " }),
            &[Note::Quotes, Note::RawControl],
        );
        check("{path: \"x\", $n-1: 2}", json!({ "path": "x", "$n-1": 2 }), &[Note::BareKey]);
        check("{1: true}", json!({ "1": true }), &[Note::BareKey]);
        check("[True, False, None, undefined]", json!([true, false, null, null]), &[Note::Word]);
        check("[NaN, -Infinity, Infinity]", json!([null, null, null]), &[Note::NotANumber]);
        check("[+1, .5, 2., -.5]", json!([1, 0.5, 2.0, -0.5]), &[Note::Number]);
    }

    #[test]
    fn strings() {
        check("{\"a\":\"x\ny\tz\r\u{1}\"}", json!({ "a": "x\ny\tz\r\u{1}" }), &[Note::RawControl]);
        check("{\"a\":\"\\d+ C:\\Users\"}", json!({ "a": "\\d+ C:\\Users" }), &[Note::Escape]);
        check("[\"\\ud83d\\ude42 \\ud83d x\"]", json!(["🙂 \u{fffd} x"]), &[Note::Escape]);
        check("{\"a\":\"x", json!({ "a": "x" }), &[Note::UnclosedString, Note::UnclosedBracket]);
        check("{\"a\":\"x\\", json!({ "a": "x" }), &[Note::UnclosedString, Note::UnclosedBracket]);
        check("\"{'a':1}\"", json!({ "a": 1 }), &[Note::Quotes, Note::DoubleEncoding]);
        check("\"{\\\"a\\\":1}\"", json!({ "a": 1 }), &[Note::DoubleEncoding]);
        check("{\\\"a\\\":\\\"x\\\"}", json!({ "a": "x" }), &[Note::DoubleEncoding]);
    }

    #[test]
    fn comments_and_odd_spaces() {
        let text = "// first\n{\"a\":1, # one\n/* two */\"b\":\"http://x#y\"}";
        check(text, json!({ "a": 1, "b": "http://x#y" }), &[Note::Comment]);
        check("{\u{a0}\"a\":1}", json!({ "a": 1 }), &[Note::Space]);
    }

    #[test]
    fn numbers_and_order_stay_as_written() {
        let strict = strict("{z:1.50,a:12345678901234567890123,}").unwrap();
        assert_eq!(strict.json, "{\"z\":1.50,\"a\":12345678901234567890123}");
    }

    #[test]
    fn a_cut_value_is_known_as_cut() {
        let cut = |text: &str| strict(text).unwrap().cut;
        for text in
            ["{\"a\":\"x", "{\"a\":12", "{\"a\":", "{\"a", "{\"a\":tru", "{\"a\":[\"b\",\"c"]
        {
            assert!(strict(text).is_none_or(|s| s.cut), "{text}");
        }
        for text in ["{\"a\":\"x\"", "{\"a\":[1]", "{\"a\":\"x\",", "{", "{\"a\":true "] {
            assert!(!cut(text), "{text}");
        }
    }

    #[test]
    fn what_would_need_guessing_is_left() {
        for text in [
            "",
            "hello",
            "{\"a\":foo}",
            "{\"a\":\"say \"hi\" to\"}",
            "{\"a\":1} and more",
            "{\"a\" 1}",
            "{\"a\":}",
            "{\"a\":007}",
            "{]",
            "/* open",
        ] {
            assert!(mend(text).is_none(), "{text}");
        }
    }

    #[test]
    fn size_and_depth_are_bounded() {
        let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(mend(&nested(64)).is_some());
        assert!(mend(&nested(65)).is_none());
        assert!(mend(&"[".repeat(64)).is_some());
        assert!(mend(&"[".repeat(65)).is_none());
        assert!(mend(&"[".repeat(MAX_BYTES)).is_none());
        assert!(mend(&format!("\"{}\"", "x".repeat(MAX_BYTES))).is_none());
    }
}
