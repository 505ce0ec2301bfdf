//! A model for tests: it answers from a script and keeps what it was asked.
//!
//! ```
//! use llm::scripted::{Gate, Reply, Scripted};
//! use serde_json::json;
//!
//! let gate = Gate::new();
//! let model = Scripted::new([
//!     Reply::text("Let me look.").then(Reply::call("fs.read", json!({ "path": "a" }))),
//!     Reply::text("It says").then(&gate).then(Reply::text(" hello.")),
//! ]);
//! # let _ = model;
//! ```

mod check;
mod gate;
mod reply;

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_stream::stream;
use async_trait::async_trait;

pub use self::check::check;
pub use self::gate::Gate;
use self::reply::Action;
pub use self::reply::Reply;
use crate::{Delta, DeltaStream, LlmError, Provider, Request, ToolCall};

/// A provider that follows a script. Clones share the script and the record.
#[derive(Clone, Default)]
pub struct Scripted(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    queue: VecDeque<Reply>,
    default: Option<Reply>,
    requests: Vec<Request>,
    violations: Vec<String>,
    /// Calls made so far, so that their ids are never the same.
    calls: u64,
}

impl Scripted {
    /// A model that gives these replies, one for each request, in order.
    pub fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        let queue = replies.into_iter().collect();
        Self(Arc::new(Mutex::new(State { queue, ..State::default() })))
    }

    /// Sets what is replied when the script is over. Without it, a request too
    /// many gets an error.
    #[must_use]
    pub fn or_always(self, reply: Reply) -> Self {
        self.state().default = Some(reply);
        self
    }

    /// Adds a reply to the end of the script.
    pub fn push(&self, reply: Reply) {
        self.state().queue.push_back(reply);
    }

    /// Replies that nobody has asked for yet.
    pub fn left(&self) -> usize {
        self.state().queue.len()
    }

    /// Everything that was asked so far.
    pub fn requests(&self) -> Vec<Request> {
        self.state().requests.clone()
    }

    /// What was wrong with requests, as [`check`] finds it, with the number of
    /// the request from 1. A test of a sound loop asserts that there is nothing.
    pub fn violations(&self) -> Vec<String> {
        self.state().violations.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records a request and takes the actions for it, ids filled in.
    fn take(&self, request: Request) -> Result<Vec<Action>, LlmError> {
        let mut state = self.state();
        if let Err(violation) = check(&request) {
            let number = state.requests.len() + 1;
            state.violations.push(format!("request {number}: {violation}"));
        }
        state.requests.push(request);
        let reply = state.queue.pop_front().or_else(|| state.default.clone());
        let reply = reply.ok_or_else(|| LlmError::Format("the script is over".to_owned()))?;
        let mut actions = reply.into_actions();
        for action in &mut actions {
            if let Action::Emit(Delta::Call(ToolCall { id, .. })) = action
                && id.is_empty()
            {
                state.calls += 1;
                *id = format!("call_{}", state.calls);
            }
        }
        Ok(actions)
    }
}

impl fmt::Debug for Scripted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scripted").field("left", &self.left()).finish_non_exhaustive()
    }
}

#[async_trait]
impl Provider for Scripted {
    async fn stream(&self, request: Request) -> Result<DeltaStream, LlmError> {
        let actions = self.take(request)?;
        let gates = actions.iter().filter_map(Action::gate);
        // Dropped with this call while it waits, and with the stream after it.
        let watch: Vec<_> = gates.map(Gate::watch_drop).collect();
        let mut actions = VecDeque::from(actions);
        while let Some(Action::HoldConnection(gate)) = actions.front() {
            gate.pass().await;
            actions.pop_front();
        }
        if let Some(Action::Fail(error)) = actions.front() {
            return Err(error.clone());
        }
        Ok(Box::pin(stream! {
            let _watch = watch;
            for action in actions {
                match action {
                    Action::Emit(delta) => yield Ok(delta),
                    Action::Hold(gate) | Action::HoldConnection(gate) => gate.pass().await,
                    Action::Fail(error) => {
                        yield Err(error);
                        return;
                    }
                }
            }
        }))
    }
}
