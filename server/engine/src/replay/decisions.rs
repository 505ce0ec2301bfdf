//! What was decided about calls when a run was done first.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use domain::CallId;

use crate::work::policy::Decided;

/// The rule of a call that the record does not have. It runs, and its player
/// says that there is no such call.
const NOT_THERE: &str = "not in the record";

/// Decisions, each for a call of a tool with certain arguments, in the order in
/// which they were made.
pub(crate) struct Decisions {
    state: Mutex<State>,
}

struct State {
    left: VecDeque<Recorded>,
    /// What was given out: a call is decided once.
    given: HashMap<CallId, Decided>,
}

/// A decision about a call.
pub(super) struct Recorded {
    pub(super) tool: String,
    pub(super) arguments: String,
    pub(super) decided: Decided,
}

impl Decisions {
    pub(super) fn new(left: VecDeque<Recorded>) -> Self {
        Self { state: Mutex::new(State { left, given: HashMap::new() }) }
    }

    /// What was decided about such a call.
    pub(crate) fn of(&self, id: CallId, tool: &str, arguments: &str) -> Decided {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(given) = state.given.get(&id) {
            return given.clone();
        }
        let fits = |one: &Recorded| one.tool == tool && one.arguments == arguments;
        let place = state.left.iter().position(fits);
        let found = place.and_then(|place| state.left.remove(place));
        let decided = match found {
            Some(recorded) => recorded.decided,
            None => Decided::Runs { rule: NOT_THERE.to_owned() },
        };
        state.given.insert(id, decided.clone());
        decided
    }
}
