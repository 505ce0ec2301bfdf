//! Providers that speak the form of Anthropic's Messages.
//! https://platform.claude.com/docs/en/api/messages

mod blocks;
mod body;

use domain::FinishReason;
use serde_json::Value;

use self::blocks::Blocks;
pub(crate) use self::body::body;
use crate::wire::{Answer, Reader, count, text};
use crate::{LlmError, Usage};

/// Reads events of messages, and whole ones.
#[derive(Default)]
pub(crate) struct AnthropicReader {
    blocks: Blocks,
    counted: Counted,
}

impl Reader for AnthropicReader {
    fn read(&mut self, value: Value, answer: &mut Answer) -> Result<(), LlmError> {
        let index = value.get("index").and_then(Value::as_u64);
        match value.get("type").and_then(Value::as_str) {
            Some("message_start") => {
                if let Some(message) = value.get("message") {
                    self.read_message(message, answer)?;
                }
            }
            Some("content_block_start") => {
                if let Some(block) = value.get("content_block") {
                    self.blocks.begin(index, block, answer)?;
                }
            }
            Some("content_block_delta") => {
                if let Some(delta) = value.get("delta") {
                    self.blocks.add(index, delta, answer)?;
                }
            }
            Some("message_delta") => {
                self.count(&value, answer);
                if let Some(word) = value.pointer("/delta/stop_reason").and_then(Value::as_str) {
                    answer.finish(finish_reason(word));
                }
            }
            Some("message_stop") => answer.end(),
            Some("message") => self.read_message(&value, answer)?,
            // Pings, the ends of blocks, and what is new.
            Some(_) => {}
            None => return Err(LlmError::Format("an event without a type".to_owned())),
        }
        Ok(())
    }

    fn carried(&mut self, _: &Answer) -> Vec<Value> {
        std::mem::take(&mut self.blocks).signed()
    }
}

impl AnthropicReader {
    /// A message with all that is in it already: all of a whole answer, and next
    /// to nothing at the beginning of a stream.
    fn read_message(&mut self, message: &Value, answer: &mut Answer) -> Result<(), LlmError> {
        for block in message.get("content").and_then(Value::as_array).into_iter().flatten() {
            self.blocks.begin(None, block, answer)?;
        }
        self.count(message, answer);
        if let Some(word) = message.get("stop_reason").and_then(Value::as_str) {
            answer.finish(finish_reason(word));
        }
        Ok(())
    }

    fn count(&mut self, value: &Value, answer: &mut Answer) {
        if let Some(usage) = value.get("usage") {
            self.counted.add(usage);
            answer.count(self.counted.usage());
        }
    }
}

/// Counts come at the beginning and at the end; each is all up to there, and
/// what one event leaves out another has.
#[derive(Default)]
struct Counted {
    fresh: u64,
    written: u64,
    cached: u64,
    output: u64,
}

impl Counted {
    fn add(&mut self, usage: &Value) {
        for (place, path) in [
            (&mut self.fresh, "/input_tokens"),
            (&mut self.written, "/cache_creation_input_tokens"),
            (&mut self.cached, "/cache_read_input_tokens"),
            (&mut self.output, "/output_tokens"),
        ] {
            *place = count(usage, path).unwrap_or(0).max(*place);
        }
    }

    /// `input_tokens` leaves out what was read from the cache or written to it.
    fn usage(&self) -> Usage {
        Usage {
            input_tokens: self.fresh.saturating_add(self.written).saturating_add(self.cached),
            output_tokens: self.output,
            cached_tokens: self.cached,
        }
    }
}

fn finish_reason(word: &str) -> FinishReason {
    match word {
        "tool_use" => FinishReason::ToolCalls,
        "max_tokens" | "model_context_window_exceeded" => FinishReason::Length,
        "refusal" => FinishReason::ContentFilter,
        "end_turn" | "stop_sequence" | "pause_turn" => FinishReason::Stop,
        other => {
            tracing::debug!(reason = other, "unknown reason to finish, taken as stop");
            FinishReason::Stop
        }
    }
}

/// The text of a field.
fn word(value: &Value, name: &str) -> String {
    text(value.get(name))
}
