//! Questions to a person about one exact tool call.

use serde::{Deserialize, Serialize};

use crate::text_enum::text_enum;
use crate::{AgentId, ApprovalId, CallId, Decision, RunId, SessionId, Timestamp, UserName};

text_enum! {
    /// Where a question stands.
    pub enum ApprovalStatus("approval status") {
        /// Nobody has answered yet; the run waits.
        Waiting = "waiting",
        /// The call may run.
        Approved = "approved",
        /// The call may not run.
        Denied = "denied",
        /// Nobody answered in time.
        Expired = "expired",
        /// The run ended before anybody answered.
        Withdrawn = "withdrawn",
    }
}

text_enum! {
    /// What a person says to a question.
    pub enum Verdict("verdict") {
        /// Yes.
        Approve = "approve",
        /// No.
        Deny = "deny",
    }
}

text_enum! {
    /// For how long an answer counts.
    pub enum Remember("how long an answer counts") {
        /// For this one call.
        Once = "once",
        /// For the same call again in this run.
        Run = "run",
        /// For the same call in every run.
        Always = "always",
    }
}

impl Verdict {
    /// The decision that it makes.
    pub const fn decision(self) -> Decision {
        match self {
            Self::Approve => Decision::Approved,
            Self::Deny => Decision::Denied,
        }
    }
}

impl From<Decision> for ApprovalStatus {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Approved => Self::Approved,
            Decision::Denied => Self::Denied,
            Decision::Expired => Self::Expired,
        }
    }
}

impl ApprovalStatus {
    /// The decision in it, if there is one.
    pub const fn decision(self) -> Option<Decision> {
        match self {
            Self::Approved => Some(Decision::Approved),
            Self::Denied => Some(Decision::Denied),
            Self::Expired => Some(Decision::Expired),
            Self::Waiting | Self::Withdrawn => None,
        }
    }
}

/// A question, as lists, pages and the API show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalView {
    /// Which question.
    pub id: ApprovalId,
    /// The run that waits for it.
    pub run_id: RunId,
    /// That run's session.
    pub session_id: SessionId,
    /// That session's title.
    pub session_title: String,
    /// The agent that asks.
    pub agent_id: AgentId,
    /// That agent's name.
    pub agent: String,
    /// The step of the call.
    pub step: u32,
    /// The call.
    pub tool_call_id: CallId,
    /// The tool's name.
    pub tool: String,
    /// The arguments as JSON text, as the model gave them.
    pub arguments: String,
    /// Why it is asked, in one sentence.
    pub reason: String,
    /// Where it stands.
    pub status: ApprovalStatus,
    /// What the person added to the answer.
    pub note: Option<String>,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// When it lapses.
    pub expires_at: Timestamp,
    /// When it was answered, lapsed or was withdrawn.
    pub answered_at: Option<Timestamp>,
    /// Who answered.
    pub answered_by: Option<UserName>,
}

/// What the run at work in a session waits for, and has yet to hear.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// The question about a call that it waits for.
    pub approval: Option<ApprovalView>,
    /// What was said to it that it has not heard, oldest first, at most 32.
    pub unheard: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back_and_every_decision_has_its_status() {
        for status in ApprovalStatus::ALL {
            assert_eq!(status.as_str().parse(), Ok(*status));
        }
        for verdict in Verdict::ALL {
            assert_eq!(verdict.as_str().parse(), Ok(*verdict));
        }
        for remember in Remember::ALL {
            assert_eq!(remember.as_str().parse(), Ok(*remember));
        }
        for decision in Decision::ALL {
            assert_eq!(ApprovalStatus::from(*decision).decision(), Some(*decision));
        }
    }
}
