//! `/api/admin/agents`

use axum::Json;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use domain::{
    AgentRecord, AgentRow, AgentStatus, ChoicesEdit, Fault, MicroDollars, Page, Profile,
    Temperature, Timestamp,
};
use engine::{AgentDraft, Engine, Sharing};
use http::header::{ETAG, IF_MATCH};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Body, Params, Reply, present};
use crate::auth::Caller;

/// The body of a new or a changed agent. What is absent stays as it is.
#[derive(Deserialize)]
pub(crate) struct Draft {
    name: Option<String>,
    instructions: Option<String>,
    /// `provider/model`; empty follows the server's.
    model: Option<String>,
    /// A name among the workspaces, or an absolute path.
    folder: Option<String>,
    /// Whether another agent may work in the same folder.
    #[serde(default)]
    share_folder: bool,
    /// At most 5, each as `provider/model`. Here and in what follows, `null`
    /// takes the choice back.
    #[serde(default, deserialize_with = "present")]
    fallbacks: Option<Option<Vec<String>>>,
    /// 0 to 2 with at most two decimals.
    #[serde(default, deserialize_with = "present")]
    temperature: Option<Option<Temperature>>,
    #[serde(default, deserialize_with = "present")]
    max_tokens: Option<Option<u32>>,
    #[serde(default, deserialize_with = "present")]
    context_window: Option<Option<u32>>,
    #[serde(default, deserialize_with = "present")]
    run_tokens: Option<Option<u64>>,
    /// In US dollars, as a decimal text or a number.
    #[serde(default, deserialize_with = "present")]
    run_cost: Option<Option<MicroDollars>>,
    #[serde(default, deserialize_with = "present")]
    day_tokens: Option<Option<u64>>,
    /// In US dollars, as a decimal text or a number.
    #[serde(default, deserialize_with = "present")]
    day_cost: Option<Option<MicroDollars>>,
    /// `active` or `disabled`; only in a change.
    status: Option<AgentStatus>,
    /// What a new agent may do to begin with; not in a change.
    profile: Option<Profile>,
}

impl From<Draft> for AgentDraft {
    fn from(draft: Draft) -> Self {
        Self {
            name: draft.name,
            instructions: draft.instructions,
            model: draft.model,
            folder: draft.folder,
            sharing: if draft.share_folder { Sharing::Allowed } else { Sharing::Refused },
            choices: ChoicesEdit {
                fallbacks: draft.fallbacks,
                temperature: draft.temperature,
                max_tokens: draft.max_tokens,
                context_window: draft.context_window,
                run_tokens: draft.run_tokens,
                run_cost: draft.run_cost,
                day_tokens: draft.day_tokens,
                day_cost: draft.day_cost,
            },
            profile: draft.profile,
        }
    }
}

/// `GET /api/admin/agents`
pub(crate) async fn list(
    Caller(who): Caller,
    State(engine): State<Engine>,
    mut params: Params,
) -> Reply<Json<Page<AgentRow>>> {
    let (limit, cursor) = (params.limit()?, params.take("cursor"));
    params.done()?;
    Ok(Json(engine.agent_page(&who, limit, cursor.as_deref()).await?))
}

/// `POST /api/admin/agents`
pub(crate) async fn create(
    Caller(who): Caller,
    State(engine): State<Engine>,
    Body(draft): Body<Draft>,
) -> Reply<impl IntoResponse> {
    if draft.status.is_some() {
        let sentence = "A new agent is active. Change its status afterwards.";
        return Err(Fault::field("status", sentence).into());
    }
    let record = engine.create_agent(&who, draft.into()).await?;
    Ok((StatusCode::CREATED, tagged(record)))
}

/// `GET /api/admin/agents/{name}`
pub(crate) async fn show(
    Caller(who): Caller,
    State(engine): State<Engine>,
    Path(name): Path<String>,
) -> Reply<impl IntoResponse> {
    Ok(tagged(engine.agent_record(&who, &name).await?))
}

/// `PATCH /api/admin/agents/{name}`, with `If-Match` only if nobody else has
/// changed the agent since.
pub(crate) async fn change(
    Caller(who): Caller,
    State(engine): State<Engine>,
    Path(name): Path<String>,
    headers: HeaderMap,
    Body(draft): Body<Draft>,
) -> Reply<impl IntoResponse> {
    if draft.profile.is_some() {
        let sentence = "A profile is chosen with the agent's grants.";
        return Err(Fault::field("profile", sentence).into());
    }
    let seen = seen(&headers)?;
    let status = draft.status;
    let draft = AgentDraft::from(draft);
    if status.is_some() && !draft.is_empty() {
        let sentence = "Change the status in a request of its own.";
        return Err(Fault::field("status", sentence).into());
    }
    let record = match status {
        Some(AgentStatus::Active) => engine.enable_agent(&who, &name).await?,
        Some(AgentStatus::Disabled) => engine.disable_agent(&who, &name).await?,
        Some(AgentStatus::Deleted) => {
            let sentence = "Delete an agent with the method DELETE.";
            return Err(Fault::field("status", sentence).into());
        }
        None => engine.edit_agent(&who, &name, seen, draft).await?,
    };
    Ok(tagged(record))
}

/// `DELETE /api/admin/agents/{name}`: the address names it, so nothing more is
/// asked. Sessions and runs stay, and so does the folder.
pub(crate) async fn delete(
    Caller(who): Caller,
    State(engine): State<Engine>,
    Path(name): Path<String>,
) -> Reply<Json<Value>> {
    let agent = engine.agent_record(&who, &name).await?.row.agent;
    let folder = engine.delete_agent(&who, &name, agent.name.as_str()).await?;
    Ok(Json(json!({ "status": AgentStatus::Deleted, "folder": folder.display().to_string() })))
}

fn tagged(record: AgentRecord) -> impl IntoResponse {
    let tag = format!("\"{}\"", record.updated_at.as_millisecond());
    ([(ETAG, tag)], Json(record))
}

fn seen(headers: &HeaderMap) -> Reply<Option<Timestamp>> {
    let Some(tag) = headers.get(IF_MATCH) else { return Ok(None) };
    let text = tag.to_str().unwrap_or_default().trim_matches('"');
    let seen = text.parse().ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    let sentence = "Send back the `ETag` that this agent was read with.";
    seen.map(Some).ok_or_else(|| Fault::field("If-Match", sentence).into())
}
