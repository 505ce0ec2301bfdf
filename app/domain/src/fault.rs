//! The errors a person may see, on pages and on the wire.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::text_enum::text_enum;

text_enum! {
    /// What kind of error it is. The word is the `code` of the error form; the
    /// HTTP status stands beside it in [`FaultCode::status`].
    pub enum FaultCode("fault code") {
        /// The body is not JSON, or not of the right shape.
        InvalidJson = "request.invalid_json",
        /// A field nobody knows.
        UnknownField = "request.unknown_field",
        /// A value that cannot be taken; `fields` names which.
        InvalidInput = "request.invalid_input",
        /// The body is over the limit.
        TooLarge = "request.too_large",
        /// The body is of a kind that the route does not read.
        UnsupportedType = "request.unsupported_type",
        /// No such route.
        RouteNotFound = "route.not_found",
        /// The route exists, for another method.
        MethodNotAllowed = "method.not_allowed",
        /// A write or a stream came with a cookie and no origin.
        OriginMissing = "origin.missing",
        /// A write or a stream came from another site.
        OriginForeign = "origin.foreign",
        /// The `Host` header names a host that this server does not serve.
        HostForeign = "host.foreign",
        /// Nobody is signed in.
        AuthRequired = "auth.required",
        /// Name, password or token is not right.
        AuthInvalid = "auth.invalid",
        /// Too many tries to sign in.
        AuthRateLimited = "auth.rate_limited",
        /// Signed in, but without the right.
        Forbidden = "auth.forbidden",
        /// Setup is over: there is an owner.
        SetupDone = "setup.done",
        /// No agent has that name or id.
        AgentNotFound = "agent.not_found",
        /// The document, or this version of it, is not there.
        DocumentNotFound = "document.not_found",
        /// The agent takes no messages until it is enabled.
        AgentDisabled = "agent.disabled",
        /// The agent of the session is deleted.
        AgentDeleted = "agent.deleted",
        /// Work of the agent is under way or waits.
        AgentAtWork = "agent.at_work",
        /// It is the last active agent.
        AgentLast = "agent.last",
        /// What is being edited was changed meanwhile.
        EditStale = "edit.stale",
        /// No such session, or not yours.
        SessionNotFound = "session.not_found",
        /// No such run, or not yours.
        RunNotFound = "run.not_found",
        /// The run has not ended.
        RunAtWork = "run.at_work",
        /// What happened in the run was cleared.
        RunCleared = "run.cleared",
        /// No such question, or not yours.
        ApprovalNotFound = "approval.not_found",
        /// No such picture, or it is not the caller's.
        PictureNotFound = "picture.not_found",
        /// The question was answered otherwise, lapsed or was withdrawn.
        ApprovalSettled = "approval.settled",
        /// The agent has no such grant.
        GrantNotFound = "grant.not_found",
        /// The agent has as many grants as it can have.
        GrantsFull = "grants.full",
        /// The run has not yet heard what was said to it before.
        SteeringFull = "steering.full",
        /// No provider has that name.
        ProviderNotFound = "provider.not_found",
        /// The provider is in use and cannot go.
        ProviderInUse = "provider.in_use",
        /// A change has to name the version that it was made from.
        PreconditionMissing = "request.precondition_missing",
        /// The name is taken.
        NameTaken = "name.taken",
        /// Waiting plus running work is at its bound.
        QueueFull = "queue.full",
        /// The idempotency key was used with another body.
        IdempotencyConflict = "idempotency.conflict",
        /// Too many live streams are open.
        StreamsFull = "streams.full",
        /// The server is going down.
        ShuttingDown = "server.shutting_down",
        /// A fault of ours; the reference finds it in the log.
        Internal = "internal.error",
    }
}

impl FaultCode {
    /// The HTTP status that goes with the code.
    pub const fn status(self) -> u16 {
        match self {
            Self::InvalidJson | Self::UnknownField | Self::InvalidInput => 400,
            Self::IdempotencyConflict => 422,
            Self::TooLarge => 413,
            Self::UnsupportedType => 415,
            Self::RouteNotFound
            | Self::AgentNotFound
            | Self::DocumentNotFound
            | Self::SessionNotFound
            | Self::RunNotFound
            | Self::ApprovalNotFound
            | Self::GrantNotFound
            | Self::PictureNotFound
            | Self::ProviderNotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::OriginMissing | Self::OriginForeign | Self::Forbidden => 403,
            Self::HostForeign => 421,
            Self::AuthRequired | Self::AuthInvalid => 401,
            Self::AuthRateLimited | Self::QueueFull | Self::SteeringFull | Self::StreamsFull => 429,
            Self::SetupDone
            | Self::NameTaken
            | Self::ProviderInUse
            | Self::ApprovalSettled
            | Self::GrantsFull
            | Self::AgentDisabled
            | Self::AgentAtWork
            | Self::RunAtWork
            | Self::AgentLast => 409,
            Self::AgentDeleted | Self::RunCleared => 410,
            Self::EditStale => 412,
            Self::PreconditionMissing => 428,
            Self::ShuttingDown => 503,
            Self::Internal => 500,
        }
    }
}

/// An error as a person sees it: a kind, a sentence, the fields that are wrong,
/// and for faults of ours a number that finds the cause in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// What kind of error.
    pub code: FaultCode,
    /// One sentence: what is wrong and what to do.
    pub message: String,
    /// The number under which the cause was logged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// When to try again, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<u64>,
    /// How many runs wait, where the queue is full.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue_length: Option<u64>,
    /// A sentence for each field that is wrong, by field name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
}

impl Fault {
    /// An error with nothing but its kind and sentence.
    pub fn new(code: FaultCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            reference: None,
            retry_after_seconds: None,
            queue_length: None,
            fields: BTreeMap::new(),
        }
    }

    /// One field cannot be taken as it is.
    pub fn field(name: impl Into<String>, sentence: impl Into<String>) -> Self {
        let sentence = sentence.into();
        let mut fault = Self::new(FaultCode::InvalidInput, sentence.clone());
        fault.fields.insert(name.into(), sentence);
        fault
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(reference) = &self.reference {
            write!(f, " (reference {reference})")?;
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back_and_has_an_error_status() {
        for code in FaultCode::ALL {
            assert_eq!(code.as_str().parse(), Ok(*code));
            assert!((400..600).contains(&code.status()), "{code}");
        }
    }
}
