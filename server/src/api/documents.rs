//! `/api/admin/agents/{name}/docs`

use axum::Json;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use domain::{Fault, FaultCode, PromptDocument, PromptName, PromptVersion, PromptView};
use engine::Engine;
use http::HeaderMap;
use http::header::{ETAG, IF_MATCH};
use serde::{Deserialize, Serialize};

use super::{Body, Params, Reply};
use crate::auth::Caller;

/// A list that is whole: it has no further pages.
#[derive(Serialize)]
pub(crate) struct Whole<T> {
    pub(crate) items: Vec<T>,
}

/// The next version of a document.
#[derive(Deserialize)]
pub(crate) struct Draft {
    content: String,
}

/// `GET /api/admin/agents/{name}/docs`
pub(crate) async fn list(
    Caller(who): Caller,
    State(engine): State<Engine>,
    Path(agent): Path<String>,
) -> Reply<Json<Whole<PromptView>>> {
    Ok(Json(Whole { items: engine.prompt_documents(&who, &agent).await? }))
}

/// `GET /api/admin/agents/{name}/docs/{document}`, with `version` an older one.
pub(crate) async fn show(
    Caller(who): Caller,
    State(engine): State<Engine>,
    Path((agent, document)): Path<(String, String)>,
    mut params: Params,
) -> Reply<impl IntoResponse> {
    let version = params.number("version")?;
    params.done()?;
    let name = read(&document)?;
    Ok(tagged(engine.prompt_document(&who, &agent, name, version).await?))
}

/// `PUT /api/admin/agents/{name}/docs/{document}`, with the `ETag` of the newest
/// version.
pub(crate) async fn save(
    Caller(who): Caller,
    State(engine): State<Engine>,
    Path((agent, document)): Path<(String, String)>,
    headers: HeaderMap,
    Body(draft): Body<Draft>,
) -> Reply<impl IntoResponse> {
    let (name, seen) = (read(&document)?, seen(&headers)?);
    Ok(tagged(engine.save_prompt_document(&who, &agent, name, seen, draft.content).await?))
}

/// `GET /api/admin/agents/{name}/docs/{document}/versions`, newest first.
pub(crate) async fn versions(
    Caller(who): Caller,
    State(engine): State<Engine>,
    Path((agent, document)): Path<(String, String)>,
) -> Reply<Json<Whole<PromptVersion>>> {
    let name = read(&document)?;
    Ok(Json(Whole { items: engine.prompt_versions(&who, &agent, name).await? }))
}

fn tagged(document: PromptDocument) -> impl IntoResponse {
    ([(ETAG, format!("\"{}\"", document.view.version))], Json(document))
}

fn read(document: &str) -> Result<PromptName, Fault> {
    document.to_ascii_uppercase().parse().map_err(|_| {
        let names = PromptName::ALL.iter().map(ToString::to_string).collect::<Vec<_>>();
        let sentence = format!("There is no such document. There are {}.", names.join(", "));
        Fault::new(FaultCode::DocumentNotFound, sentence)
    })
}

fn seen(headers: &HeaderMap) -> Result<u64, Fault> {
    let Some(tag) = headers.get(IF_MATCH) else {
        let sentence = "Send `If-Match` with the `ETag` that the document was read with.";
        return Err(Fault::new(FaultCode::PreconditionMissing, sentence));
    };
    let number = tag.to_str().ok().and_then(|tag| tag.trim_matches('"').parse().ok());
    let sentence = "Send back the `ETag` that the document was read with.";
    number.ok_or_else(|| Fault::field("If-Match", sentence))
}
