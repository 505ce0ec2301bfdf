//! Reading whatever comes: any text, cut anywhere.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

#[path = "reading/support.rs"]
mod support;

use domain::FinishReason;
use llm::reading::mend;
use proptest::prelude::*;
use serde_json::Value;

use support::{characters, reply};

/// Parts that decide something, and such that do not.
const PARTS: &[&str] = &[
    "<think>",
    "</think>",
    "<thinking a=\"b\">",
    "</thinking>",
    "<reasoning>",
    "<tool_call>",
    "</tool_call>",
    "<function=fs.read>",
    "</function>",
    "<parameter=path>",
    "<arg_key>path</arg_key>",
    "<arg_value>a</arg_value>",
    "[TOOL_CALLS]",
    "[ARGS]",
    "[THINK]",
    "[/THINK]",
    "<|python_tag|>",
    "<|tool_call|>",
    "<|tool_calls_section_begin|>",
    "<|tool_call_begin|>",
    "functions.fs.read:0",
    "<|tool_call_argument_begin|>",
    "<|tool_call_end|>",
    "<｜tool▁calls▁begin｜>",
    "<｜tool▁call▁begin｜>",
    "<｜tool▁sep｜>",
    "<｜tool▁calls▁end｜>",
    "<|start|>assistant",
    "<|channel|>analysis",
    "<|message|>",
    "<|channel|>commentary to=functions.fs_read",
    "<|call|>",
    "<|end|>",
    "<|eot_id|>",
    "```",
    "```json\n",
    "````",
    "~~~\n",
    "`",
    "``",
    "\n",
    "\n\n",
    " ",
    ";",
    ",",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "\"",
    "'",
    "\\",
    ":",
    "{\"name\":\"fs.read\",\"arguments\":{\"path\":\"a\"}}",
    "{\"name\":\"fs.read\",\"arguments\":{",
    "{\"tool_calls\":[",
    "{\"name\":\"nope\",",
    "{\"city\":1}",
    "[fs.read(path=\"a\")]",
    "[fs.read(",
    "fs.read",
    "time.now",
    "For example:",
    "word",
    "é",
    "🙂",
    "<",
    ">",
    "/",
    "<b>",
    "[x](y)",
    "True",
    "12",
];

fn text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        8 => proptest::sample::select(PARTS).prop_map(str::to_owned),
        1 => "\\PC{0,6}",
    ];
    proptest::collection::vec(part, 0..14).prop_map(|parts| parts.concat())
}

fn finish() -> impl Strategy<Value = FinishReason> {
    prop_oneof![Just(FinishReason::Stop), Just(FinishReason::Length)]
}

/// A text cut at the given fractions of its characters.
fn cut(text: &str, at: &[proptest::sample::Index]) -> Vec<String> {
    let characters = characters(text);
    let mut places: Vec<_> = at.iter().map(|index| index.index(characters.len() + 1)).collect();
    places.sort_unstable();
    let mut pieces = Vec::new();
    let mut begin = 0;
    for place in places.into_iter().chain([characters.len()]) {
        pieces.push(characters[begin..place].concat());
        begin = place;
    }
    pieces
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pieces_change_nothing(
        text in text(),
        at in proptest::collection::vec(any::<proptest::sample::Index>(), 1..6),
        finish in finish(),
    ) {
        let whole = reply([text.as_str()], finish);
        let pieces = cut(&text, &at);
        prop_assert_eq!(&reply(pieces.iter().map(String::as_str), finish), &whole);
        prop_assert_eq!(&reply(characters(&text), finish), &whole);
        // What a person sees was written; nothing is made up.
        prop_assert!(whole.text.len() + whole.thinking.len() <= text.len());
        if whole.raw.is_none() {
            prop_assert_eq!(&whole.text, &text);
        }
    }

    #[test]
    fn text_without_marks_passes_as_it_is(text in "[^<{\\[`~]{0,200}") {
        let read = reply(characters(&text), FinishReason::Stop);
        prop_assert_eq!(read.text, text);
        prop_assert_eq!(read.raw, None);
    }

    #[test]
    fn code_passes_as_it_is(text in text()) {
        let inside = text.replace(['`', '~'], "");
        let code = format!("```rust\n{inside}\n```");
        let read = reply([code.as_str()], FinishReason::Stop);
        prop_assert_eq!(read.text, code);
    }

    #[test]
    fn strict_json_is_mended_to_itself(value in json()) {
        let text = value.to_string();
        let mended = mend(&text).unwrap();
        prop_assert!(mended.notes.is_empty());
        prop_assert_eq!(mended.value, value);
    }

    #[test]
    fn what_is_cut_from_json_is_mended_to_a_part_or_left(value in json(), at in any::<proptest::sample::Index>()) {
        let text = value.to_string();
        let characters = characters(&text);
        let part = characters[..at.index(characters.len() + 1)].concat();
        if let Some(mended) = mend(&part) {
            prop_assert!(mended.value.is_number() || !mended.notes.is_empty() || mended.value == value);
        }
    }

    #[test]
    fn anything_is_mended_to_json_or_left(text in text()) {
        if let Some(mended) = mend(&text) {
            let strict = serde_json::from_str::<Value>(&text).is_ok();
            prop_assert!(strict || !mended.notes.is_empty());
        }
    }
}

/// Replies that were once read otherwise in pieces than as a whole.
#[test]
fn pieces_changed_these_once() {
    // The last mark of a head stands across the limit on its length.
    for filled in 230..=260 {
        let head = format!("<|start|>{}", "a".repeat(filled - "<|start|>".len()));
        let text = format!("{head}<|message|>words <|end|>and more");
        let whole = reply([text.as_str()], FinishReason::Stop);
        for size in [1, 2, 7, 26] {
            let pieces: Vec<_> = characters(&text).chunks(size).map(<[&str]>::concat).collect();
            let read = reply(pieces.iter().map(String::as_str), FinishReason::Stop);
            assert_eq!(read, whole, "{filled} in pieces of {size}");
        }
    }
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[^{\\[]\\PC{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("\\PC{0,6}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}
