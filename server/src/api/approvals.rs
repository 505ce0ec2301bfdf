//! `/v1/approvals`

use axum::Json;
use axum::extract::{Path, State};
use domain::{ApprovalId, ApprovalView, Fault, FaultCode, Page, Remember, Verdict};
use engine::Engine;
use serde::Deserialize;

use super::{Body, Params, Reply};
use crate::auth::Caller;

/// The body of `POST /v1/approvals/{id}`.
#[derive(Deserialize)]
pub(crate) struct Answer {
    decision: Verdict,
    note: Option<String>,
    #[serde(default = "once")]
    remember: Remember,
}

const fn once() -> Remember {
    Remember::Once
}

/// `GET /v1/approvals`
pub(crate) async fn list(
    Caller(who): Caller,
    State(engine): State<Engine>,
    mut params: Params,
) -> Reply<Json<Page<ApprovalView>>> {
    let status = params.read("status")?;
    let (limit, cursor) = (params.limit()?, params.take("cursor"));
    params.done()?;
    Ok(Json(engine.approvals(&who, status, limit, cursor.as_deref()).await?))
}

/// `GET /v1/approvals/{id}`
pub(crate) async fn show(
    Caller(who): Caller,
    State(engine): State<Engine>,
    Path(id): Path<String>,
) -> Reply<Json<ApprovalView>> {
    Ok(Json(engine.approval(&who, approval_id(&id)?).await?))
}

/// `POST /v1/approvals/{id}`
pub(crate) async fn answer(
    Caller(who): Caller,
    State(engine): State<Engine>,
    Path(id): Path<String>,
    Body(answer): Body<Answer>,
) -> Reply<Json<ApprovalView>> {
    let Answer { decision, note, remember } = answer;
    let id = approval_id(&id)?;
    let answered = engine.answer_and_remember(&who, id, decision, note.as_deref(), remember);
    Ok(Json(answered.await?))
}

/// Reads the id of a question. What is no id names no question.
fn approval_id(text: &str) -> Reply<ApprovalId> {
    let fault = || Fault::new(FaultCode::ApprovalNotFound, "There is no such question.");
    text.parse().map_err(|_| fault().into())
}
