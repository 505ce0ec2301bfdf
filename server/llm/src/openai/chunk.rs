//! What a provider sends, as far as it is read.
//!
//! Fields nobody needs are not named, and nothing is required: a provider that
//! leaves one out or adds one is no fault.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::Usage;
use crate::wire::{self, arguments, count, text};

/// One event of a stream, or a whole answer.
#[derive(Debug, Deserialize)]
pub(super) struct Chunk {
    pub(super) choices: Option<Vec<Choice>>,
    usage: Option<Value>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Choice {
    pub(super) index: Option<u64>,
    /// New parts, in a stream.
    delta: Option<Part>,
    /// Everything, in a whole answer.
    message: Option<Part>,
    pub(super) finish_reason: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Part {
    content: Option<Value>,
    refusal: Option<String>,
    pub(super) reasoning_content: Option<Value>,
    reasoning: Option<Value>,
    pub(super) reasoning_details: Option<Vec<Map<String, Value>>>,
    pub(super) tool_calls: Option<Vec<CallPart>>,
}

/// A part of a tool call, or a whole one.
#[derive(Debug, Default, Deserialize)]
pub(super) struct CallPart {
    index: Option<u64>,
    id: Option<String>,
    function: Option<FunctionPart>,
}

#[derive(Debug, Default, Deserialize)]
struct FunctionPart {
    name: Option<String>,
    arguments: Option<Value>,
}

impl Chunk {
    /// What was counted so far. Cached tokens are among the tokens sent.
    pub(super) fn usage(&self) -> Option<Usage> {
        let usage = self.usage.as_ref()?;
        let count = |path| count(usage, path);
        let input_tokens = count("/prompt_tokens").unwrap_or(0);
        let cached = count("/prompt_tokens_details/cached_tokens")
            // DeepSeek's and Kimi's names for it.
            .or_else(|| count("/prompt_cache_hit_tokens"))
            .or_else(|| count("/cached_tokens"))
            .unwrap_or(0);
        Some(Usage {
            input_tokens,
            output_tokens: count("/completion_tokens").unwrap_or(0),
            cached_tokens: cached.min(input_tokens),
        })
    }
}

impl Choice {
    pub(super) fn part(&self) -> Option<&Part> {
        self.delta.as_ref().or(self.message.as_ref())
    }
}

impl Part {
    /// New characters of the answer.
    pub(super) fn text(&self) -> String {
        let refusal = self.refusal.as_deref().unwrap_or_default();
        text(self.content.as_ref()) + refusal
    }

    /// New characters of thinking. Gateways send both fields with the same
    /// text, so one of them counts.
    pub(super) fn thinking(&self) -> String {
        let first = text(self.reasoning_content.as_ref());
        let second = || Some(text(self.reasoning.as_ref())).filter(|text| !text.is_empty());
        if first.is_empty() { second().unwrap_or_else(|| self.thinking_parts()) } else { first }
    }

    /// Mistral puts thinking between the parts of the content.
    fn thinking_parts(&self) -> String {
        let parts = self.content.as_ref().and_then(Value::as_array);
        parts.into_iter().flatten().map(|part| text(part.get("thinking"))).collect()
    }
}

impl CallPart {
    pub(super) fn part(&self) -> wire::Part {
        let function = self.function.as_ref();
        wire::Part {
            index: self.index,
            id: self.id.clone(),
            name: function.and_then(|function| function.name.clone()),
            arguments: arguments(function.and_then(|function| function.arguments.as_ref())),
        }
    }
}
