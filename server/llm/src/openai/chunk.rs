//! What a provider sends, as far as it is read.
//!
//! Fields nobody needs are not named, and nothing is required: a provider that
//! leaves one out or adds one is no fault.

use serde::Deserialize;
use serde_json::Value;

use crate::Usage;

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
    reasoning_content: Option<Value>,
    reasoning: Option<Value>,
    pub(super) tool_calls: Option<Vec<CallPart>>,
}

/// A part of a tool call, or a whole one.
#[derive(Debug, Default, Deserialize)]
pub(super) struct CallPart {
    pub(super) index: Option<u64>,
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
        let count = |path: &str| usage.pointer(path).and_then(Value::as_u64);
        let input_tokens = count("/prompt_tokens").unwrap_or(0);
        let cached = count("/prompt_tokens_details/cached_tokens")
            .or_else(|| count("/prompt_cache_hit_tokens"))
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
        if first.is_empty() { text(self.reasoning.as_ref()) } else { first }
    }
}

impl CallPart {
    pub(super) fn id(&self) -> Option<&str> {
        self.id.as_deref().filter(|id| !id.is_empty())
    }

    pub(super) fn name(&self) -> Option<&str> {
        self.function.as_ref()?.name.as_deref().filter(|name| !name.is_empty())
    }

    /// New characters of the arguments. Some providers send the object itself.
    pub(super) fn arguments(&self) -> String {
        match self.function.as_ref().and_then(|function| function.arguments.as_ref()) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(object) => object.to_string(),
        }
    }
}

/// Text is a string, or a list of parts of which some have text.
fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => {
            parts.iter().filter_map(|part| part.get("text")?.as_str()).collect()
        }
        _ => String::new(),
    }
}
