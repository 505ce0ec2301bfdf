//! The canonical error codes of tool calls.

use crate::text_enum::text_enum;

text_enum! {
    /// Why a tool call gave no ordinary result. Stored and shown as its word;
    /// classified by type where it happens, never by words in a message.
    pub enum ToolErrorCode("tool error code") {
        /// No tool has that name.
        NotFound = "tool.not_found",
        /// The arguments do not fit the tool's schema.
        InputInvalid = "tool.input_invalid",
        /// The agent has no grant for this call.
        PolicyDenied = "policy.denied",
        /// A person said no.
        ApprovalDenied = "approval.denied",
        /// Nobody answered in time.
        ApprovalExpired = "approval.expired",
        /// The machine lacks a layer that the tool needs.
        SandboxUnavailable = "sandbox.unavailable",
        /// The call tried to leave its room.
        SandboxViolation = "sandbox.violation",
        /// The call ran past its time limit.
        Timeout = "timeout",
        /// The run was stopped while the call was open.
        Cancelled = "cancelled",
        /// A note, not a failure: the output was cut.
        OutputTruncated = "output.truncated",
        /// The network guard refused the address.
        NetworkDenied = "network.denied",
        /// The model's provider failed.
        ProviderError = "provider.error",
        /// The server went away while the call was open.
        Interrupted = "interrupted",
        /// A fault of ours.
        InternalError = "internal.error",
    }
}

impl ToolErrorCode {
    /// Whether the call came to nothing; a note says only how it went.
    pub const fn is_failure(self) -> bool {
        !matches!(self, Self::OutputTruncated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back_from_its_word() {
        for code in ToolErrorCode::ALL {
            assert_eq!(code.as_str().parse(), Ok(*code));
        }
        assert!("timeout!".parse::<ToolErrorCode>().is_err());
    }
}
