//! Runs: their list, one of them, and stopping one.

use domain::{AgentView, Page, RunStatus, RunView, Timestamp, Turn};
use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use crate::ApiError;

/// Which runs a list shows, in the words that stand in its URL.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RunQuery {
    /// The word of a state.
    pub status: Option<String>,
    /// The name of an agent.
    pub agent: Option<String>,
    /// The word of a channel.
    pub source: Option<String>,
    /// Where the list goes on.
    pub cursor: Option<String>,
}

/// A page of runs, and what its filters offer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct RunsPage {
    /// The runs, newest first.
    pub runs: Page<RunView>,
    /// The agents to choose from.
    pub agents: Vec<AgentView>,
    /// When this was read; running times count from here.
    pub at: Timestamp,
    /// The newest event in here; a live stream goes on from it.
    pub position: u64,
}

/// One run with its steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct RunPage {
    /// The record.
    pub run: RunView,
    /// What happened in it.
    pub turn: Turn,
    /// When this was read; running times count from here.
    pub at: Timestamp,
}

/// The runs that fit a query.
#[server(prefix = "/fn", endpoint = "runs", input = GetUrl, output = Json)]
pub(crate) async fn read_runs(
    // An address cannot carry a query that asks for nothing.
    #[server(default)] query: RunQuery,
) -> Result<RunsPage, ApiError> {
    use crate::context;

    let who = context::signed_in().await?;
    let engine = context::engine()?;
    let agents = engine.agents(&who).await.map_err(context::refused)?;
    let agent_id = match query.agent.as_deref() {
        Some(name) => Some(context::agent_named(&agents, name)?),
        None => None,
    };
    let filter = domain::RunFilter {
        status: context::word(query.status.as_deref())?,
        source: context::word(query.source.as_deref())?,
        agent_id,
        session_id: None,
    };
    // Read first: what happens in between comes once more, not never.
    let position = engine.position().await.map_err(context::refused)?;
    // About two screens of rows.
    let limit = domain::Limit::new(30).unwrap_or_default();
    let cursor = query.cursor.as_deref();
    let mut runs = engine.runs(&who, filter, limit, cursor).await.map_err(context::refused)?;
    runs.items.iter_mut().for_each(context::only_lines);
    Ok(RunsPage { runs, agents, at: engine.now(), position })
}

/// One run.
#[server(prefix = "/fn", endpoint = "run", input = GetUrl, output = Json)]
pub(crate) async fn read_run(run: String) -> Result<RunPage, ApiError> {
    use crate::context;

    let who = context::signed_in().await?;
    let engine = context::engine()?;
    let id = context::id(&run, domain::FaultCode::RunNotFound)?;
    let run = engine.run(&who, id).await.map_err(context::refused)?;
    let turn = engine.turn(&who, id).await.map_err(context::refused)?;
    Ok(RunPage { run, turn, at: engine.now() })
}

/// What happened in one run, for a page that shows its session.
#[server(prefix = "/fn", endpoint = "turn", input = GetUrl, output = Json)]
pub(crate) async fn read_turn(run: domain::RunId) -> Result<Turn, ApiError> {
    use crate::context;

    let who = context::signed_in().await?;
    context::engine()?.turn(&who, run).await.map_err(context::refused)
}

/// Stops a run, and shows again the page where that was asked.
#[server(prefix = "/fn", endpoint = "cancel")]
pub(crate) async fn cancel(
    #[server(default)] run: String,
    #[server(default)] page: String,
) -> Result<RunStatus, ApiError> {
    use crate::{context, routes};

    let page = routes::local(&page).unwrap_or(routes::RUNS);
    let posted = context::Posted::new("cancel", page);
    let answer = async {
        let who = context::signed_in().await?;
        let id = context::id(&run, domain::FaultCode::RunNotFound)?;
        context::engine()?.cancel(&who, id).await.map_err(context::refused)
    };
    let status = posted.settle(answer.await).await?;
    context::stay(page);
    Ok(status)
}
