//! `/v1/sessions`

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use domain::{Fault, MessageView, Page, SessionFilter, SessionState, SessionView};
use engine::{Engine, Export, ExportForm};
use futures_util::TryStreamExt;
use http::StatusCode;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use serde::Deserialize;

use super::{Body, Params, Reply, session_id};
use crate::auth::Caller;

/// `GET /v1/sessions`
pub(crate) async fn list(
    Caller(who): Caller,
    State(engine): State<Engine>,
    mut params: Params,
) -> Reply<Response> {
    let filter = SessionFilter {
        state: params.read("state")?.unwrap_or(SessionState::Active),
        agent_id: params.read("agent_id")?,
    };
    let typed = params.take("q");
    let (limit, cursor) = (params.limit()?, params.take("cursor"));
    params.done()?;
    let cursor = cursor.as_deref();
    Ok(match typed {
        None => Json(engine.sessions(&who, filter, limit, cursor).await?).into_response(),
        Some(q) => Json(engine.search(&who, &q, filter, limit, cursor).await?).into_response(),
    })
}

/// The body of `PATCH /v1/sessions/{id}`.
#[derive(Deserialize)]
pub(crate) struct SessionChange {
    title: Option<String>,
    archived: Option<bool>,
}

/// `PATCH /v1/sessions/{id}`
pub(crate) async fn change(
    Caller(who): Caller,
    State(engine): State<Engine>,
    Path(id): Path<String>,
    Body(change): Body<SessionChange>,
) -> Reply<Json<SessionView>> {
    let SessionChange { title, archived } = change;
    let id = session_id(&id)?;
    Ok(Json(engine.change_session(&who, id, title.as_deref(), archived).await?))
}

/// `DELETE /v1/sessions/{id}`
pub(crate) async fn delete(
    Caller(who): Caller,
    State(engine): State<Engine>,
    Path(id): Path<String>,
) -> Reply<StatusCode> {
    engine.delete_session(&who, session_id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /v1/sessions/{id}/export`
pub(crate) async fn export(
    Caller(who): Caller,
    State(engine): State<Engine>,
    Path(id): Path<String>,
    mut params: Params,
) -> Reply<Response> {
    let (form, kind) = match params.take("format").as_deref() {
        None | Some("md") => (ExportForm::Markdown, "text/markdown; charset=utf-8"),
        Some("json") => (ExportForm::Json, "application/json"),
        Some(_) => return Err(Fault::field("format", "`format` is `md` or `json`.").into()),
    };
    params.done()?;
    let Export { file_name, text } = engine.export(&who, session_id(&id)?, form).await?;
    let disposition = format!("attachment; filename=\"{file_name}\"");
    // What breaks half-way breaks the connection, so that no file looks whole.
    let body = text.map_err(domain::Fault::from);
    Ok((
        [(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, disposition)],
        axum::body::Body::from_stream(body),
    )
        .into_response())
}

/// `GET /v1/sessions/{id}`
pub(crate) async fn show(
    Caller(who): Caller,
    State(engine): State<Engine>,
    Path(id): Path<String>,
) -> Reply<Json<SessionView>> {
    Ok(Json(engine.session(&who, session_id(&id)?).await?))
}

/// `GET /v1/sessions/{id}/messages`
pub(crate) async fn messages(
    Caller(who): Caller,
    State(engine): State<Engine>,
    Path(id): Path<String>,
    mut params: Params,
) -> Reply<Json<Page<MessageView>>> {
    let (limit, cursor) = (params.limit()?, params.take("cursor"));
    params.done()?;
    Ok(Json(engine.messages(&who, session_id(&id)?, limit, cursor.as_deref()).await?))
}
