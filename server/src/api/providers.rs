//! `/api/admin/providers`

use axum::Json;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use domain::{ConnectionCheck, Fault, FoundServer, ProviderView};
use engine::{Engine, KeyDraft, ProviderDraft, SecretText};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{Body, Reply};
use crate::auth::Caller;

/// A provider to be added, changed or tested. The key is never sent back.
#[derive(Deserialize)]
pub(crate) struct Draft {
    name: Option<String>,
    #[serde(default)]
    preset: String,
    /// Absent takes the preset's.
    #[serde(default)]
    form: String,
    #[serde(default)]
    base_url: String,
    /// Absent leaves a key as it is; an empty one takes it away.
    key: Option<String>,
}

/// All providers.
#[derive(Serialize)]
pub(crate) struct Providers {
    items: Vec<ProviderView>,
}

impl From<Draft> for ProviderDraft {
    fn from(draft: Draft) -> Self {
        let key = match draft.key {
            None => KeyDraft::Keep,
            Some(key) if key.trim().is_empty() => KeyDraft::Remove,
            Some(key) => KeyDraft::Set(SecretText::new(key)),
        };
        Self { preset: draft.preset, form: draft.form, base_url: draft.base_url, key }
    }
}

/// `GET /api/admin/providers`
pub(crate) async fn list(
    Caller(who): Caller,
    State(engine): State<Engine>,
) -> Reply<Json<Providers>> {
    Ok(Json(Providers { items: engine.providers(&who).await? }))
}

/// `POST /api/admin/providers`
pub(crate) async fn create(
    Caller(who): Caller,
    State(engine): State<Engine>,
    Body(mut draft): Body<Draft>,
) -> Reply<impl IntoResponse> {
    let name = draft.name.take().unwrap_or_default();
    let added = engine.add_provider(&who, &name, draft.into()).await?;
    Ok((StatusCode::CREATED, Json(added)))
}

/// `GET /api/admin/providers/{name}`
pub(crate) async fn show(
    Caller(who): Caller,
    State(engine): State<Engine>,
    Path(name): Path<String>,
) -> Reply<Json<ProviderView>> {
    Ok(Json(engine.provider(&who, &name).await?))
}

/// `PUT /api/admin/providers/{name}`
pub(crate) async fn change(
    Caller(who): Caller,
    State(engine): State<Engine>,
    Path(name): Path<String>,
    Body(draft): Body<Draft>,
) -> Reply<Json<ProviderView>> {
    if draft.name.is_some() {
        let sentence = "A provider keeps its name, since models are called by it. Add another one.";
        return Err(Fault::field("name", sentence).into());
    }
    Ok(Json(engine.change_provider(&who, &name, draft.into()).await?))
}

/// `DELETE /api/admin/providers/{name}`
pub(crate) async fn remove(
    Caller(who): Caller,
    State(engine): State<Engine>,
    Path(name): Path<String>,
) -> Reply<StatusCode> {
    engine.remove_provider(&who, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/admin/providers/test`: of a stored provider by its name alone, or
/// of one as it is described.
pub(crate) async fn test(
    Caller(who): Caller,
    State(engine): State<Engine>,
    Body(mut draft): Body<Draft>,
) -> Reply<Json<ConnectionCheck>> {
    Ok(Json(match draft.name.take() {
        Some(name) => engine.test_provider(&who, &name).await?,
        None => engine.test_draft(&who, draft.into()).await?,
    }))
}

/// `GET /api/admin/providers/found`: model servers on this machine.
pub(crate) async fn found(
    Caller(who): Caller,
    State(engine): State<Engine>,
) -> Reply<Json<Vec<FoundServer>>> {
    Ok(Json(engine.found_servers(&who).await?))
}
