//! What the scripted model does for one request.

use domain::FinishReason;
use serde_json::Value;

use super::Gate;
use crate::{Delta, LlmError, ToolCall, Usage};

/// A list of things to do for one request. Where it says nothing about its end,
/// it ends as a model would: with calls to be run, or with everything said.
#[derive(Debug, Clone, Default)]
pub struct Reply(Vec<Action>);

#[derive(Debug, Clone)]
pub(super) enum Action {
    Emit(Delta),
    Fail(LlmError),
    /// Waits inside the stream.
    Hold(Gate),
    /// Waits before there is a stream, where nothing else came before.
    HoldConnection(Gate),
}

impl Reply {
    /// Nothing at all, then the end.
    pub fn empty() -> Self {
        Self::default()
    }

    /// A piece of text.
    pub fn text(text: impl Into<String>) -> Self {
        Delta::Text(text.into()).into()
    }

    /// A piece of thinking.
    pub fn thinking(text: impl Into<String>) -> Self {
        Delta::Thinking(text.into()).into()
    }

    /// A tool call, with an id that no other call of this model has.
    pub fn call(tool: impl Into<String>, arguments: Value) -> Self {
        Self::raw_call("", tool, arguments.to_string())
    }

    /// A tool call with an id and arguments that may be any text. An empty id
    /// is filled in.
    pub fn raw_call(
        id: impl Into<String>,
        tool: impl Into<String>,
        arguments: impl Into<String>,
    ) -> Self {
        let (id, tool, arguments) = (id.into(), tool.into(), arguments.into());
        Delta::Call(ToolCall { id, tool, arguments, repair: None }).into()
    }

    /// An error: in place of an answer where nothing comes before it, inside
    /// the answer otherwise.
    pub fn fail(error: LlmError) -> Self {
        Self(vec![Action::Fail(error)])
    }

    /// Waits at the gate before the request is accepted.
    pub fn held(gate: &Gate) -> Self {
        Self(vec![Action::HoldConnection(gate.clone())])
    }

    /// Adds what comes next: another reply, a delta, an error, or a gate to
    /// wait at.
    #[must_use]
    pub fn then(mut self, next: impl Into<Self>) -> Self {
        self.0.extend(next.into().0);
        self
    }

    /// The actions, with an end.
    pub(super) fn into_actions(mut self) -> Vec<Action> {
        let ends =
            |action: &Action| matches!(action, Action::Fail(_) | Action::Emit(Delta::Finish(_)));
        if !self.0.iter().any(ends) {
            let is_call = |action: &Action| matches!(action, Action::Emit(Delta::Call(_)));
            let called = self.0.iter().any(is_call);
            let reason = if called { FinishReason::ToolCalls } else { FinishReason::Stop };
            self.0.push(Action::Emit(Delta::Finish(reason)));
        }
        self.0
    }
}

impl Action {
    pub(super) fn gate(&self) -> Option<&Gate> {
        match self {
            Self::Hold(gate) | Self::HoldConnection(gate) => Some(gate),
            Self::Emit(_) | Self::Fail(_) => None,
        }
    }
}

impl From<Delta> for Reply {
    fn from(delta: Delta) -> Self {
        Self(vec![Action::Emit(delta)])
    }
}

impl From<Usage> for Reply {
    fn from(usage: Usage) -> Self {
        Delta::Usage(usage).into()
    }
}

impl From<FinishReason> for Reply {
    fn from(reason: FinishReason) -> Self {
        Delta::Finish(reason).into()
    }
}

impl From<LlmError> for Reply {
    fn from(error: LlmError) -> Self {
        Self::fail(error)
    }
}

impl From<&Gate> for Reply {
    fn from(gate: &Gate) -> Self {
        Self(vec![Action::Hold(gate.clone())])
    }
}
