//! Providers that speak the form of Google's Gemini API.
//! https://ai.google.dev/api/generate-content

mod body;
mod schema;

use domain::FinishReason;
use serde_json::{Value, json};

pub(crate) use self::body::body;
use crate::wire::{Answer, Part, Reader, arguments, count, text};
use crate::{LlmError, Usage};

/// The most bytes of parts that are kept to be given back; more is not given
/// back at all.
const MAX_KEPT: usize = 1 << 20;

/// Reads events of generated content, and whole ones.
#[derive(Default)]
pub(crate) struct GeminiReader {
    /// The parts, as they are given back.
    parts: Vec<Value>,
    bytes: usize,
}

impl Reader for GeminiReader {
    fn read(&mut self, value: Value, answer: &mut Answer) -> Result<(), LlmError> {
        if let Some(usage) = value.get("usageMetadata") {
            answer.count(read_usage(usage));
        }
        if let Some(candidate) = value.pointer("/candidates/0") {
            let parts = candidate.pointer("/content/parts").and_then(Value::as_array);
            for part in parts.into_iter().flatten() {
                self.read_part(part, answer)?;
            }
            if let Some(word) = candidate.get("finishReason").and_then(Value::as_str) {
                answer.finish(finish_reason(word));
            }
        } else if value.pointer("/promptFeedback/blockReason").is_some() {
            // It was not even asked.
            answer.finish(FinishReason::ContentFilter);
        }
        Ok(())
    }

    fn carried(&mut self, _: &Answer) -> Vec<Value> {
        let is_signed = |part: &Value| part.get("thoughtSignature").is_some();
        if self.bytes <= MAX_KEPT && self.parts.iter().any(is_signed) {
            std::mem::take(&mut self.parts)
        } else {
            Vec::new()
        }
    }
}

impl GeminiReader {
    fn read_part(&mut self, part: &Value, answer: &mut Answer) -> Result<(), LlmError> {
        let words = text(part.get("text"));
        if part.get("thought").and_then(Value::as_bool) == Some(true) {
            answer.thinking(words.clone());
        } else {
            answer.text(words.clone());
        }
        if let Some(call) = part.get("functionCall") {
            let word = |name: &str| call.get(name).and_then(Value::as_str).map(str::to_owned);
            answer.whole_call(Part {
                index: None,
                id: word("id"),
                name: word("name"),
                arguments: arguments(call.get("args")),
            })?;
        }
        self.keep(part, words);
        Ok(())
    }

    /// Signatures belong to the parts they came with, so those stay as they are;
    /// plain text is joined, and thinking that nobody signed is left out.
    fn keep(&mut self, part: &Value, words: String) {
        self.bytes += part.to_string().len();
        if self.bytes > MAX_KEPT {
            return;
        }
        let is_plain = |part: &Value| {
            part.as_object().is_some_and(|fields| fields.len() == 1) && part["text"].is_string()
        };
        if is_plain(part) {
            if let Some(last) = self.parts.last_mut().filter(|last| is_plain(last)) {
                *last = json!({ "text": text(last.get("text")) + &words });
            } else if !words.is_empty() {
                self.parts.push(part.clone());
            }
        } else if part.get("thought").is_none() || part.get("thoughtSignature").is_some() {
            self.parts.push(part.clone());
        }
    }
}

/// Cached tokens are among those of the prompt; thinking is counted apart from
/// what was written.
fn read_usage(usage: &Value) -> Usage {
    let sum = |paths: [&str; 2]| {
        let counts = paths.iter().map(|path| count(usage, path).unwrap_or(0));
        counts.fold(0, u64::saturating_add)
    };
    let input_tokens = sum(["/promptTokenCount", "/toolUsePromptTokenCount"]);
    Usage {
        input_tokens,
        output_tokens: sum(["/candidatesTokenCount", "/thoughtsTokenCount"]),
        cached_tokens: count(usage, "/cachedContentTokenCount").unwrap_or(0).min(input_tokens),
    }
}

fn finish_reason(word: &str) -> FinishReason {
    match word {
        "MAX_TOKENS" => FinishReason::Length,
        "SAFETY" | "RECITATION" | "BLOCKLIST" | "PROHIBITED_CONTENT" | "SPII" | "IMAGE_SAFETY" => {
            FinishReason::ContentFilter
        }
        // Among the rest are calls that the provider could not read: nothing
        // came, and so the answer is empty.
        _ => FinishReason::Stop,
    }
}
