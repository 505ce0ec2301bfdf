//! Whether the server is alive, and whether it can work.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use engine::Engine;
use http::StatusCode;
use serde_json::json;

/// `GET /healthz`: the process answers.
pub(crate) async fn alive() -> Response {
    Json(json!({ "status": "ok" })).into_response()
}

/// `GET /readyz`: the database answers, so that work can be taken in.
pub(crate) async fn ready(State(engine): State<Engine>) -> Response {
    match engine.ping().await {
        Ok(()) => Json(json!({ "status": "ok", "database": "ok" })).into_response(),
        Err(error) => {
            tracing::error!(%error, "the database does not answer");
            let body = Json(json!({ "status": "failed", "database": "failed" }));
            (StatusCode::SERVICE_UNAVAILABLE, body).into_response()
        }
    }
}
