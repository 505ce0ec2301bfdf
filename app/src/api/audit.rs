//! The record of decisions: a page of it, and its check.

use domain::{AgentView, AuditCheck, AuditEntry, Page, UserView};
use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use crate::ApiError;

/// Which rows a list shows, in the words that stand in its URL.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct AuditQuery {
    /// The exact name of a tool.
    pub tool: Option<String>,
    /// The name of an agent.
    pub agent: Option<String>,
    /// The word of a kind of row.
    pub kind: Option<String>,
    /// The id of a run.
    pub run: Option<String>,
    /// The first day, in UTC.
    pub since: Option<String>,
    /// The last day, in UTC.
    pub until: Option<String>,
    /// Where the list goes on.
    pub cursor: Option<String>,
}

/// A page of the record, and what its filters offer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct AuditPage {
    /// The rows, newest first.
    pub entries: Page<AuditEntry>,
    /// The agents to choose from.
    pub agents: Vec<AgentView>,
    /// What the newest check found, for an owner.
    pub check: Option<AuditCheck>,
    /// Who reads.
    pub reader: UserView,
}

/// The rows that fit a query.
#[server(prefix = "/fn", endpoint = "audit", input = GetUrl, output = Json)]
pub(crate) async fn read_audit(
    // An address cannot carry a query that asks for nothing.
    #[server(default)] query: AuditQuery,
) -> Result<AuditPage, ApiError> {
    use crate::context;

    let who = context::signed_in().await?;
    let engine = context::engine()?;
    let agents = engine.agents(&who).await.map_err(context::refused)?;
    let filter = context::audit_filter(&query, &agents)?;
    let (limit, cursor) = (domain::Limit::default(), query.cursor.as_deref());
    let entries = engine.audit(&who, &filter, limit, cursor).await.map_err(context::refused)?;
    let check = match who.role() {
        domain::Role::Owner => engine.audit_check(&who).await.map_err(context::refused)?,
        domain::Role::Member => None,
    };
    Ok(AuditPage { entries, agents, check, reader: who.view().clone() })
}

/// Checks the whole record, and shows the page again.
#[server(prefix = "/fn", endpoint = "audit-check")]
pub(crate) async fn check_audit() -> Result<AuditCheck, ApiError> {
    use crate::{context, routes};

    let posted = context::Posted::new("audit-check", routes::AUDIT);
    let answer = async {
        let who = context::signed_in().await?;
        context::engine()?.check_audit(&who).await.map_err(context::refused)
    };
    let check = posted.settle(answer.await).await?;
    context::stay(routes::AUDIT);
    Ok(check)
}
