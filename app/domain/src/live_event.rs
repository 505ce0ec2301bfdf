//! An event on its way to a reader.

use serde::{Deserialize, Serialize};

use crate::{Event, RunId, SessionId, Timestamp};

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
