//! `/v1/chat/messages`

use axum::Json;
use axum::extract::State;
use domain::Channel;
use engine::{Engine, Submission};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::runs::{Taken, idempotency_key, target};
use super::{Body, Reply};
use crate::auth::Caller;

/// The body of `POST /v1/chat/messages`.
#[derive(Deserialize)]
pub(crate) struct NewMessage {
    message: String,
    session_id: Option<String>,
    agent_id: Option<String>,
    // Fields of earlier clients. Who asks is known from the credential, and a
    // session stands where a room stood.
    #[serde(rename = "user_id")]
    _user_id: Option<String>,
    #[serde(rename = "room_id")]
    _room_id: Option<String>,
}

/// `POST /v1/chat/messages`
pub(crate) async fn send(
    Caller(who): Caller,
    State(engine): State<Engine>,
    headers: HeaderMap,
    Body(new): Body<NewMessage>,
) -> Reply<(StatusCode, Json<Taken>)> {
    let target = target(new.session_id.as_deref(), new.agent_id)?;
    let idempotency = idempotency_key(&headers, "/v1/chat/messages")?;
    let submission = Submission { target, message: new.message, source: Channel::Api, idempotency };
    let accepted = engine.submit(&who, submission).await?;
    Ok((StatusCode::ACCEPTED, Json(accepted.into())))
}
