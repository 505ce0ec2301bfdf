//! Runs: their states, and what lists and pages show of them.

use serde::{Deserialize, Serialize};

use crate::text_enum::text_enum;
use crate::{AgentId, Channel, RunError, RunId, SessionId, SessionView, Timestamp};

text_enum! {
    /// Where a run is on its way from a message to an end.
    pub enum RunStatus("run status") {
        /// Accepted and stored, waiting for a worker.
        Queued = "queued",
        /// A worker holds its lease.
        Running = "running",
        /// It asked a person about one exact tool call.
        WaitingApproval = "waiting_approval",
        /// It asked a person how to go on.
        WaitingGuidance = "waiting_guidance",
        /// It ended with an answer.
        Done = "done",
        /// It ended with an error.
        Failed = "failed",
        /// A person stopped it.
        Cancelled = "cancelled",
        /// The server went away under it.
        Interrupted = "interrupted",
    }
}

text_enum! {
    /// What was cleared from the log of an ended run, for its age.
    pub enum Cleared("part of a log") {
        /// Everything is there.
        Nothing = "nothing",
        /// The pieces that texts came in; the whole texts are there.
        Deltas = "deltas",
        /// All events are on their way out.
        Clearing = "clearing",
        /// All events; the message and the answer are there.
        Events = "events",
    }
}

impl Cleared {
    /// Whether the steps of the run are still there.
    pub const fn has_steps(self) -> bool {
        match self {
            Self::Nothing | Self::Deltas => true,
            Self::Clearing | Self::Events => false,
        }
    }
}

/// A step between two states that no run takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a run does not go from {from} to {to}")]
pub struct BadTransition {
    /// The state it was in.
    pub from: RunStatus,
    /// The state it was to take.
    pub to: RunStatus,
}

impl RunStatus {
    /// Whether nothing more will happen.
    pub const fn is_end(self) -> bool {
        match self {
            Self::Done | Self::Failed | Self::Cancelled | Self::Interrupted => true,
            Self::Queued | Self::Running | Self::WaitingApproval | Self::WaitingGuidance => false,
        }
    }

    /// Takes the step to another state, if a run may take it.
    pub const fn to(self, to: Self) -> Result<Self, BadTransition> {
        let allowed = match self {
            Self::Queued => matches!(to, Self::Running | Self::Cancelled),
            Self::Running => !matches!(to, Self::Running),
            // An answered question puts the run back in the queue.
            Self::WaitingApproval | Self::WaitingGuidance => {
                matches!(to, Self::Queued | Self::Cancelled | Self::Failed)
            }
            Self::Done | Self::Failed | Self::Cancelled | Self::Interrupted => false,
        };
        if allowed { Ok(to) } else { Err(BadTransition { from: self, to }) }
    }
}

/// A run, as lists, pages and the API show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunView {
    /// Which run.
    pub id: RunId,
    /// The session it belongs to.
    pub session_id: SessionId,
    /// That session's title.
    pub session_title: String,
    /// The agent that works.
    pub agent_id: AgentId,
    /// That agent's name.
    pub agent: String,
    /// Where its message came from.
    pub source: Channel,
    /// Where it is.
    pub status: RunStatus,
    /// How many runs stand before it, counted from 1; only while it waits.
    pub queue_position: Option<u32>,
    /// The message that started it.
    pub message: String,
    /// The text it ended with, or has so far at its end.
    pub answer: Option<String>,
    /// Provider and model, as `provider/model`; known once a step began.
    pub model: Option<String>,
    /// Exchanges with the model so far.
    pub steps: u32,
    /// Tool calls begun so far.
    pub calls: u32,
    /// Tool calls that ended with an error code.
    pub failed_calls: u32,
    /// Tokens sent to the model, as the provider counts.
    pub input_tokens: u64,
    /// Tokens the model wrote, as the provider counts.
    pub output_tokens: u64,
    /// Of the tokens sent, how many the provider had cached.
    pub cached_tokens: u64,
    /// What they cost, in millionths of a US dollar, as far as prices are known.
    pub cost: u64,
    /// The run whose call began this one.
    pub parent_id: Option<RunId>,
    /// How many runs stand above it.
    pub depth: u32,
    /// One line about the newest finished tool call.
    pub last_summary: Option<String>,
    /// Why it failed or was interrupted.
    pub error: Option<RunError>,
    /// The number of its newest event.
    pub last_seq: u64,
    /// What was cleared from its log.
    pub cleared: Cleared,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When a worker first took it.
    pub started_at: Option<Timestamp>,
    /// When it reached its end.
    pub ended_at: Option<Timestamp>,
}

/// Which runs a list shows. All parts must fit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFilter {
    /// Only runs in this state.
    pub status: Option<RunStatus>,
    /// Only runs of this agent.
    pub agent_id: Option<AgentId>,
    /// Only runs that came in this way.
    pub source: Option<Channel>,
    /// Only runs of this session.
    pub session_id: Option<SessionId>,
}

/// What a new person has done already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstSteps {
    /// A run of theirs has ended with an answer.
    pub run_done: bool,
    /// Agents answer through a model, not through the demo guide.
    pub model_connected: bool,
    /// They have asked from the command line.
    pub terminal_used: bool,
}

/// What the first page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// Runs that work or wait, oldest first, at most 10.
    pub active: Vec<RunView>,
    /// Runs that failed or were interrupted in the last 24 hours, newest first, at most 5.
    pub failed: Vec<RunView>,
    /// Sessions with something new, newest first, at most 6.
    pub sessions: Vec<SessionView>,
    /// Runs that work now, of this person.
    pub running: u64,
    /// Runs that wait for a worker, of this person.
    pub queued: u64,
    /// Workers of this server process.
    pub workers: u32,
    /// Waiting places of the queue.
    pub waiting_places: u32,
    /// Runs accepted in the last 24 hours.
    pub day_total: u64,
    /// Of those, done.
    pub day_done: u64,
    /// Of those, failed or interrupted.
    pub day_failed: u64,
    /// Of those, cancelled.
    pub day_cancelled: u64,
    /// Tokens sent and written in the last 24 hours.
    pub day_tokens: u64,
    /// Whether agents of this installation answer through the built-in demo
    /// guide, that is, no model is connected.
    pub demo: bool,
    /// How far a new person has come.
    pub first_steps: FirstSteps,
    /// When this was read.
    pub at: Timestamp,
    /// The database position of this reading; the live stream goes on from it.
    pub position: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_reads_back_from_its_word() {
        for status in RunStatus::ALL {
            assert_eq!(status.as_str().parse(), Ok(*status));
        }
        for cleared in Cleared::ALL {
            assert_eq!(cleared.as_str().parse(), Ok(*cleared));
        }
    }

    #[test]
    fn an_end_is_an_end() {
        for from in RunStatus::ALL {
            for to in RunStatus::ALL {
                if from.is_end() {
                    assert!(from.to(*to).is_err(), "{from} to {to}");
                }
            }
        }
        assert_eq!(RunStatus::Queued.to(RunStatus::Running), Ok(RunStatus::Running));
        assert!(RunStatus::Queued.to(RunStatus::Done).is_err());
        assert!(RunStatus::Running.to(RunStatus::Queued).is_ok());
    }
}
