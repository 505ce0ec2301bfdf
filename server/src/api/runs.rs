//! `/v1/runs`

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use domain::{Channel, Delivery, Fault, Page, RunFilter, RunId, RunStatus, RunView, SessionId};
use engine::{Accepted, Engine, Export, Submission, Target};
use futures_util::TryStreamExt;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::pictures::{Attachment, uploads};
use super::{Body, Params, Reply, run_id, session_id};
use crate::auth::Caller;

/// The body of `POST /v1/runs`.
#[derive(Deserialize)]
pub(crate) struct NewRun {
    agent_id: Option<String>,
    message: String,
    attachments: Option<Vec<Attachment>>,
    delivery: Option<Delivery>,
    session_id: Option<String>,
}

/// The answer to a message that was taken in.
#[derive(Serialize)]
pub(crate) struct Taken {
    id: RunId,
    session_id: SessionId,
    status: RunStatus,
    queue_position: u32,
}

impl From<Accepted> for Taken {
    fn from(accepted: Accepted) -> Self {
        let Accepted { run_id, session_id, status, queue_position } = accepted;
        Self { id: run_id, session_id, status, queue_position }
    }
}

/// `POST /v1/runs`
pub(crate) async fn create(
    Caller(who): Caller,
    State(engine): State<Engine>,
    headers: HeaderMap,
    Body(new): Body<NewRun>,
) -> Reply<(StatusCode, Json<Taken>)> {
    let target = target(new.session_id.as_deref(), new.agent_id)?;
    let idempotency = idempotency_key(&headers, "/v1/runs")?;
    let (message, source) = (new.message, Channel::Api);
    let delivery = new.delivery.unwrap_or_default();
    let pictures = uploads(new.attachments);
    let submission = Submission { target, message, pictures, source, delivery, idempotency };
    let accepted = engine.submit(&who, submission).await?;
    Ok((StatusCode::ACCEPTED, Json(accepted.into())))
}

/// `GET /v1/runs`
pub(crate) async fn list(
    Caller(who): Caller,
    State(engine): State<Engine>,
    mut params: Params,
) -> Reply<Json<Page<RunView>>> {
    let filter = RunFilter {
        status: params.read("status")?,
        agent_id: params.read("agent_id")?,
        source: params.read("source")?,
        session_id: params.read("session_id")?,
    };
    let (limit, cursor) = (params.limit()?, params.take("cursor"));
    params.done()?;
    Ok(Json(engine.runs(&who, filter, limit, cursor.as_deref()).await?))
}

/// `GET /v1/runs/{id}`
pub(crate) async fn show(
    Caller(who): Caller,
    State(engine): State<Engine>,
    Path(id): Path<String>,
) -> Reply<Json<RunView>> {
    Ok(Json(engine.run(&who, run_id(&id)?).await?))
}

/// `GET /v1/runs/{id}/trace`: everything that happened, in JSON; with
/// `format=json` as a file to keep.
pub(crate) async fn trace(
    Caller(who): Caller,
    State(engine): State<Engine>,
    Path(id): Path<String>,
    mut params: Params,
) -> Reply<Response> {
    let as_file = match params.take("format").as_deref() {
        None => false,
        Some("json") => true,
        Some(_) => return Err(Fault::field("format", "`format` is `json`.").into()),
    };
    params.done()?;
    let Export { file_name, text } = engine.trace_file(&who, run_id(&id)?).await?;
    // What breaks half-way breaks the connection, so that nothing looks whole.
    let body = axum::body::Body::from_stream(text.map_err(Fault::from));
    let mut response = ([(CONTENT_TYPE, "application/json")], body).into_response();
    if as_file {
        let disposition = HeaderValue::try_from(format!("attachment; filename=\"{file_name}\""));
        if let Ok(disposition) = disposition {
            response.headers_mut().insert(CONTENT_DISPOSITION, disposition);
        }
    }
    Ok(response)
}

/// `POST /v1/runs/{id}/cancel`
pub(crate) async fn cancel(
    Caller(who): Caller,
    State(engine): State<Engine>,
    Path(id): Path<String>,
) -> Reply<Json<Value>> {
    let status = engine.cancel(&who, run_id(&id)?).await?;
    Ok(Json(json!({ "status": status })))
}

/// The conversation that a request names.
pub(crate) fn target(session: Option<&str>, agent: Option<String>) -> Reply<Target> {
    match session {
        Some(id) => Ok(Target::Session(session_id(id)?)),
        None => Ok(Target::NewSession { agent }),
    }
}

/// The client's key for a request, if it sent one.
pub(crate) fn idempotency_key(
    headers: &HeaderMap,
    route: &'static str,
) -> Reply<Option<(&'static str, String)>> {
    let Some(key) = headers.get("idempotency-key") else { return Ok(None) };
    let fault = |_| Fault::field("Idempotency-Key", "An idempotency key is ASCII text.");
    Ok(Some((route, key.to_str().map_err(fault)?.to_owned())))
}
