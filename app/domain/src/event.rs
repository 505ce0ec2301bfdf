//! Events: the numbered, appended facts about a run. Every view, the page, the
//! stream, the API and the trace, is made from them.

use serde::{Deserialize, Serialize};

use crate::text_enum::text_enum;
use crate::{CallId, RunId, RunStatus, SessionId, Timestamp, ToolErrorCode};

text_enum! {
    /// What kind of fact an event is; the `event:` of a stream.
    pub enum EventKind("event kind") {
        /// The run took another state.
        RunStatus = "run.status",
        /// An exchange with the model began.
        StepStart = "step.start",
        /// The model wrote text.
        TextDelta = "text.delta",
        /// The model wrote thinking text.
        ThinkingDelta = "thinking.delta",
        /// A tool call began.
        ToolStart = "tool.start",
        /// A tool call ended.
        ToolEnd = "tool.end",
        /// The provider counted tokens.
        Usage = "usage",
        /// An exchange with the model ended.
        StepEnd = "step.end",
        /// The run reached its end.
        RunEnd = "run.end",
    }
}

text_enum! {
    /// Why the model stopped writing.
    pub enum FinishReason("finish reason") {
        /// It had said everything.
        Stop = "stop",
        /// It asked for tools.
        ToolCalls = "tool_calls",
        /// It reached the limit on its length.
        Length = "length",
        /// The provider held back the rest.
        ContentFilter = "content_filter",
        /// It was cut off: by a person, a fault, or the end of the server.
        Cut = "cut",
    }
}

text_enum! {
    /// What kind of cause ended a run without a proper answer.
    pub enum RunErrorCode("run error code") {
        /// The model's provider failed.
        Provider = "provider.error",
        /// The run reached its limit of steps.
        StepLimit = "limit.steps",
        /// The run reached its limit of tokens.
        TokenLimit = "limit.tokens",
        /// The agent's folder cannot be used.
        Folder = "folder.unusable",
        /// The server went away under it.
        Interrupted = "interrupted",
        /// A fault of ours.
        Internal = "internal.error",
    }
}

/// Why a run ended without a proper answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunError {
    /// What kind of cause.
    pub code: RunErrorCode,
    /// One sentence for a person.
    pub message: String,
}

/// One fact about a run, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Event {
    /// The run took another state.
    #[serde(rename = "run.status")]
    RunStatus {
        /// The state it took.
        status: RunStatus,
    },
    /// An exchange with the model began.
    #[serde(rename = "step.start")]
    StepStart {
        /// Counted from 1.
        step: u32,
        /// Provider and model, as `provider/model`.
        model: String,
    },
    /// The model wrote text.
    #[serde(rename = "text.delta")]
    TextDelta {
        /// The step it belongs to.
        step: u32,
        /// The new characters.
        text: String,
    },
    /// The model wrote thinking text.
    #[serde(rename = "thinking.delta")]
    ThinkingDelta {
        /// The step it belongs to.
        step: u32,
        /// The new characters.
        text: String,
    },
    /// A tool call began.
    #[serde(rename = "tool.start")]
    ToolStart {
        /// The step it belongs to.
        step: u32,
        /// Our id.
        tool_call_id: CallId,
        /// The model's id, for the wire.
        wire_id: String,
        /// The tool's name, as the model gave it.
        tool: String,
        /// The arguments as JSON text, as the model gave them.
        arguments: String,
    },
    /// A tool call ended.
    #[serde(rename = "tool.end")]
    ToolEnd {
        /// The step it belongs to.
        step: u32,
        /// Our id.
        tool_call_id: CallId,
        /// The tool's name.
        tool: String,
        /// One line about what came out.
        summary: String,
        /// What the model is told.
        output: String,
        /// Why there is no ordinary result.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error_code: Option<ToolErrorCode>,
        /// How long it took, in milliseconds.
        duration_ms: u64,
    },
    /// The provider counted tokens.
    #[serde(rename = "usage")]
    Usage {
        /// The step it belongs to.
        step: u32,
        /// Tokens sent, cached ones included.
        input_tokens: u64,
        /// Tokens written.
        output_tokens: u64,
        /// Of the tokens sent, how many the provider had cached.
        cached_tokens: u64,
    },
    /// An exchange with the model ended.
    #[serde(rename = "step.end")]
    StepEnd {
        /// Counted from 1.
        step: u32,
        /// The whole text of the step, so that a reader needs no deltas.
        text: String,
        /// The whole thinking, where the mode keeps it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        thinking: Option<String>,
        /// Why the model stopped.
        finish: FinishReason,
        /// How long the model took, in milliseconds.
        duration_ms: u64,
    },
    /// The run reached its end.
    #[serde(rename = "run.end")]
    RunEnd {
        /// The end state.
        status: RunStatus,
        /// Why there is no proper answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<RunError>,
    },
}

impl Event {
    /// What kind of fact this is.
    pub const fn kind(&self) -> EventKind {
        match self {
            Self::RunStatus { .. } => EventKind::RunStatus,
            Self::StepStart { .. } => EventKind::StepStart,
            Self::TextDelta { .. } => EventKind::TextDelta,
            Self::ThinkingDelta { .. } => EventKind::ThinkingDelta,
            Self::ToolStart { .. } => EventKind::ToolStart,
            Self::ToolEnd { .. } => EventKind::ToolEnd,
            Self::Usage { .. } => EventKind::Usage,
            Self::StepEnd { .. } => EventKind::StepEnd,
            Self::RunEnd { .. } => EventKind::RunEnd,
        }
    }
}

/// Sanitised HTML of a step's text, by top-level Markdown block: the blocks
/// from index `from` on are replaced by `blocks`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prose {
    /// The first block that changes.
    pub from: usize,
    /// What stands there now, to the end.
    pub blocks: Vec<String>,
}

/// An event as it goes to a reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveEvent {
    /// The run it is about.
    pub run_id: RunId,
    /// That run's session.
    pub session_id: SessionId,
    /// Its number in the run, from 1, without gaps.
    pub seq: u64,
    /// Its place in the order of all events.
    pub position: u64,
    /// When it was stored.
    pub at: Timestamp,
    /// The fact.
    #[serde(flatten)]
    pub event: Event,
    /// What the step's text looks like now, where this event changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prose: Option<Prose>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_reads_back_from_its_word() {
        for kind in EventKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(*kind));
        }
        for code in RunErrorCode::ALL {
            assert_eq!(code.as_str().parse(), Ok(*code));
        }
        for reason in FinishReason::ALL {
            assert_eq!(reason.as_str().parse(), Ok(*reason));
        }
    }
}
