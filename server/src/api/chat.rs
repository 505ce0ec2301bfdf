//! `/v1/chat/messages`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::{Channel, Delivery, SessionId, SessionLink};
use engine::{Engine, Said, Submission};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};

use super::pictures::{Attachment, uploads};
use super::runs::{Taken, idempotency_key, target};
use super::{Body, Reply};
use crate::auth::Caller;

/// The body of `POST /v1/chat/messages`.
#[derive(Deserialize)]
pub(crate) struct NewMessage {
    message: String,
    attachments: Option<Vec<Attachment>>,
    delivery: Option<Delivery>,
    session_id: Option<String>,
    agent_id: Option<String>,
    // Fields of earlier clients. Who asks is known from the credential, and a
    // session stands where a room stood.
    #[serde(rename = "user_id")]
    _user_id: Option<String>,
    #[serde(rename = "room_id")]
    _room_id: Option<String>,
}

/// What a command answered.
#[derive(Serialize)]
struct Answered {
    response: String,
    session_id: Option<SessionId>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sessions: Vec<SessionLink>,
}

/// `POST /v1/chat/messages`
pub(crate) async fn send(
    Caller(who): Caller,
    State(engine): State<Engine>,
    headers: HeaderMap,
    Body(new): Body<NewMessage>,
) -> Reply<Response> {
    let target = target(new.session_id.as_deref(), new.agent_id)?;
    let idempotency = idempotency_key(&headers, "/v1/chat/messages")?;
    let (message, source) = (new.message, Channel::Api);
    let delivery = new.delivery.unwrap_or_default();
    let pictures = uploads(new.attachments);
    let submission = Submission { target, message, pictures, source, delivery, idempotency };
    Ok(match engine.say(&who, submission).await? {
        Said::Message(accepted) => {
            (StatusCode::ACCEPTED, Json(Taken::from(accepted))).into_response()
        }
        Said::Command(reply) => Json(Answered {
            response: reply.text(),
            session_id: reply.session_id,
            sessions: reply.sessions,
        })
        .into_response(),
    })
}
