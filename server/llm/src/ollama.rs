//! Ollama's own form.
//! https://github.com/ollama/ollama/blob/main/docs/api.md

mod body;

use domain::FinishReason;
use serde_json::{Value, json};

pub(crate) use self::body::body;
use crate::wire::{Answer, Part, Reader, arguments, count, text};
use crate::{LlmError, Usage};

/// The most bytes of thinking that are kept to be given back.
const MAX_KEPT: usize = 1 << 20;

/// Reads lines of a chat, and whole answers.
#[derive(Default)]
pub(crate) struct OllamaReader {
    thinking: String,
}

impl Reader for OllamaReader {
    fn read(&mut self, value: Value, answer: &mut Answer) -> Result<(), LlmError> {
        if let Some(message) = value.get("message") {
            let thinking = text(message.get("thinking"));
            if self.thinking.len() <= MAX_KEPT {
                self.thinking.push_str(&thinking);
            }
            answer.thinking(thinking);
            answer.text(text(message.get("content")));
            // Calls come whole, each in one piece, most often without an id.
            let calls = message.get("tool_calls").and_then(Value::as_array);
            for call in calls.into_iter().flatten() {
                answer.whole_call(Part {
                    index: None,
                    id: call.get("id").and_then(Value::as_str).map(str::to_owned),
                    name: call.pointer("/function/name").and_then(Value::as_str).map(str::to_owned),
                    arguments: arguments(call.pointer("/function/arguments")),
                })?;
            }
        }
        if value.get("done").and_then(Value::as_bool) == Some(true) {
            let reason = value.get("done_reason").and_then(Value::as_str);
            answer.finish(match reason {
                Some("length") => FinishReason::Length,
                _ => FinishReason::Stop,
            });
            if value.get("eval_count").is_some() {
                answer.count(Usage {
                    input_tokens: count(&value, "/prompt_eval_count").unwrap_or(0),
                    output_tokens: count(&value, "/eval_count").unwrap_or(0),
                    cached_tokens: 0,
                });
            }
            answer.end();
        }
        Ok(())
    }

    fn carried(&mut self, answer: &Answer) -> Vec<Value> {
        // Models that think between calls read it there and nowhere else.
        if !answer.has_calls() || self.thinking.is_empty() || self.thinking.len() > MAX_KEPT {
            return Vec::new();
        }
        vec![json!({ "thinking": std::mem::take(&mut self.thinking) })]
    }
}
