//! Why a call gave no result.

use domain::ToolErrorCode;

/// A call that gave no ordinary result: the code is for programs, the sentence
/// is for the model and for people. Nothing decides by the sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ToolError {
    /// The canonical code.
    pub code: ToolErrorCode,
    /// One sentence: what is wrong, and where it helps, what to do instead.
    pub message: String,
}

impl ToolError {
    /// An error with its code and sentence.
    pub fn new(code: ToolErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// The arguments cannot be taken; the model may try again with better ones.
    pub fn input_invalid(message: impl Into<String>) -> Self {
        Self::new(ToolErrorCode::InputInvalid, message)
    }

    /// The call tried to leave its room.
    pub fn escape(message: impl Into<String>) -> Self {
        Self::new(ToolErrorCode::SandboxViolation, message)
    }
}
