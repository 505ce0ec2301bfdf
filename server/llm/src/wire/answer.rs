//! From what a provider sends to what the product reads.

use std::collections::HashSet;
use std::sync::Arc;

use domain::FinishReason;

use super::Carried;
use super::calls::{Calls, Part};
use super::endpoint::Endpoint;
use super::names::Names;
use super::notice::Notice;
use crate::{Delta, LlmError, Usage};

/// An answer on its way in; a [`Reader`](super::Reader) fills it.
#[derive(Debug)]
pub(crate) struct Answer {
    names: Names,
    taken: HashSet<String>,
    carried: Carried,
    endpoint: Arc<Endpoint>,
    calls: Calls,
    notice: Notice,
    usage: Option<Usage>,
    finish: Option<FinishReason>,
    done: bool,
    /// What can be passed on.
    out: Vec<Delta>,
}

impl Answer {
    /// `taken` are the ids of the calls in the conversation so far.
    pub(super) fn new(
        names: Names,
        taken: HashSet<String>,
        carried: Carried,
        endpoint: Arc<Endpoint>,
    ) -> Self {
        Self {
            names,
            taken,
            carried,
            endpoint,
            calls: Calls::default(),
            notice: Notice::default(),
            usage: None,
            finish: None,
            done: false,
            out: Vec::new(),
        }
    }

    /// New characters of the answer.
    pub(crate) fn text(&mut self, text: String) {
        if !text.is_empty() {
            self.out.extend(self.notice.push(text).map(Delta::Text));
        }
    }

    /// New characters of thinking.
    pub(crate) fn thinking(&mut self, text: String) {
        if !text.is_empty() {
            self.out.push(Delta::Thinking(text));
        }
    }

    /// A part of a call.
    pub(crate) fn call(&mut self, part: &Part) -> Result<(), LlmError> {
        self.calls.add(part)
    }

    /// A whole call, which is no part of another whatever its id is.
    pub(crate) fn whole_call(&mut self, part: Part) -> Result<(), LlmError> {
        self.calls.add_whole(part)
    }

    /// Whether the model called anything so far.
    pub(crate) fn has_calls(&self) -> bool {
        !self.calls.is_empty()
    }

    /// What was counted so far; the newest is all.
    pub(crate) fn count(&mut self, usage: Usage) {
        self.usage = Some(usage);
    }

    /// The model has said all, and why; counts may still follow.
    pub(crate) fn finish(&mut self, reason: FinishReason) {
        self.finish = Some(reason);
    }

    /// Nothing more is to be read.
    pub(crate) fn end(&mut self) {
        self.done = true;
    }

    pub(super) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    pub(super) fn is_done(&self) -> bool {
        self.done
    }

    /// Whether the model has said all; counts may still follow.
    pub(super) fn has_finished(&self) -> bool {
        self.done || self.finish.is_some()
    }

    /// What can be passed on now.
    pub(super) fn take_out(&mut self) -> Vec<Delta> {
        std::mem::take(&mut self.out)
    }

    /// What can be passed on when nothing follows, for a fault.
    pub(super) fn take_rest(&mut self) -> Vec<Delta> {
        self.out.extend(self.notice.release().map(Delta::Text));
        self.take_out()
    }

    /// The end: calls, what is carried, counts and the reason, or the error that
    /// the end is.
    pub(super) fn close(&mut self, carried: Vec<serde_json::Value>) -> Result<(), LlmError> {
        let called = self.has_calls();
        let finish = match self.finish {
            // Some providers say `stop` after calls, and some say nothing.
            Some(FinishReason::Stop) | None if called && self.has_finished() => {
                FinishReason::ToolCalls
            }
            Some(finish) => finish,
            None if self.done => FinishReason::Stop,
            None => return Err(LlmError::Cut("the stream ended early".to_owned())),
        };
        if !called && let Some(fault) = self.notice.fault() {
            // What is held is the fault, and no text.
            self.notice = Notice::default();
            return Err(fault);
        }
        let cut_off = matches!(finish, FinishReason::Length | FinishReason::ContentFilter);
        let taken = std::mem::take(&mut self.taken);
        let calls = std::mem::take(&mut self.calls).finish(&self.names, taken, cut_off)?;
        let mut deltas = self.take_rest();
        deltas.extend(calls.into_iter().map(Delta::Call));
        deltas.extend(self.carried.pack(carried).map(Delta::Carried));
        deltas.extend(self.usage.map(Delta::Usage));
        deltas.push(Delta::Finish(finish));
        self.out = deltas;
        Ok(())
    }
}
