//! Errors of the facade: refusals that a person may read, and faults of ours.

use domain::{Fault, FaultCode};
use uuid::Uuid;

/// The result of a call into the engine.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a call into the engine gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller can do something about it.
    #[error(transparent)]
    Refused(#[from] Fault),
    /// The store could not do its part.
    #[error(transparent)]
    Store(store::Error),
    /// Something of ours broke.
    #[error("{0}")]
    Broken(String),
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::NotFound("session") => {
                Fault::new(FaultCode::SessionNotFound, "There is no such session.").into()
            }
            store::Error::NotFound("run") => {
                Fault::new(FaultCode::RunNotFound, "There is no such run.").into()
            }
            store::Error::NotFound("approval") => {
                Fault::new(FaultCode::ApprovalNotFound, "There is no such question.").into()
            }
            store::Error::NotFound("grant") => {
                Fault::new(FaultCode::GrantNotFound, "There is no such grant.").into()
            }
            store::Error::NotFound("picture") => {
                Fault::new(FaultCode::PictureNotFound, "There is no such picture.").into()
            }
            store::Error::NotFound("agent") => {
                Fault::new(FaultCode::AgentNotFound, "There is no such agent.").into()
            }
            store::Error::NotFound("provider") => {
                let sentence = "There is no such provider among those that were added.";
                Fault::new(FaultCode::ProviderNotFound, sentence).into()
            }
            store::Error::BadCursor => {
                Fault::field("cursor", "This cursor was not given out by this list.").into()
            }
            other => Self::Store(other),
        }
    }
}

/// The edge where internals stop: they are logged once, under a number that the
/// person gets instead.
impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(fault) => fault,
            broken => {
                let reference = Uuid::now_v7().simple().to_string();
                tracing::error!(reference, error = %broken, "a request failed inside");
                let message =
                    "Something failed inside the server. The log says what, under this reference.";
                let mut fault = Self::new(FaultCode::Internal, message);
                fault.reference = Some(reference);
                fault
            }
        }
    }
}
