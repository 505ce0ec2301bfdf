//! Recorded results in the place of tools.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use domain::ToolErrorCode;
use tokio::sync::Notify;
use tools::{Output, Player, ToolError};

use super::script::Recorded;

/// Results, given to calls of the same tool with the same arguments. Calls that
/// run beside each other end in the order in which they ended then.
pub(super) struct Results {
    state: Mutex<State>,
    ended: Notify,
}

struct State {
    /// What is left, each with its place in the order of the ends.
    left: VecDeque<(usize, Recorded)>,
    running: BTreeSet<usize>,
}

impl Results {
    pub(super) fn new(results: Vec<Recorded>) -> Self {
        let left = results.into_iter().enumerate().collect();
        let state = Mutex::new(State { left, running: BTreeSet::new() });
        Self { state, ended: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, tool: &str, arguments: &str) -> Option<(usize, Recorded)> {
        let mut state = self.state();
        let fits = |(_, one): &(usize, Recorded)| one.tool == tool && one.arguments == arguments;
        let at = state.left.iter().position(fits)?;
        let found = state.left.remove(at)?;
        state.running.insert(found.0);
        Some(found)
    }
}

#[async_trait]
impl Player for Results {
    async fn play(&self, tool: &str, arguments: &str) -> Result<Output, ToolError> {
        let Some((place, recorded)) = self.begin(tool, arguments) else {
            let message = "The record has no such call.";
            return Err(ToolError::new(ToolErrorCode::InternalError, message));
        };
        let running = Running { results: self, place };
        // Those that run beside this one begin first.
        tokio::task::yield_now().await;
        loop {
            let ended = self.ended.notified();
            if self.state().running.first() == Some(&running.place) {
                break;
            }
            ended.await;
        }
        recorded.result
    }
}

/// A call that has begun, until it is done or dropped.
struct Running<'a> {
    results: &'a Results,
    place: usize,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.results.state().running.remove(&self.place);
        self.results.ended.notify_waiters();
    }
}
