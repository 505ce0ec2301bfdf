//! Events: the numbered, appended facts about a run. Every view, the page, the
//! stream, the API and the trace, is made from them.

use serde::{Deserialize, Serialize};

use crate::text_enum::text_enum;
use crate::{ApprovalId, CallId, RunId, RunStatus, TaintSource, Timestamp, ToolErrorCode};

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
        /// What the run is made from was put together.
        Opening = "run.opening",
        /// A provider failed.
        ModelFault = "model.fault",
        /// A call waits for a person, or behind one that does.
        ToolHeld = "tool.held",
        /// A person is asked about one exact call.
        ApprovalAsked = "approval.asked",
        /// That question was answered.
        ApprovalAnswered = "approval.answered",
        /// A person is asked how to go on.
        GuidanceAsked = "guidance.asked",
        /// That question was answered.
        GuidanceAnswered = "guidance.answered",
        /// The recovery from failures took another state.
        Recovery = "recovery",
        /// Older parts of the conversation were put into a summary.
        Compaction = "compaction",
        /// A person said something to the run at work.
        Steering = "steering",
        /// Another run was begun for a call, or ended.
        AgentChild = "agent.child",
        /// The engine told the model something of its own.
        Nudge = "nudge",
        /// The run reached its end.
        RunEnd = "run.end",
    }
}

text_enum! {
    /// What kind of fault a provider had.
    pub enum ModelFaultKind("model fault") {
        /// Too many requests.
        RateLimited = "rate_limited",
        /// No capacity now.
        Overloaded = "overloaded",
        /// The key is missing, wrong, or lacks a right.
        Auth = "auth",
        /// The account has nothing left to spend.
        Quota = "quota",
        /// The request is larger than the model can read.
        ContextOverflow = "context_overflow",
        /// The provider does not know the model or the address.
        NotFound = "not_found",
        /// The request was refused as it is.
        BadRequest = "bad_request",
        /// No connection.
        Network = "network",
        /// A reply without text and without a call.
        Empty = "empty",
        /// The answer broke off.
        Cut = "cut",
        /// The answer is not of the provider's own form.
        Format = "format",
    }
}

text_enum! {
    /// Where the recovery from failures stands.
    pub enum RecoveryState("recovery state") {
        /// Two calls in a row failed; the model is told to look again.
        Entered = "entered",
        /// Three calls in a row went well.
        Left = "left",
        /// Three more failures: a person is asked.
        Exhausted = "exhausted",
    }
}

