//! What waits for a person's answer, and the answers.

use domain::{ApprovalView, Page, Pending, RunView, SessionId};
use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use crate::ApiError;

/// What waits for a person, and what was lately answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ApprovalsPage {
    /// The questions about calls that wait, newest first.
    pub waiting: Page<ApprovalView>,
    /// Runs that ask how to go on, newest first.
    pub guidance: Vec<RunView>,
    /// Of the newest questions, those that do not wait any more, newest first.
    pub settled: Vec<ApprovalView>,
    /// The newest event in here; a live stream goes on from it.
    pub position: u64,
}

/// What waits for a person.
#[server(prefix = "/fn", endpoint = "approvals", input = GetUrl, output = Json)]
pub(crate) async fn read_approvals(cursor: Option<String>) -> Result<ApprovalsPage, ApiError> {
    use crate::context;
    use domain::{ApprovalStatus, Limit, RunFilter, RunStatus};

    /// How many settled questions are shown at most.
    const SETTLED: usize = 20;

    let who = context::signed_in().await?;
    let engine = context::engine()?;
    // Read first: what happens in between comes once more, not never.
    let position = engine.position().await.map_err(context::refused)?;
    let (limit, cursor) = (Limit::default(), cursor.as_deref());
    let asked = Some(ApprovalStatus::Waiting);
    let waiting = engine.approvals(&who, asked, limit, cursor).await.map_err(context::refused)?;
    let newest = engine.approvals(&who, None, limit, None).await.map_err(context::refused)?;
    let waits = |asked: &ApprovalView| asked.status == ApprovalStatus::Waiting;
    let settled = newest.items.into_iter().filter(|asked| !waits(asked)).take(SETTLED).collect();
    let filter = RunFilter { status: Some(RunStatus::WaitingGuidance), ..RunFilter::default() };
    let guidance = engine.runs(&who, filter, limit, None).await.map_err(context::refused)?.items;
    Ok(ApprovalsPage { waiting, guidance, settled, position })
}

/// How many of this person's runs wait for an answer.
#[server(prefix = "/fn", endpoint = "questions", input = GetUrl, output = Json)]
pub(crate) async fn read_questions() -> Result<u64, ApiError> {
    use crate::context;

    let who = context::signed_in().await?;
    context::engine()?.questions(&who).await.map_err(context::refused)
}

/// What the run at work in a session waits for, and has yet to hear.
#[server(prefix = "/fn", endpoint = "pending", input = GetUrl, output = Json)]
pub(crate) async fn read_pending(session: SessionId) -> Result<Pending, ApiError> {
    use crate::context;

    let who = context::signed_in().await?;
    context::engine()?.pending(&who, session).await.map_err(context::refused)
}

/// Answers a question about a call, and shows again the page where it stood.
#[server(prefix = "/fn", endpoint = "answer_approval")]
pub(crate) async fn answer_approval(
    #[server(default)] approval: String,
    #[server(default)] verdict: String,
    #[server(default)] note: String,
    #[server(default)] remember: String,
    #[server(default)] page: String,
) -> Result<ApprovalView, ApiError> {
    use crate::{context, routes};

    let page = routes::local(&page).unwrap_or(routes::APPROVALS);
    let posted = context::Posted::new("answer", page);
    let posted = posted.typed("approval", &approval).typed("note", &note);
    let posted = posted.typed("remember", &remember);
    let answer = async {
        let who = context::signed_in().await?;
        let id = context::id(&approval, domain::FaultCode::ApprovalNotFound)?;
        let unsaid = |_| domain::Fault::field("verdict", "Choose Approve or Deny.");
        let verdict = verdict.parse().map_err(unsaid).map_err(context::refused)?;
        let unknown = |_| domain::Fault::field("remember", "Choose for how long it counts.");
        let remember = match remember.as_str() {
            "" => domain::Remember::Once,
            word => word.parse().map_err(unknown).map_err(context::refused)?,
        };
        let engine = context::engine()?;
        let answered = engine.answer_and_remember(&who, id, verdict, Some(&note), remember).await;
        answered.map_err(context::refused)
    };
    let answered = posted.settle(answer.await).await?;
    context::stay(page);
    Ok(answered)
}
