//! Live events over HTTP: as a stream (SSE) that can be resumed, or as JSON.

use std::convert::Infallible;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use domain::{Limit, LiveEvent, RunId};
use engine::{Engine, LiveStream};
use futures_util::{Stream, StreamExt};
use http::HeaderMap;
use http::header::ACCEPT;
use serde_json::json;

use crate::api::{ApiFault, Params, Reply, run_id, session_id};
use crate::auth::Caller;
use crate::tabs::{Tab, Tabs};

/// How often a stream says that it is alive.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// `GET /v1/runs/{id}/events`: a run's events; ids are its own numbers.
pub(crate) async fn of_run(
    Caller(who): Caller,
    State(engine): State<Engine>,
    State(tabs): State<Tabs>,
    Path(id): Path<String>,
    headers: HeaderMap,
    mut params: Params,
) -> Reply<Response> {
    let id: RunId = run_id(&id)?;
    let after = after(&headers, &mut params)?;
    if !wants_stream(&headers) {
        let limit = params.limit()?;
        params.done()?;
        return json_page(&engine, &who, id, after, limit).await;
    }
    let tab = params.take("tab");
    params.done()?;
    let events = engine.run_stream(&who, id, after).await?;
    Ok(stream(events, tabs.open(who.id(), tab)?, |event| event.seq))
}

/// `GET /v1/sessions/{id}/events`: a session's events; ids are positions.
pub(crate) async fn of_session(
    Caller(who): Caller,
    State(engine): State<Engine>,
    State(tabs): State<Tabs>,
    Path(id): Path<String>,
    headers: HeaderMap,
    mut params: Params,
) -> Reply<Response> {
    let id = session_id(&id)?;
    let after = after(&headers, &mut params)?;
    let tab = params.take("tab");
    params.done()?;
    let events = engine.session_stream(&who, id, after).await?;
    Ok(stream(events, tabs.open(who.id(), tab)?, |event| event.position))
}

/// `GET /v1/events`: what changes lists, over all runs of the caller, and of the
/// one session that `session` names everything; ids are positions.
pub(crate) async fn of_lists(
    Caller(who): Caller,
    State(engine): State<Engine>,
    State(tabs): State<Tabs>,
    headers: HeaderMap,
    mut params: Params,
) -> Reply<Response> {
    let after = after(&headers, &mut params)?;
    let tab = params.take("tab");
    let session = params.take("session").map(|id| session_id(&id)).transpose()?;
    params.done()?;
    let events = match session {
        Some(session) => engine.chat_stream(&who, session, after).await?,
        None => engine.list_stream(&who, after).await?,
    };
    Ok(stream(events, tabs.open(who.id(), tab)?, |event| event.position))
}

async fn json_page(
    engine: &Engine,
    who: &engine::SignedIn,
    id: RunId,
    after: u64,
    limit: Limit,
) -> Reply<Response> {
    let events = engine.run_events(who, id, after, limit).await?;
    let last = events.last().map_or(after, |event| event.seq);
    Ok(Json(json!({ "events": events, "last": last })).into_response())
}

/// Where the reader left off: what its browser remembers, or what it asks for.
fn after(headers: &HeaderMap, params: &mut Params) -> Result<u64, ApiFault> {
    let asked: u64 = params.number("after")?.unwrap_or(0);
    let remembered = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    // A reconnecting browser repeats the address it first used, so the higher
    // number is the newer.
    Ok(remembered.and_then(|id| id.parse().ok()).unwrap_or(0).max(asked))
}

fn wants_stream(headers: &HeaderMap) -> bool {
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/event-stream"))
}

fn stream(events: LiveStream, tab: Tab, id: fn(&LiveEvent) -> u64) -> Response {
    let heartbeat = Event::default().event("heartbeat").data("{}");
    let mut response = Sse::new(frames(events, tab, id))
        .keep_alive(KeepAlive::new().interval(HEARTBEAT).event(heartbeat))
        .into_response();
    // Proxies that gather answers would hold the events back.
    response.headers_mut().insert("x-accel-buffering", http::HeaderValue::from_static("no"));
    response
}

fn frames(
    mut events: LiveStream,
    tab: Tab,
    id: fn(&LiveEvent) -> u64,
) -> impl Stream<Item = Result<Event, Infallible>> {
    async_stream::stream! {
        loop {
            let event = tokio::select! {
                () = tab.replaced.cancelled() => return,
                event = events.next() => event,
            };
            match event {
                Some(Ok(event)) => {
                    let frame = Event::default()
                        .id(id(&event).to_string())
                        .event(event.event.kind().as_str());
                    match serde_json::to_string(&event) {
                        Ok(data) => yield Ok(frame.data(data)),
                        Err(error) => {
                            tracing::error!(%error, "an event cannot be written");
                            return;
                        }
                    }
                }
                // The reader comes back and asks from where it was.
                Some(Err(error)) => {
                    let _: domain::Fault = error.into();
                    return;
                }
                None => return,
            }
        }
    }
}
