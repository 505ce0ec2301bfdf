//! The HTTP API: thin handlers over the engine, one file per noun.

pub(crate) mod agents;
pub(crate) mod approvals;
pub(crate) mod audit;
pub(crate) mod chat;
pub(crate) mod config;
pub(crate) mod documents;
mod fault;
pub(crate) mod grants;
mod json;
mod params;
pub(crate) mod pictures;
pub(crate) mod providers;
pub(crate) mod runs;
pub(crate) mod sessions;
pub(crate) mod status;

use domain::{Fault, FaultCode, RunId, SessionId};

pub(crate) use fault::{ApiFault, Reply};
pub(crate) use json::{Body, present, too_large};
pub(crate) use params::Params;

/// The answer of routes that do not exist.
pub(crate) async fn not_found() -> ApiFault {
    ApiFault(Fault::new(FaultCode::RouteNotFound, "There is no such route."))
}

/// The answer of routes that exist for another method.
pub(crate) async fn method_not_allowed() -> ApiFault {
    let message = "This route does not take that method.";
    ApiFault(Fault::new(FaultCode::MethodNotAllowed, message))
}

/// Reads the id of a run. What is no id names no run.
pub(crate) fn run_id(text: &str) -> Result<RunId, ApiFault> {
    text.parse().map_err(|_| Fault::new(FaultCode::RunNotFound, "There is no such run.").into())
}

/// Reads the id of a session. What is no id names no session.
pub(crate) fn session_id(text: &str) -> Result<SessionId, ApiFault> {
    let fault = || Fault::new(FaultCode::SessionNotFound, "There is no such session.");
    text.parse().map_err(|_| fault().into())
}
