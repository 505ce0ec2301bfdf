//! `/api/admin/config`

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use domain::{Fault, FaultCode, MicroDollars, Settings, SettingsView, ThinkingMode};
use engine::Engine;
use http::HeaderMap;
use http::header::{ETAG, IF_MATCH};
use serde::Deserialize;

use super::{Body, Reply, present};
use crate::auth::Caller;

/// A change of the settings. What is absent stays as it is; what cannot be
/// cleared refuses `null`.
#[derive(Deserialize)]
pub(crate) struct Change {
    /// `null` leaves it to the built-in guide.
    #[serde(default, deserialize_with = "present")]
    default_model: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    limits: Option<Limits>,
    #[serde(default, deserialize_with = "present")]
    time_zone: Option<String>,
    #[serde(default, deserialize_with = "present")]
    thinking_mode: Option<ThinkingMode>,
    #[serde(default, deserialize_with = "present")]
    retention: Option<Retention>,
}

#[derive(Deserialize)]
struct Limits {
    #[serde(default, deserialize_with = "present")]
    max_steps: Option<u32>,
    #[serde(default, deserialize_with = "present")]
    tool_timeout_seconds: Option<u32>,
    #[serde(default, deserialize_with = "present")]
    max_tokens: Option<u32>,
    #[serde(default, deserialize_with = "present")]
    run_tokens: Option<u64>,
    #[serde(default, deserialize_with = "present")]
    run_seconds: Option<u32>,
    /// `null` sets no limit, here and in the next two.
    #[serde(default, deserialize_with = "present")]
    run_cost: Option<Option<MicroDollars>>,
    #[serde(default, deserialize_with = "present")]
    day_tokens: Option<Option<u64>>,
    #[serde(default, deserialize_with = "present")]
    day_cost: Option<Option<MicroDollars>>,
}

#[derive(Deserialize)]
struct Retention {
    #[serde(default, deserialize_with = "present")]
    deltas_days: Option<u32>,
    #[serde(default, deserialize_with = "present")]
    events_days: Option<u32>,
    /// `null` keeps sessions.
    #[serde(default, deserialize_with = "present")]
    sessions_days: Option<Option<u32>>,
    #[serde(default, deserialize_with = "present")]
    outbox_days: Option<u32>,
}

impl Change {
    fn apply(self, settings: &mut Settings) {
        fn put<T>(place: &mut T, value: Option<T>) {
            if let Some(value) = value {
                *place = value;
            }
        }
        put(&mut settings.default_model, self.default_model);
        put(&mut settings.time_zone, self.time_zone);
        put(&mut settings.thinking_mode, self.thinking_mode);
        if let Some(new) = self.limits {
            let limits = &mut settings.limits;
            put(&mut limits.max_steps, new.max_steps);
            put(&mut limits.tool_timeout_seconds, new.tool_timeout_seconds);
            put(&mut limits.max_tokens, new.max_tokens);
            put(&mut limits.run_tokens, new.run_tokens);
            put(&mut limits.run_seconds, new.run_seconds);
            put(&mut limits.run_cost, new.run_cost);
            put(&mut limits.day_tokens, new.day_tokens);
            put(&mut limits.day_cost, new.day_cost);
        }
        if let Some(new) = self.retention {
            let retention = &mut settings.retention;
            put(&mut retention.deltas_days, new.deltas_days);
            put(&mut retention.events_days, new.events_days);
            put(&mut retention.sessions_days, new.sessions_days);
            put(&mut retention.outbox_days, new.outbox_days);
        }
    }
}

/// `GET /api/admin/config`
pub(crate) async fn show(
    Caller(who): Caller,
    State(engine): State<Engine>,
) -> Reply<impl IntoResponse> {
    Ok(tagged(engine.settings(&who).await?))
}

/// `PATCH /api/admin/config`, with the `ETag` that it was read with.
pub(crate) async fn change(
    Caller(who): Caller,
    State(engine): State<Engine>,
    headers: HeaderMap,
    Body(change): Body<Change>,
) -> Reply<impl IntoResponse> {
    let tag = headers.get(IF_MATCH).and_then(|tag| tag.to_str().ok());
    let Some(tag) = tag.map(|tag| tag.trim_matches('"')) else {
        let sentence = "Send `If-Match` with the `ETag` that the settings were read with.";
        return Err(Fault::new(FaultCode::PreconditionMissing, sentence).into());
    };
    let mut settings = engine.settings(&who).await?.settings;
    change.apply(&mut settings);
    Ok(tagged(engine.change_settings(&who, tag, settings).await?))
}

fn tagged(view: SettingsView) -> impl IntoResponse {
    ([(ETAG, format!("\"{}\"", view.etag))], Json(view))
}
