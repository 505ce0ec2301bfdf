//! `/api/admin/agents/{name}/grants`

use axum::Json;
use axum::extract::{Path, State};
use domain::{Fault, FaultCode, Grant, GrantTerms, Lasts, Mode, Profile, Scope, ToolPattern, Ways};
use engine::Engine;
use http::StatusCode;
use serde::Deserialize;

use super::documents::Whole;
use super::{Body, Reply};
use crate::auth::Caller;

/// The body of a new grant.
#[derive(Deserialize)]
pub(crate) struct Draft {
    tool: ToolPattern,
    mode: Mode,
    scope: Scope,
    ways: Option<Ways>,
    #[serde(default)]
    lasts: Lasts,
}

/// The body of a choice of a profile.
#[derive(Deserialize)]
pub(crate) struct Choice {
    profile: Profile,
}

/// `GET /api/admin/agents/{name}/grants`
pub(crate) async fn list(
    Caller(who): Caller,
    State(engine): State<Engine>,
    Path(agent): Path<String>,
) -> Reply<Json<Whole<Grant>>> {
    Ok(Json(Whole { items: engine.grants(&who, &agent).await? }))
}

/// `POST /api/admin/agents/{name}/grants`
pub(crate) async fn add(
    Caller(who): Caller,
    State(engine): State<Engine>,
    Path(agent): Path<String>,
    Body(draft): Body<Draft>,
) -> Reply<(StatusCode, Json<Whole<Grant>>)> {
    let Draft { tool, mode, scope, ways, lasts } = draft;
    let terms = GrantTerms { tool, mode, ways: ways.unwrap_or(Ways::Both), lasts, scope };
    let items = engine.add_grant(&who, &agent, terms).await?;
    Ok((StatusCode::CREATED, Json(Whole { items })))
}

/// `PUT /api/admin/agents/{name}/grants/profile`: in the place of those that came
/// from a profile before.
pub(crate) async fn choose(
    Caller(who): Caller,
    State(engine): State<Engine>,
    Path(agent): Path<String>,
    Body(Choice { profile }): Body<Choice>,
) -> Reply<Json<Whole<Grant>>> {
    Ok(Json(Whole { items: engine.choose_profile(&who, &agent, profile).await? }))
}

/// `DELETE /api/admin/agents/{name}/grants/{grant}`
pub(crate) async fn remove(
    Caller(who): Caller,
    State(engine): State<Engine>,
    Path((agent, grant)): Path<(String, String)>,
) -> Reply<Json<Grant>> {
    let unknown = |_| Fault::new(FaultCode::GrantNotFound, "There is no such grant.");
    let id = grant.parse().map_err(unknown)?;
    Ok(Json(engine.remove_grant(&who, &agent, id).await?))
}
