//! What the tests of reading share: tools, and a reply put through the reader.

// Each test binary uses a part of it.
#![allow(dead_code, unreachable_pub)]

use std::sync::Arc;

use domain::FinishReason;
use futures_util::{FutureExt, StreamExt, stream};
use llm::reading::understood;
use llm::{Delta, DeltaStream, LlmError, ToolCall, ToolSpec};
use serde_json::{Value, json};

/// What a reply was read as, its pieces joined.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Read {
    pub text: String,
    pub thinking: String,
    pub calls: Vec<ToolCall>,
    pub broken: Vec<String>,
    pub raw: Option<String>,
    pub finish: Option<FinishReason>,
    pub error: Option<LlmError>,
}

pub fn tools() -> Arc<[ToolSpec]> {
    let tool = |name: &str, required: &[&str], properties: Value| ToolSpec {
        name: name.to_owned(),
        description: String::new(),
        parameters: json!({ "type": "object", "properties": properties, "required": required }),
    };
    let text = || json!({ "type": "string" });
    let number = || json!({ "type": ["integer", "null"] });
    Arc::new([
        tool("fs.read", &["path"], json!({ "path": text(), "limit": number() })),
        tool("fs.write", &["path", "content"], json!({ "path": text(), "content": text() })),
        tool("fs.list", &[], json!({ "path": text() })),
        tool(
            "shell.exec",
            &["command"],
            json!({ "command": text(), "timeout": number(), "background": { "type": "boolean" } }),
        ),
        tool("time.now", &[], json!({})),
        tool(
            "web.search",
            &["query"],
            json!({ "query": text(), "limit": number(), "tags": { "type": "array" } }),
        ),
        tool("read", &["path"], json!({ "path": text() })),
    ])
}

/// Reads what a provider sends.
pub fn read(deltas: Vec<Result<Delta, LlmError>>) -> Read {
    let inner: DeltaStream = Box::pin(stream::iter(deltas));
    let deltas: Vec<_> = understood(inner, tools()).collect().now_or_never().unwrap();
    let mut read = Read::default();
    for delta in deltas {
        assert_eq!(read.error, None, "nothing follows an error");
        match delta {
            Ok(Delta::Text(text)) => read.text.push_str(&text),
            Ok(Delta::Thinking(text)) => read.thinking.push_str(&text),
            Ok(Delta::Call(call)) => read.calls.push(call),
            Ok(Delta::Broken(markup)) => read.broken.push(markup),
            Ok(Delta::Raw(raw)) => assert_eq!(read.raw.replace(raw), None, "raw comes once"),
            Ok(Delta::Finish(reason)) => read.finish = Some(reason),
            Ok(Delta::Usage(_) | Delta::Carried(_)) => {}
            Err(error) => read.error = Some(error),
        }
    }
    read
}

/// Reads a reply that comes in these pieces and ends for this reason.
pub fn reply<'a>(pieces: impl IntoIterator<Item = &'a str>, finish: FinishReason) -> Read {
    let pieces = pieces.into_iter().map(|piece| Ok(Delta::Text(piece.to_owned())));
    read(pieces.chain([Ok(Delta::Finish(finish))]).collect())
}

/// Every place where a text can be split.
pub fn places(text: &str) -> Vec<usize> {
    text.char_indices().map(|(at, _)| at).skip(1).collect()
}

/// A text one character at a time.
pub fn characters(text: &str) -> Vec<&str> {
    text.char_indices().map(|(at, c)| &text[at..at + c.len_utf8()]).collect()
}
