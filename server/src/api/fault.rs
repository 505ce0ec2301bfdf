//! The one form of errors on the wire.

use axum::Json;
use axum::response::{IntoResponse, Response};
use domain::Fault;
use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};
use serde_json::json;

/// What a handler returns.
pub(crate) type Reply<T> = Result<T, ApiFault>;

/// An error as an answer: status and `{"error": {…}}`.
#[derive(Debug)]
pub(crate) struct ApiFault(pub(crate) Fault);

impl From<Fault> for ApiFault {
    fn from(fault: Fault) -> Self {
        Self(fault)
    }
}

impl From<engine::Error> for ApiFault {
    fn from(error: engine::Error) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for ApiFault {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.code.status());
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry = self.0.retry_after_seconds;
        let mut response = (status, Json(json!({ "error": self.0 }))).into_response();
        if let Some(seconds) = retry {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
