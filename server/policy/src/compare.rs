//! What other grants would have made of past calls.

use domain::{Grant, Timestamp};
use serde::Serialize;

use crate::{Asker, Call, Rules, Verdict, decide};

/// A call that was made.
#[derive(Debug, Clone)]
pub struct PastCall {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub asker: Asker,
    /// What.
    pub call: Call,
}

/// A past call that other grants decide in another way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Its place among the calls that were given.
    pub call: usize,
    /// What the old grants make of it.
    pub before: Verdict,
    /// What the new ones make of it.
    pub after: Verdict,
}

/// The calls whose mode changes, in the order they were given, one at a time so
/// that no number of them has to be held.
pub fn compare<'a>(
    old: &'a [Grant],
    new: &'a [Grant],
    calls: impl IntoIterator<Item = PastCall> + 'a,
) -> impl Iterator<Item = Change> + 'a {
    calls.into_iter().enumerate().filter_map(|(place, past)| {
        let under = |grants| decide(&Rules { grants, now: past.at }, &past.asker, &past.call);
        let (before, after) = (under(old), under(new));
        (before.mode != after.mode).then_some(Change { call: place, before, after })
    })
}
