//! Providers that speak the form of OpenAI's chat completions: OpenAI itself,
//! and most gateways and local servers.
//! https://platform.openai.com/docs/api-reference/chat

mod body;
mod chunk;
mod parse;
mod reasoning;

use domain::FinishReason;
use serde_json::{Value, json};

pub(crate) use self::body::{body, tool};
use self::chunk::{Choice, Chunk};
pub use self::parse::read_request;
use self::reasoning::Reasoning;
use crate::LlmError;
use crate::wire::{Answer, Reader};

/// Reads events of chat completions, and whole ones.
#[derive(Default)]
pub(crate) struct ChatReader {
    reasoning: Reasoning,
}

impl Reader for ChatReader {
    fn read(&mut self, value: Value, answer: &mut Answer) -> Result<(), LlmError> {
        let chunk: Chunk = serde_json::from_value(value)
            .map_err(|_| LlmError::Format("an event is not of the expected form".to_owned()))?;
        // Some providers count in every event, up to there.
        if let Some(usage) = chunk.usage() {
            answer.count(usage);
        }
        for choice in chunk.choices.iter().flatten() {
            if choice.index.unwrap_or(0) == 0 {
                self.read_choice(choice, answer)?;
            }
        }
        Ok(())
    }

    fn carried(&mut self, answer: &Answer) -> Vec<Value> {
        // Between a question and its answer these models want their thinking
        // back; of finished turns they read nothing.
        if !answer.has_calls() {
            return Vec::new();
        }
        let fields = std::mem::take(&mut self.reasoning).fields();
        if fields.is_empty() { Vec::new() } else { vec![json!(fields)] }
    }
}

impl ChatReader {
    fn read_choice(&mut self, choice: &Choice, answer: &mut Answer) -> Result<(), LlmError> {
        if let Some(part) = choice.part() {
            self.reasoning.add(part);
            answer.thinking(part.thinking());
            answer.text(part.text());
            for call in part.tool_calls.iter().flatten() {
                answer.call(&call.part())?;
            }
        }
        if let Some(word) = choice.finish_reason.as_deref().filter(|word| !word.is_empty()) {
            answer.finish(finish_reason(word)?);
        }
        Ok(())
    }
}

fn finish_reason(word: &str) -> Result<FinishReason, LlmError> {
    Ok(match word {
        "tool_calls" | "function_call" | "tool_use" => FinishReason::ToolCalls,
        "length" | "max_tokens" | "model_length" => FinishReason::Length,
        "content_filter" | "sensitive" => FinishReason::ContentFilter,
        "error" | "network_error" => {
            return Err(LlmError::Cut("the provider reports an error".to_owned()));
        }
        "stop" => FinishReason::Stop,
        other => {
            tracing::debug!(reason = other, "unknown reason to finish, taken as stop");
            FinishReason::Stop
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_map() {
        for (word, expected) in [
            ("stop", FinishReason::Stop),
            ("eos", FinishReason::Stop),
            ("length", FinishReason::Length),
            ("content_filter", FinishReason::ContentFilter),
            ("tool_calls", FinishReason::ToolCalls),
        ] {
            assert_eq!(finish_reason(word), Ok(expected), "{word}");
        }
        assert!(matches!(finish_reason("error"), Err(LlmError::Cut(_))));
    }
}
