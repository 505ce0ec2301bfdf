//! From what a provider sends to what the product reads.

use std::collections::HashSet;
use std::sync::Arc;

use domain::FinishReason;
use serde_json::Value;

use super::calls::Calls;
use super::chunk::{Choice, Chunk};
use super::endpoint::Endpoint;
use super::failure;
use super::names::Names;
use crate::{Delta, LlmError, Usage};

/// An answer on its way in.
#[derive(Debug)]
pub(super) struct Answer {
    names: Names,
    taken: HashSet<String>,
    endpoint: Arc<Endpoint>,
    calls: Calls,
    usage: Option<Usage>,
    finish: Option<FinishReason>,
    done: bool,
}

impl Answer {
    /// `taken` are the ids of the calls in the conversation so far.
    pub(super) fn new(names: Names, taken: HashSet<String>, endpoint: Arc<Endpoint>) -> Self {
        let calls = Calls::default();
        Self { names, taken, endpoint, calls, usage: None, finish: None, done: false }
    }

    pub(super) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Whether nothing more is to be read.
    pub(super) fn is_done(&self) -> bool {
        self.done
    }

    /// Whether the model has said all; counts may still follow.
    pub(super) fn has_finished(&self) -> bool {
        self.done || self.finish.is_some()
    }

    /// Takes in the data of one event; what can be passed on is appended.
    pub(super) fn take(&mut self, data: &str, out: &mut Vec<Delta>) -> Result<(), LlmError> {
        match data.trim() {
            "" => Ok(()),
            "[DONE]" => {
                self.done = true;
                Ok(())
            }
            data => match serde_json::from_str(data) {
                Ok(value) => self.take_value(value, out),
                // A provider that leaves out the blank lines between events.
                Err(_) if data.contains('\n') => {
                    data.lines().try_for_each(|line| self.take(line, out))
                }
                Err(_) => Err(LlmError::Format("an event is not JSON".to_owned())),
            },
        }
    }

    /// Takes in an answer that came as one document.
    pub(super) fn take_whole(&mut self, body: &[u8], out: &mut Vec<Delta>) -> Result<(), LlmError> {
        let value = serde_json::from_slice(body)
            .map_err(|_| LlmError::Format("the answer is not JSON".to_owned()))?;
        self.done = true;
        self.take_value(value, out)
    }

    /// The end: calls, counts and the reason, or the error that the end is.
    pub(super) fn close(self) -> Result<Vec<Delta>, LlmError> {
        let called = !self.calls.is_empty();
        let finish = match self.finish {
            // Some providers say `stop` after calls, and some say nothing.
            Some(FinishReason::Stop) | None if called && (self.done || self.finish.is_some()) => {
                FinishReason::ToolCalls
            }
            Some(finish) => finish,
            None if self.done => FinishReason::Stop,
            None => return Err(LlmError::Cut("the stream ended early".to_owned())),
        };
        let cut_off = matches!(finish, FinishReason::Length | FinishReason::ContentFilter);
        let calls = self.calls.finish(&self.names, self.taken, cut_off)?;
        let mut deltas: Vec<Delta> = calls.into_iter().map(Delta::Call).collect();
        deltas.extend(self.usage.map(Delta::Usage));
        deltas.push(Delta::Finish(finish));
        Ok(deltas)
    }

    fn take_value(&mut self, value: Value, out: &mut Vec<Delta>) -> Result<(), LlmError> {
        if let Some(error) = failure::in_band(&value, &self.endpoint) {
            return Err(error);
        }
        let chunk: Chunk = serde_json::from_value(value)
            .map_err(|_| LlmError::Format("an event is not of the expected form".to_owned()))?;
        // Some providers count in every event, up to there: the newest is all.
        self.usage = chunk.usage().or(self.usage);
        for choice in chunk.choices.iter().flatten() {
            if choice.index.unwrap_or(0) == 0 {
                self.take_choice(choice, out)?;
            }
        }
        Ok(())
    }

    fn take_choice(&mut self, choice: &Choice, out: &mut Vec<Delta>) -> Result<(), LlmError> {
        if let Some(part) = choice.part() {
            let thinking = part.thinking();
            if !thinking.is_empty() {
                out.push(Delta::Thinking(thinking));
            }
            let text = part.text();
            if !text.is_empty() {
                out.push(Delta::Text(text));
            }
            for call in part.tool_calls.iter().flatten() {
                self.calls.add(call)?;
            }
        }
        if let Some(word) = choice.finish_reason.as_deref().filter(|word| !word.is_empty()) {
            self.finish = Some(finish_reason(word)?);
        }
        Ok(())
    }
}

