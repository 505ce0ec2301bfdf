//! A reply, whole and in pieces, must be read to the same; nothing may panic.

#![no_main]

use std::sync::Arc;

use domain::FinishReason;
use futures_util::{FutureExt, StreamExt, stream};
use libfuzzer_sys::fuzz_target;
use llm::reading::understood;
use llm::{Delta, ToolSpec};

fuzz_target!(|data: &[u8]| {
    // The first byte chooses the pieces' length and the end.
    let Some((choice, data)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(data) else { return };
    let finish = if choice & 1 == 0 { FinishReason::Stop } else { FinishReason::Length };
    let length = usize::from(choice >> 1) + 1;
    let whole = read(vec![text.to_owned()], finish);
    assert_eq!(read(pieces(text, length), finish), whole);
});

fn pieces(text: &str, length: usize) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    characters.chunks(length).map(|piece| piece.iter().collect()).collect()
}

/// What a reply is read as: text, thinking, and the rest in its order.
fn read(pieces: Vec<String>, finish: FinishReason) -> (String, String, Vec<Delta>) {
    let deltas = pieces.into_iter().map(Delta::Text).chain([Delta::Finish(finish)]);
    let inner = Box::pin(stream::iter(deltas.map(Ok).collect::<Vec<_>>()));
    let deltas: Vec<_> = understood(inner, tools()).collect().now_or_never().unwrap();
    let (mut text, mut thinking, mut rest) = (String::new(), String::new(), Vec::new());
    for delta in deltas {
        match delta {
            Ok(Delta::Text(piece)) => text.push_str(&piece),
            Ok(Delta::Thinking(piece)) => thinking.push_str(&piece),
            Ok(other) => rest.push(other),
            Err(error) => rest.push(Delta::Broken(error.to_string())),
        }
    }
    (text, thinking, rest)
}

fn tools() -> Arc<[ToolSpec]> {
    let tool = |name: &str, parameters| ToolSpec {
        name: name.to_owned(),
        description: String::new(),
        parameters,
    };
    let path = serde_json::json!({
        "properties": { "path": { "type": "string" }, "limit": { "type": "integer" } },
        "required": ["path"],
    });
    Arc::new([tool("fs.read", path), tool("f", serde_json::json!({}))])
}
