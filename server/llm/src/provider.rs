//! The trait every provider implements, its stream and its errors.

use std::pin::Pin;
use std::time::Duration;

use async_trait::async_trait;
use domain::{FinishReason, ModelFaultKind};
use futures_util::Stream;

use crate::{Request, ToolCall};

/// What a model sends while it answers. The last item is always
/// [`Delta::Finish`], or an error.
#[derive(Debug, Clone, PartialEq)]
pub enum Delta {
    /// New characters of the answer.
    Text(String),
    /// New characters of thinking that the provider marks as such.
    Thinking(String),
    /// One whole call, its arguments complete.
    Call(ToolCall),
    /// Markup of a call in which no name can be read: the model has to be told.
    Broken(String),
    /// What the provider wants back unread with the next request, as JSON: signed
    /// thinking, say. The last one counts.
    Carried(String),
    /// The whole text as the model wrote it, where calls or thinking stood in it.
    /// Comes once, at the end.
    Raw(String),
    /// What the provider counted.
    Usage(Usage),
    /// The end, and why.
    Finish(FinishReason),
}

/// Tokens, as the provider counts them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens sent, cached ones included.
    pub input_tokens: u64,
    /// Tokens written, thinking included.
    pub output_tokens: u64,
    /// Of the tokens sent, how many were cached.
    pub cached_tokens: u64,
}

/// A running answer. Dropping it closes the connection to the provider, which
/// is how an exchange is cancelled.
pub type DeltaStream = Pin<Box<dyn Stream<Item = Result<Delta, LlmError>> + Send>>;

/// Why there is no answer, or no more of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LlmError {
    /// Too many requests.
    #[error("the provider limits the rate of requests")]
    RateLimited {
        /// How long the provider asks to wait.
        retry_after: Option<Duration>,
    },
    /// The provider has no capacity now.
    #[error("the provider is overloaded (status {status})")]
    Overloaded {
        /// The HTTP status.
        status: u16,
        /// How long the provider asks to wait.
        retry_after: Option<Duration>,
    },
    /// The key is missing, wrong, or lacks a right.
    #[error("the provider refused the key (status {status})")]
    Auth {
        /// The HTTP status.
        status: u16,
    },
    /// The account has nothing left to spend, or reached its limit for a day or
    /// longer.
    #[error("the account at the provider has nothing left to spend: {detail}")]
    Quota {
        /// What the provider said, cut to 500 characters.
        detail: String,
    },
    /// The request is larger than the model, or the provider, takes.
    #[error("the request is larger than the model takes: {detail}")]
    ContextOverflow {
        /// What the provider said, cut to 500 characters.
        detail: String,
    },
    /// The provider does not know the model or the path.
    #[error("the provider does not know this model or address (status 404)")]
    NotFound,
    /// The request was refused as it is.
    #[error("the provider refused the request (status {status}): {detail}")]
    BadRequest {
        /// The HTTP status.
        status: u16,
        /// What the provider said, cut to 500 characters.
        detail: String,
    },
    /// No connection, or it broke before the answer began. Never holds a URL.
    #[error("the provider cannot be reached: {0}")]
    Network(String),
    /// The stream ended before the model had finished. Whether anything came
    /// before it, the reader of the stream has seen.
    #[error("the answer was cut off: {0}")]
    Cut(String),
    /// The provider sent something that is not its own format.
    #[error("the provider sent something unreadable: {0}")]
    Format(String),
}

impl LlmError {
    /// What kind of fault this is.
    pub const fn kind(&self) -> ModelFaultKind {
        match self {
            Self::RateLimited { .. } => ModelFaultKind::RateLimited,
            Self::Overloaded { .. } => ModelFaultKind::Overloaded,
            Self::Auth { .. } => ModelFaultKind::Auth,
            Self::Quota { .. } => ModelFaultKind::Quota,
            Self::ContextOverflow { .. } => ModelFaultKind::ContextOverflow,
            Self::NotFound => ModelFaultKind::NotFound,
            Self::BadRequest { .. } => ModelFaultKind::BadRequest,
            Self::Network(_) => ModelFaultKind::Network,
            Self::Cut(_) => ModelFaultKind::Cut,
            Self::Format(_) => ModelFaultKind::Format,
        }
    }

    /// How long the provider asks to wait, where it says so.
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after } | Self::Overloaded { retry_after, .. } => {
                *retry_after
            }
            Self::Auth { .. }
            | Self::Quota { .. }
            | Self::ContextOverflow { .. }
            | Self::NotFound
            | Self::BadRequest { .. }
            | Self::Network(_)
            | Self::Cut(_)
            | Self::Format(_) => None,
        }
    }
}

/// A model endpoint and how to talk to it.
#[async_trait]
pub trait Provider: Send + Sync {
    /// Begins an exchange. Returns once the provider has accepted it.
    async fn stream(&self, request: Request) -> Result<DeltaStream, LlmError>;
}
