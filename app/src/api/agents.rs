//! The agents of this installation.

use domain::{AgentPicker, AgentRecord, AgentRow, Grant, ModelChoices, PromptView, Role};
use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use crate::ApiError;

/// All agents, and what their reader may do with them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct AgentsPage {
    /// The agents, oldest first.
    pub agents: Vec<AgentRow>,
    /// The reader's rights.
    pub role: Role,
}

/// One agent, and what its form offers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct AgentPage {
    /// The agent.
    pub record: AgentRecord,
    /// The models to choose from.
    pub models: ModelChoices,
    /// Its prompt documents.
    pub documents: Vec<PromptView>,
    /// Its grants.
    pub grants: Vec<Grant>,
}

/// Whom this person can begin a session with.
#[server(prefix = "/fn", endpoint = "agent-picker", input = GetUrl, output = Json)]
pub(crate) async fn read_picker() -> Result<AgentPicker, ApiError> {
    use crate::context;

    let who = context::signed_in().await?;
    context::engine()?.agent_picker(&who).await.map_err(context::refused)
}

/// The agents, with how much each is used.
#[server(prefix = "/fn", endpoint = "agents", input = GetUrl, output = Json)]
pub(crate) async fn read_agents() -> Result<AgentsPage, ApiError> {
    use crate::context;

    let who = context::signed_in().await?;
    let agents = context::engine()?.agent_rows(&who).await.map_err(context::refused)?;
    Ok(AgentsPage { agents, role: who.role() })
}

/// One agent.
#[server(prefix = "/fn", endpoint = "agent", input = GetUrl, output = Json)]
pub(crate) async fn read_agent(name: String) -> Result<AgentPage, ApiError> {
    use crate::context;

    let who = context::signed_in().await?;
    let engine = context::engine()?;
    let record = engine.agent_record(&who, &name).await.map_err(context::refused)?;
    let models = engine.model_choices(&who).await.map_err(context::refused)?;
    let documents = engine.prompt_documents(&who, &name).await.map_err(context::refused)?;
    let grants = engine.grants(&who, &name).await.map_err(context::refused)?;
    Ok(AgentPage { record, models, documents, grants })
}

/// What the form of a new agent offers.
#[server(prefix = "/fn", endpoint = "models", input = GetUrl, output = Json)]
pub(crate) async fn read_models() -> Result<ModelChoices, ApiError> {
    use crate::context;

    let who = context::signed_in().await?;
    context::engine()?.model_choices(&who).await.map_err(context::refused)
}

/// What the form of an agent says, as it was typed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct AgentForm {
    pub name: String,
    pub instructions: String,
    pub model: String,
    pub folder: String,
    pub share: String,
    pub fallbacks: String,
    pub temperature: String,
    pub max_tokens: String,
    pub context_window: String,
    pub run_tokens: String,
    pub run_cost: String,
    pub day_tokens: String,
    pub day_cost: String,
}

impl AgentForm {
    /// Its fields by name.
    #[allow(dead_code, reason = "the browser only sends the form")]
    pub(crate) fn fields(&self) -> [(&'static str, &str); 13] {
        [
            ("name", &self.name),
            ("instructions", &self.instructions),
            ("model", &self.model),
            ("folder", &self.folder),
            ("share", &self.share),
            ("fallbacks", &self.fallbacks),
            ("temperature", &self.temperature),
            ("max_tokens", &self.max_tokens),
            ("context_window", &self.context_window),
            ("run_tokens", &self.run_tokens),
            ("run_cost", &self.run_cost),
            ("day_tokens", &self.day_tokens),
            ("day_cost", &self.day_cost),
        ]
    }
}

/// Makes an agent and leads to its page.
#[server(prefix = "/fn", endpoint = "agent-new")]
pub(crate) async fn create_agent(#[server(flatten)] form: AgentForm) -> Result<(), ApiError> {
    use crate::{context, routes};

    let posted = context::Posted::new("agent-new", routes::AGENT_NEW).all_typed(&form.fields());
    let answer = async {
        let who = context::signed_in().await?;
        let draft = context::agent_draft(form)?;
        context::engine()?.create_agent(&who, draft).await.map_err(context::refused)
    };
    let record = posted.settle(answer.await).await?;
    context::go(&routes::agent(&record.row.agent.name));
    Ok(())
}

/// Edits an agent, if it is still as it was when its page was read.
#[server(prefix = "/fn", endpoint = "agent-edit")]
pub(crate) async fn edit_agent(
    #[server(default)] agent: String,
    #[server(default)] seen: String,
    #[server(flatten)] form: AgentForm,
) -> Result<(), ApiError> {
    use crate::{context, routes};

    let page = routes::agent_named(&agent);
    let posted = context::Posted::new("agent-edit", page).all_typed(&form.fields());
    let answer = async {
        let who = context::signed_in().await?;
        let seen = context::word(Some(&seen))?;
        let draft = context::agent_draft(form)?;
        context::engine()?.edit_agent(&who, &agent, seen, draft).await.map_err(context::refused)
    };
    let record = posted.settle(answer.await).await?;
    context::go(&routes::agent(&record.row.agent.name));
    Ok(())
}

/// Disables an agent, or enables it again.
#[server(prefix = "/fn", endpoint = "agent-status")]
pub(crate) async fn set_agent_status(
    #[server(default)] agent: String,
    #[server(default)] status: String,
) -> Result<(), ApiError> {
    use crate::{context, routes};

    let page = routes::agent_named(&agent);
    let posted = context::Posted::new("agent-status", page.clone());
    let answer = async {
        let who = context::signed_in().await?;
        let engine = context::engine()?;
        match context::word(Some(&status))? {
            Some(domain::AgentStatus::Active) => engine.enable_agent(&who, &agent).await,
            _ => engine.disable_agent(&who, &agent).await,
        }
        .map_err(context::refused)
    };
    posted.settle(answer.await).await?;
    context::stay(&page);
    Ok(())
}

/// Deletes an agent whose name was typed again.
#[server(prefix = "/fn", endpoint = "agent-delete")]
pub(crate) async fn delete_agent(
    #[server(default)] agent: String,
    #[server(default)] confirm: String,
) -> Result<(), ApiError> {
    use crate::{context, routes};

    let posted = context::Posted::new("agent-delete", routes::agent_named(&agent))
        .typed("confirm", &confirm);
    let answer = async {
        let who = context::signed_in().await?;
        context::engine()?.delete_agent(&who, &agent, &confirm).await.map_err(context::refused)
    };
    posted.settle(answer.await).await?;
    context::go(routes::AGENTS);
    Ok(())
}
