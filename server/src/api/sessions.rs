//! `/v1/sessions`

use axum::Json;
use axum::extract::{Path, State};
use domain::{MessageView, Page, SessionView};
use engine::Engine;

use super::{Params, Reply, session_id};
use crate::auth::Caller;

/// `GET /v1/sessions`
pub(crate) async fn list(
    Caller(who): Caller,
    State(engine): State<Engine>,
    mut params: Params,
) -> Reply<Json<Page<SessionView>>> {
    let (limit, cursor) = (params.limit()?, params.take("cursor"));
    params.done()?;
    Ok(Json(engine.sessions(&who, limit, cursor.as_deref()).await?))
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