fn finish_reason(word: &str) -> Result<FinishReason, LlmError> {
    Ok(match word {
        "tool_calls" | "function_call" | "tool_use" => FinishReason::ToolCalls,
        "length" | "max_tokens" | "model_length" => FinishReason::Length,
        "content_filter" => FinishReason::ContentFilter,
        "error" => return Err(LlmError::Cut("the provider reports an error".to_owned())),
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

    fn answer() -> Answer {
        let endpoint = Arc::new(Endpoint::new("https://a.example", None).unwrap());
        Answer::new(Names::new(&[]), HashSet::new(), endpoint)
    }

    /// Reads events to the end.
    fn read(events: &[&str]) -> Result<Vec<Delta>, LlmError> {
        let mut answer = answer();
        let mut out = Vec::new();
        for event in events {
            answer.take(event, &mut out)?;
        }
        out.extend(answer.close()?);
        Ok(out)
    }

    fn finish(events: &[&str]) -> FinishReason {
        match read(events).unwrap().pop() {
            Some(Delta::Finish(reason)) => reason,
            other => panic!("{other:?}"),
        }
    }

    const TEXT: &str = r#"{"choices":[{"delta":{"content":"Hi"}}]}"#;
    const CALL: &str = r#"{"choices":[{"delta":{"tool_calls":[{"id":"a","function":{"name":"t","arguments":"{}"}}]}}]}"#;

    fn reason(word: &str) -> String {
        format!(r#"{{"choices":[{{"delta":{{}},"finish_reason":"{word}"}}]}}"#)
    }

    #[test]
    fn reasons_map_and_calls_win_over_stop() {
        for (word, expected) in [
            ("stop", FinishReason::Stop),
            ("eos", FinishReason::Stop),
            ("length", FinishReason::Length),
            ("content_filter", FinishReason::ContentFilter),
            ("tool_calls", FinishReason::ToolCalls),
        ] {
            assert_eq!(finish(&[TEXT, &reason(word)]), expected, "{word}");
        }
        assert_eq!(finish(&[CALL, &reason("stop")]), FinishReason::ToolCalls);
        assert_eq!(finish(&[CALL, &reason("length")]), FinishReason::Length);
    }

    #[test]
    fn the_marker_ends_an_answer_and_silence_does_not() {
        assert_eq!(finish(&[TEXT, "[DONE]"]), FinishReason::Stop);
        assert_eq!(finish(&[CALL, "[DONE]"]), FinishReason::ToolCalls);
        assert!(matches!(read(&[TEXT]), Err(LlmError::Cut(_))));
        assert!(matches!(read(&[CALL]), Err(LlmError::Cut(_))));
        assert!(matches!(read(&[]), Err(LlmError::Cut(_))));
        assert!(matches!(read(&[&reason("error")]), Err(LlmError::Cut(_))));
    }

    #[test]
    fn counts_are_taken_once_and_cached_tokens_are_among_them() {
        let events = [
            r#"{"choices":[],"usage":{"prompt_tokens":100,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":80}}}"#,
            &reason("stop"),
            r#"{"choices":[],"usage":{"prompt_tokens":100,"completion_tokens":7,"prompt_tokens_details":{"cached_tokens":80}}}"#,
            r#"{"choices":[],"usage":null}"#,
        ];
        let usage = Usage { input_tokens: 100, output_tokens: 7, cached_tokens: 80 };
        let expected = [Delta::Usage(usage), Delta::Finish(FinishReason::Stop)];
        assert_eq!(read(&events).unwrap(), expected);
    }

    #[test]
    fn thinking_fields_count_once_and_other_shapes_are_read() {
        let events = [
            r#"{"choices":[{"delta":{"reasoning_content":"hm","reasoning":"hm","content":null}}]}"#,
            r#"{"choices":[{"delta":{"reasoning":"so","tool_calls":null}}]}"#,
            r#"{"choices":[{"delta":{"content":[{"type":"text","text":"a"},{"type":"image"}]}}]}"#,
            r#"{"choices":[{"index":1,"delta":{"content":"other"}}],"object":"x","new":true}"#,
            &reason("stop"),
        ];
        let expected = [
            Delta::Thinking("hm".into()),
            Delta::Thinking("so".into()),
            Delta::Text("a".into()),
            Delta::Finish(FinishReason::Stop),
        ];
        assert_eq!(read(&events).unwrap(), expected);
    }

    #[test]
    fn events_without_blank_lines_between_them_are_read() {
        let joined = format!("{TEXT}\n{}\n[DONE]", reason("stop"));
        let expected = [Delta::Text("Hi".into()), Delta::Finish(FinishReason::Stop)];
        assert_eq!(read(&[&joined]).unwrap(), expected);
    }

    #[test]
    fn what_is_no_event_is_a_format_error() {
        for bad in ["{", "<html>", r#"{"choices":7}"#, "7"] {
            assert!(matches!(read(&[bad]), Err(LlmError::Format(_))), "{bad}");
        }
    }
}