text_enum! {
    /// A person's answer to a question about a call.
    pub enum Decision("decision") {
        /// It may run.
        Approved = "approved",
        /// It may not.
        Denied = "denied",
        /// Nobody answered in time.
        Expired = "expired",
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
        /// The run reached its limit of cost.
        CostLimit = "limit.cost",
        /// The run reached its limit of time.
        TimeLimit = "limit.time",
        /// The agent used up what it may use on a day.
        DayLimit = "limit.day",
        /// The conversation does not fit into the model, however it is shortened.
        ContextLimit = "limit.context",
        /// Calls kept failing, and there was no person to ask.
        CallsFailed = "calls.failed",
        /// The run went round in a circle.
        Loop = "loop",
        /// The agent's folder cannot be used.
        Folder = "folder.unusable",
        /// The agent was disabled while the run waited.
        AgentDisabled = "agent.disabled",
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

/// The step of what was called before the first exchange with a model: by a
/// person who typed the call.
pub const BEFORE_STEPS: u32 = 0;

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
        /// What was mended in them, where the model wrote them slightly broken.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        repair: Option<String>,
        /// The rule that let it through. Older logs do not name it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        allowed_by: Option<String>,
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
        /// The earlier call whose result this is, where nothing ran anew.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reused_from: Option<CallId>,
        /// What of it came from outside.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        taint: Option<TaintSource>,
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
        /// What they cost, in millionths of a US dollar, where the price is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cost: Option<u64>,
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
        /// The text as the model wrote it, where calls or thinking stood in it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        raw: Option<String>,
        /// What the provider wants back unread with the next request, as JSON.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        carried: Option<String>,
        /// Why the model stopped.
        finish: FinishReason,
        /// How long the model took, in milliseconds.
        duration_ms: u64,
    },
    /// What the run is made from was put together.
    #[serde(rename = "run.opening")]
    Opening {
        /// The SHA-256 of instructions and tools, in hex; the store has the rest.
        prompt: String,
        /// The earlier runs whose turns the model is shown, oldest first.
        history: Vec<RunId>,
    },
    /// A provider failed.
    #[serde(rename = "model.fault")]
    ModelFault {
        /// The step it belongs to.
        step: u32,
        /// Provider and model that failed, as `provider/model`.
        model: String,
        /// What kind of fault.
        fault: ModelFaultKind,
        /// One sentence for a person.
        message: String,
        /// The same model is asked again after so many milliseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after_ms: Option<u64>,
        /// The model that is asked next instead, as `provider/model`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next_model: Option<String>,
    },
    /// A call waits for a person, or behind one that does, or is denied. It
    /// begins later, or never.
    #[serde(rename = "tool.held")]
    ToolHeld {
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
        /// What was mended in them, where the model wrote them slightly broken.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        repair: Option<String>,
        /// The rule that denies it, where one does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        denied_by: Option<String>,
    },
    /// A person is asked about one exact call, which is held.
    #[serde(rename = "approval.asked")]
    ApprovalAsked {
        /// The question.
        approval_id: ApprovalId,
        /// The call that it is about.
        tool_call_id: CallId,
        /// The tool's name.
        tool: String,
        /// Why it is asked, in one sentence.
        reason: String,
        /// When the question lapses.
        expires_at: Timestamp,
    },
    /// A question about a call was answered.
    #[serde(rename = "approval.answered")]
    ApprovalAnswered {
        /// The question.
        approval_id: ApprovalId,
        /// The call that it was about.
        tool_call_id: CallId,
        /// The answer.
        decision: Decision,
        /// What the person added.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// A person is asked how to go on; the run waits for the session's next
    /// message.
    #[serde(rename = "guidance.asked")]
    GuidanceAsked {
        /// The question, with the attempts listed, as Markdown.
        question: String,
        /// What was tried and failed, oldest first.
        attempts: Vec<Attempt>,
    },
    /// The person answered.
    #[serde(rename = "guidance.answered")]
    GuidanceAnswered {
        /// The words.
        message: String,
    },
    /// The recovery from failures took another state.
    #[serde(rename = "recovery")]
    Recovery {
        /// The step after which it did.
        step: u32,
        /// The state.
        state: RecoveryState,
    },
    /// Older parts of the conversation were put into a summary.
    #[serde(rename = "compaction")]
    Compaction {
        /// The step before which it was done.
        step: u32,
        /// The summary; everything before the run's newest turns is left out of
        /// later requests for it. Empty where the model gave none that served:
        /// nothing is covered then.
        summary: String,
        /// How many of the run's own steps the summary covers.
        steps_covered: u32,
        /// Tokens of the request before, as estimated.
        tokens_before: u64,
        /// Tokens of the request after, as estimated.
        tokens_after: u64,
    },
    /// A person said something to the run at work.
    #[serde(rename = "steering")]
    Steering {
        /// The step that hears it first.
        step: u32,
        /// The words.
        message: String,
    },
    /// Another run was begun for a call, or ended.
    #[serde(rename = "agent.child")]
    AgentChild {
        /// The call.
        tool_call_id: CallId,
        /// The other run.
        child: RunId,
        /// Its agent's name.
        agent: String,
        /// Where it is.
        status: RunStatus,
    },
    /// The engine told the model something of its own: to try again, to look
    /// again, to finish.
    #[serde(rename = "nudge")]
    Nudge {
        /// The step that hears it first.
        step: u32,
        /// The words.
        text: String,
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
            Self::Opening { .. } => EventKind::Opening,
            Self::ModelFault { .. } => EventKind::ModelFault,
            Self::ToolHeld { .. } => EventKind::ToolHeld,
            Self::ApprovalAsked { .. } => EventKind::ApprovalAsked,
            Self::ApprovalAnswered { .. } => EventKind::ApprovalAnswered,
            Self::GuidanceAsked { .. } => EventKind::GuidanceAsked,
            Self::GuidanceAnswered { .. } => EventKind::GuidanceAnswered,
            Self::Recovery { .. } => EventKind::Recovery,
            Self::Compaction { .. } => EventKind::Compaction,
            Self::Steering { .. } => EventKind::Steering,
            Self::AgentChild { .. } => EventKind::AgentChild,
            Self::Nudge { .. } => EventKind::Nudge,
            Self::RunEnd { .. } => EventKind::RunEnd,
        }
    }
}

/// A call that failed, as a person is told who is asked how to go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// The tool's name.
    pub tool: String,
    /// The arguments, cut.
    pub arguments: String,
    /// Why it failed.
    pub error_code: ToolErrorCode,
    /// What came out, cut.
    pub output: String,
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
        for fault in ModelFaultKind::ALL {
            assert_eq!(fault.as_str().parse(), Ok(*fault));
        }
        for reason in FinishReason::ALL {
            assert_eq!(reason.as_str().parse(), Ok(*reason));
        }
    }
}
