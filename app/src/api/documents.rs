//! The prompt documents of an agent.

use domain::{AgentName, PromptDiff, PromptDocument, PromptVersion};
use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use crate::ApiError;

/// What an address asks for beside the newest version.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct DocumentQuery {
    /// A version to look at.
    pub version: Option<String>,
    /// The version that a comparison begins with.
    pub from: Option<String>,
    /// The version that it leads to.
    pub to: Option<String>,
}

/// A prompt document with its history, and what was asked of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct DocumentPage {
    /// Whose it is.
    pub agent: AgentName,
    /// Its newest version.
    pub newest: PromptDocument,
    /// The versions that are kept, newest first.
    pub versions: Vec<PromptVersion>,
    /// The version that was asked for.
    pub shown: Option<PromptDocument>,
    /// The comparison that was asked for, or else what restoring the shown
    /// version would change.
    pub diff: Option<PromptDiff>,
}

/// A document of an agent.
#[server(prefix = "/fn", endpoint = "doc", input = GetUrl, output = Json)]
pub(crate) async fn read_document(
    agent: String,
    document: String,
    // An address cannot carry a query that asks for nothing.
    #[server(default)] query: DocumentQuery,
) -> Result<DocumentPage, ApiError> {
    use crate::context;

    let who = context::signed_in().await?;
    let engine = context::engine()?;
    let name = context::id(&document, domain::FaultCode::DocumentNotFound)?;
    let record = engine.agent_record(&who, &agent).await.map_err(context::refused)?;
    let version = context::word(query.version.as_deref())?;
    let (from, to) = (context::word(query.from.as_deref())?, context::word(query.to.as_deref())?);
    let newest = engine.prompt_document(&who, &agent, name, None).await;
    let newest = newest.map_err(context::refused)?;
    let versions = engine.prompt_versions(&who, &agent, name).await.map_err(context::refused)?;
    let shown = match version {
        Some(_) => {
            let shown = engine.prompt_document(&who, &agent, name, version).await;
            Some(shown.map_err(context::refused)?)
        }
        None => None,
    };
    let compared = match (from, to, version) {
        (Some(from), Some(to), _) => Some((from, to)),
        (_, _, Some(version)) => Some((newest.view.version, version)),
        _ => None,
    };
    let diff = match compared {
        Some((from, to)) => {
            let diff = engine.prompt_diff(&who, &agent, name, from, to).await;
            Some(diff.map_err(context::refused)?)
        }
        None => None,
    };
    Ok(DocumentPage { agent: record.row.agent.name, newest, versions, shown, diff })
}

/// Stores a text as the next version of a document.
#[server(prefix = "/fn", endpoint = "doc-save")]
pub(crate) async fn save_document(
    #[server(default)] agent: String,
    #[server(default)] document: String,
    #[server(default)] seen: String,
    #[server(default)] content: String,
) -> Result<(), ApiError> {
    use crate::{context, routes};

    let page = routes::document_named(&agent, &document);
    let posted = context::Posted::new("doc-save", page.clone()).typed("content", &content);
    let answer = async {
        let who = context::signed_in().await?;
        let name = context::id(&document, domain::FaultCode::DocumentNotFound)?;
        let seen = context::word(Some(&seen))?.unwrap_or_default();
        let engine = context::engine()?;
        let saved = engine.save_prompt_document(&who, &agent, name, seen, content);
        saved.await.map_err(context::refused)
    };
    posted.settle(answer.await).await?;
    context::stay(&page);
    Ok(())
}

/// Stores an older version as the next one, and leads to the document.
#[server(prefix = "/fn", endpoint = "doc-restore")]
pub(crate) async fn restore_document(
    #[server(default)] agent: String,
    #[server(default)] document: String,
    #[server(default)] seen: String,
    #[server(default)] version: String,
) -> Result<(), ApiError> {
    use crate::{context, routes};

    let page = routes::document_named(&agent, &document);
    let posted = context::Posted::new("doc-restore", page.clone());
    let answer = async {
        let who = context::signed_in().await?;
        let name = context::id(&document, domain::FaultCode::DocumentNotFound)?;
        let seen = context::word(Some(&seen))?.unwrap_or_default();
        let version = context::word(Some(&version))?.unwrap_or_default();
        let engine = context::engine()?;
        let restored = engine.restore_prompt_document(&who, &agent, name, seen, version);
        restored.await.map_err(context::refused)
    };
    posted.settle(answer.await).await?;
    context::go(&page);
    Ok(())
}
