//! The record of decisions: what agents were allowed to do, by whom, and what
//! came of it. Each row of it holds the hash of the one before.

use serde::{Deserialize, Serialize};

use crate::text_enum::text_enum;
use crate::{AgentId, CallId, RunId, SessionId, Timestamp, ToolErrorCode, UserId};

text_enum! {
    /// What a row of the record tells.
    pub enum AuditKind("kind of record") {
        /// A person was asked about a call.
        Asked = "asked",
        /// A call was let through.
        Allowed = "allowed",
        /// A call was not let through.
        Denied = "denied",
        /// A call ran to its end.
        Ran = "ran",
        /// A call was given the result of an earlier one and ran nothing.
        Reused = "reused",
        /// A call ran and failed.
        Failed = "failed",
        /// A call ran past its time and was ended.
        TimedOut = "timed_out",
        /// The run ended, or the server went away, before the call did.
        CutOff = "cut_off",
        /// The sandbox or the network guard stopped a call.
        Blocked = "blocked",
        /// A person let a call through.
        Approved = "approved",
        /// A person did not let a call through.
        Refused = "refused",
        /// Nobody answered a question in time.
        Expired = "expired",
        /// An agent was given a grant.
        Granted = "granted",
        /// A grant was taken away.
        Removed = "removed",
        /// What the sandbox can do was found out, or what it must do was changed.
        Sandbox = "sandbox",
        /// The record was found damaged, and goes on from here.
        Broken = "broken",
    }
}

impl AuditKind {
    /// What became of a call, by how it ended.
    pub const fn of_end(error: Option<ToolErrorCode>) -> Self {
        match error {
            None | Some(ToolErrorCode::OutputTruncated) => Self::Ran,
            Some(
                ToolErrorCode::PolicyDenied
                | ToolErrorCode::ApprovalDenied
                | ToolErrorCode::ApprovalExpired,
            ) => Self::Denied,
            Some(ToolErrorCode::Timeout) => Self::TimedOut,
            Some(ToolErrorCode::Cancelled | ToolErrorCode::Interrupted) => Self::CutOff,
            Some(
                ToolErrorCode::SandboxUnavailable
                | ToolErrorCode::SandboxViolation
                | ToolErrorCode::NetworkDenied,
            ) => Self::Blocked,
            Some(
                ToolErrorCode::NotFound
                | ToolErrorCode::InputInvalid
                | ToolErrorCode::ProviderError
                | ToolErrorCode::InternalError,
            ) => Self::Failed,
        }
    }
}

text_enum! {
    /// Who did what a row tells.
    pub enum AuditActor("actor") {
        /// A person.
        User = "user",
        /// An agent, in one of its runs.
        Agent = "agent",
        /// The product itself.
        System = "system",
    }
}

/// A row of the record, as lists and the API show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Its number, from 1, without gaps.
    pub seq: u64,
    /// When it was written, by the clock of whoever wrote it.
    pub at: Timestamp,
    /// What it tells.
    pub kind: AuditKind,
    /// Who did it.
    pub actor: AuditActor,
    /// That person's name, where it was a person.
    pub user: Option<String>,
    /// Whose run or doing it is.
    pub owner_id: Option<UserId>,
    /// The session.
    pub session_id: Option<SessionId>,
    /// The run.
    pub run_id: Option<RunId>,
    /// The call.
    pub tool_call_id: Option<CallId>,
    /// The agent.
    pub agent_id: Option<AgentId>,
    /// That agent's name, where the agent is known.
    pub agent: Option<String>,
    /// The tool's name, or the pattern of a grant.
    pub tool: Option<String>,
    /// What the tool can do at most.
    pub class: Option<String>,
    /// The rule that decided, in words.
    pub rule: Option<String>,
    /// What else there is to say.
    pub detail: Option<String>,
    /// SHA-256 over the tool's name, a zero byte and the arguments, in hex.
    pub arguments_hash: Option<String>,
    /// SHA-256 of what the model was told, in hex.
    pub result_hash: Option<String>,
    /// SHA-256 of the row and of the one before it, in hex.
    pub hash: String,
}

/// Which rows of the record a list shows; `None` shows any.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditFilter {
    /// The tool, by its exact name.
    pub tool: Option<String>,
    /// The agent.
    pub agent_id: Option<AgentId>,
    /// What is told.
    pub kind: Option<AuditKind>,
    /// The run.
    pub run_id: Option<RunId>,
    /// The earliest moment.
    pub since: Option<Timestamp>,
    /// The latest moment.
    pub until: Option<Timestamp>,
}

text_enum! {
    /// What is wrong with a row of the record.
    pub enum AuditFault("fault of the record") {
        /// It does not have the hash that it says.
        Changed = "changed",
        /// It is not there.
        Missing = "missing",
        /// What comes after it was built on another row in its place.
        Replaced = "replaced",
        /// It is behind the signed end.
        Unsigned = "unsigned",
        /// The signature of the end is not by this installation's key.
        End = "end",
        /// The signature of the beginning is not by this installation's key.
        Beginning = "beginning",
        /// It says that the record was found damaged.
        Broken = "broken",
    }
}

impl AuditFault {
    /// What is wrong, in one sentence about "it", the row.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Changed => "It was changed after it was written.",
            Self::Missing => "It was removed.",
            Self::Replaced => "Another row was put in its place.",
            Self::Unsigned => "It stands behind the signed end, so the product did not write it.",
            Self::End => "The signature of the record's end is not by this installation's key.",
            Self::Beginning => {
                "What was removed before it was not removed by the product: the signature of that is not by this installation's key."
            }
            Self::Broken => {
                "The product found the record damaged when it wrote this row; what stands before it cannot be relied on."
            }
        }
    }
}

/// The first row of the record that is not as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadRow {
    /// Its number.
    pub seq: u64,
    /// What is wrong with it.
    pub fault: AuditFault,
}

/// What a check of the whole record found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditCheck {
    /// When it was checked.
    pub checked_at: Timestamp,
    /// How many rows are as they were written, up to the bad one.
    pub rows: u64,
    /// The number of the last row that was removed for its age; 0 if none was.
    pub removed: u64,
    /// The number of the newest row that is signed; 0 before the first.
    pub head: u64,
    /// That row's hash in hex; empty before the first.
    pub head_hash: String,
    /// What checks the signatures: the Ed25519 public key in hex.
    pub public_key: String,
    /// The first bad row, if there is one.
    pub bad: Option<BadRow>,
}

impl AuditCheck {
    /// What was found, for a person.
    pub fn sentence(&self) -> String {
        match (self.bad, self.head) {
            (Some(BadRow { seq, fault }), _) => format!("Row {seq} is bad. {}", fault.sentence()),
            (None, 0) => "Nothing was recorded yet.".to_owned(),
            (None, head) => {
                let rows = self.rows;
                let what = if rows == 1 { "row is" } else { "rows are" };
                format!("{rows} {what} as written, up to the signed row {head}.")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back() {
        for kind in AuditKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(*kind));
        }
        for actor in AuditActor::ALL {
            assert_eq!(actor.as_str().parse(), Ok(*actor));
        }
        for fault in AuditFault::ALL {
            assert_eq!(fault.as_str().parse(), Ok(*fault));
            assert!(fault.sentence().ends_with('.'));
        }
    }

    #[test]
    fn a_failure_is_never_told_as_a_call_that_ran() {
        for code in ToolErrorCode::ALL {
            assert_eq!(AuditKind::of_end(Some(*code)) != AuditKind::Ran, code.is_failure());
        }
        assert_eq!(AuditKind::of_end(None), AuditKind::Ran);
    }
}
