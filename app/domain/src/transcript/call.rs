//! One tool call, as a person reads it.

use serde::{Deserialize, Serialize};

use crate::{ApprovalId, CallId, Decision, RunId, RunStatus, Timestamp, ToolErrorCode};

/// One tool call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallView {
    /// Our id; the key of the call on a page.
    pub id: CallId,
    /// The tool's name.
    pub tool: String,
    /// The arguments as JSON text.
    pub arguments: String,
    /// What was mended in them, where the model wrote them slightly broken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repair: Option<String>,
    /// Whether it has begun.
    pub stage: CallStage,
    /// When it began, or was first held.
    pub started_at: Timestamp,
    /// What a person was asked about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<ApprovalAsked>,
    /// The run that it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub child: Option<ChildRun>,
    /// What came out, once it ended.
    pub result: Option<CallResult>,
}

/// Whether a call has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallStage {
    /// It waits for a person, or behind a call that does.
    Held,
    /// It has begun.
    Begun,
}

/// A question to a person about one call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalAsked {
    /// The question.
    pub id: ApprovalId,
    /// Why it is asked, in one sentence.
    pub reason: String,
    /// When it lapses.
    pub expires_at: Timestamp,
    /// The answer, once there is one.
    pub answer: Option<ApprovalAnswer>,
}

/// The answer to a question about a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalAnswer {
    /// What was decided.
    pub decision: Decision,
    /// What the person added.
    pub note: Option<String>,
}

/// A run that a call began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChildRun {
    /// The run.
    pub run_id: RunId,
    /// Its agent's name.
    pub agent: String,
    /// Where it is, as far as the call was told.
    pub status: RunStatus,
}

/// How a tool call ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallResult {
    /// One line about what came out.
    pub summary: String,
    /// What the model was told; long texts are cut for the page.
    pub output: String,
    /// Why there is no ordinary result.
    pub error_code: Option<ToolErrorCode>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// The earlier call whose result this is, where nothing ran anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reused_from: Option<CallId>,
}

impl CallResult {
    /// Whether the call came to nothing.
    pub fn is_failure(&self) -> bool {
        self.error_code.is_some_and(ToolErrorCode::is_failure)
    }
}
