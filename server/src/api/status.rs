//! `/api/admin/status`

use axum::Json;
use axum::extract::State;
use domain::{CleaningState, Health};
use engine::Engine;
use serde_json::{Value, json};

use super::Reply;
use crate::auth::Caller;

/// `GET /api/admin/status`
pub(crate) async fn show(Caller(who): Caller, State(engine): State<Engine>) -> Reply<Json<Health>> {
    Ok(Json(engine.health(&who).await?))
}

/// `POST /api/admin/clean-up`: starts a clean-up and says where it is.
pub(crate) async fn clean_up(
    Caller(who): Caller,
    State(engine): State<Engine>,
) -> Reply<Json<Value>> {
    let state: CleaningState = engine.clean_up(&who).await?;
    Ok(Json(json!({ "state": state })))
}
