//! Providers that speak the form of OpenAI's Responses.
//! https://platform.openai.com/docs/api-reference/responses
//!
//! Nothing is stored there: the whole conversation goes out with each request,
//! and what the model thought comes back encrypted and is given back.

mod body;

use domain::FinishReason;
use serde_json::Value;

pub(crate) use self::body::body;
use crate::wire::{Answer, Part, Reader, arguments, count, text};
use crate::{LlmError, Usage};

/// The most items of an answer that are kept to be given back.
const MAX_ITEMS: usize = 256;

/// Reads events of responses, and whole ones.
#[derive(Default)]
pub(crate) struct ResponsesReader {
    /// Whole items, as they are given back.
    items: Vec<Value>,
    /// Whether an item came by itself, so that the list at the end says nothing
    /// new.
    has_items: bool,
    /// Whether the open item's text, or thinking, came in parts.
    text_came: bool,
    thinking_came: bool,
}

impl Reader for ResponsesReader {
    fn read(&mut self, value: Value, answer: &mut Answer) -> Result<(), LlmError> {
        let delta = || text(value.get("delta"));
        match value.get("type").and_then(Value::as_str) {
            Some("response.output_text.delta" | "response.refusal.delta") => {
                self.text_came = true;
                answer.text(delta());
            }
            Some("response.reasoning_summary_text.delta" | "response.reasoning_text.delta") => {
                self.thinking_came = true;
                answer.thinking(delta());
            }
            Some("response.reasoning_summary_part.added")
                if count(&value, "/summary_index").unwrap_or(0) > 0 =>
            {
                answer.thinking("\n\n".to_owned());
            }
            Some("response.output_item.done") => {
                if let Some(item) = value.get("item") {
                    self.has_items = true;
                    self.read_item(item, answer)?;
                }
            }
            Some("response.completed" | "response.incomplete" | "response.done") => {
                if let Some(response) = value.get("response") {
                    self.read_response(response, answer)?;
                }
                answer.end();
            }
            // A whole answer has no type, but is an object of this kind.
            None => self.read_response(&value, answer)?,
            // What is new, or only repeats what deltas said.
            Some(_) => {}
        }
        Ok(())
    }

    fn carried(&mut self, _: &Answer) -> Vec<Value> {
        let encrypted = |item: &Value| item.get("encrypted_content").is_some_and(Value::is_string);
        if self.items.len() <= MAX_ITEMS && self.items.iter().any(encrypted) {
            std::mem::take(&mut self.items)
        } else {
            Vec::new()
        }
    }
}

impl ResponsesReader {
    fn read_response(&mut self, response: &Value, answer: &mut Answer) -> Result<(), LlmError> {
        if !self.has_items {
            for item in response.get("output").and_then(Value::as_array).into_iter().flatten() {
                self.read_item(item, answer)?;
            }
        }
        if let Some(usage) = response.get("usage").filter(|usage| usage.is_object()) {
            answer.count(read_usage(usage));
        }
        match response.get("status").and_then(Value::as_str) {
            Some("completed") => answer.finish(FinishReason::Stop),
            Some("incomplete") => {
                let reason = response.pointer("/incomplete_details/reason").and_then(Value::as_str);
                answer.finish(match reason {
                    Some("content_filter") => FinishReason::ContentFilter,
                    _ => FinishReason::Length,
                });
            }
            Some("failed" | "cancelled") => {
                return Err(LlmError::Cut("the provider reports an error".to_owned()));
            }
            _ => return Err(LlmError::Format("an answer without a known status".to_owned())),
        }
        Ok(())
    }

    /// A whole item: calls are taken from here alone, whatever their parts said.
    fn read_item(&mut self, item: &Value, answer: &mut Answer) -> Result<(), LlmError> {
        let word = |name: &str| item.get(name).and_then(Value::as_str).map(str::to_owned);
        match item.get("type").and_then(Value::as_str) {
            Some("function_call") => answer.whole_call(Part {
                index: None,
                id: word("call_id").or_else(|| word("id")),
                name: word("name"),
                arguments: arguments(item.get("arguments")),
            })?,
            Some("message") => {
                if !std::mem::take(&mut self.text_came) {
                    answer.text(text(item.get("content")) + &refusals(item));
                }
            }
            Some("reasoning") => {
                if !std::mem::take(&mut self.thinking_came) {
                    answer.thinking(text(item.get("summary")) + &text(item.get("content")));
                }
            }
            _ => return Ok(()),
        }
        if self.items.len() <= MAX_ITEMS {
            let mut kept = item.clone();
            // Ids name what is stored there, and nothing is.
            if let Some(fields) = kept.as_object_mut() {
                fields.remove("id");
                fields.remove("status");
            }
            self.items.push(kept);
        }
        Ok(())
    }
}

fn refusals(item: &Value) -> String {
    let parts = item.get("content").and_then(Value::as_array);
    parts.into_iter().flatten().map(|part| text(part.get("refusal"))).collect()
}

/// Cached tokens are among the tokens sent, thinking among those written.
fn read_usage(usage: &Value) -> Usage {
    let input_tokens = count(usage, "/input_tokens").unwrap_or(0);
    let cached = count(usage, "/input_tokens_details/cached_tokens").unwrap_or(0);
    Usage {
        input_tokens,
        output_tokens: count(usage, "/output_tokens").unwrap_or(0),
        cached_tokens: cached.min(input_tokens),
    }
}
