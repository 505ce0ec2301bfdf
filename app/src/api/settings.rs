//! The settings, section by section: each is a form of its own, so that nobody
//! overwrites what they did not look at.

use domain::{FoundServer, ProviderView, Role, SettingsView};
use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use crate::ApiError;

/// Everything on the page of the settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SettingsPage {
    /// The settings.
    pub view: SettingsView,
    /// The providers.
    pub providers: Vec<ProviderView>,
    /// The models to choose from.
    pub models: Vec<String>,
    /// Model servers that answer on this machine and are not set up yet.
    pub found: Vec<FoundServer>,
    /// The reader's rights.
    pub role: Role,
}

/// The settings and the providers.
#[server(prefix = "/fn", endpoint = "settings", input = GetUrl, output = Json)]
pub(crate) async fn read_settings() -> Result<SettingsPage, ApiError> {
    use crate::context;

    let who = context::signed_in().await?;
    let engine = context::engine()?;
    let (found, known) = match who.role() {
        Role::Owner => (
            engine.found_servers(&who).await.map_err(context::refused)?,
            engine.model_choices(&who).await.map_err(context::refused)?.known,
        ),
        Role::Member => Default::default(),
    };
    Ok(SettingsPage {
        view: engine.settings(&who).await.map_err(context::refused)?,
        providers: engine.providers(&who).await.map_err(context::refused)?,
        models: known,
        found,
        role: who.role(),
    })
}

/// The settings alone.
#[server(prefix = "/fn", endpoint = "settings-view", input = GetUrl, output = Json)]
pub(crate) async fn read_settings_view() -> Result<SettingsView, ApiError> {
    use crate::context;

    let who = context::signed_in().await?;
    context::engine()?.settings(&who).await.map_err(context::refused)
}

/// Saves which model answers, and what becomes of its thinking.
#[server(prefix = "/fn", endpoint = "settings-model")]
pub(crate) async fn save_model(
    #[server(default)] etag: String,
    #[server(default)] default_model: String,
    #[server(default)] thinking_mode: String,
) -> Result<(), ApiError> {
    use crate::context::SettingsForm;

    let form = SettingsForm::new("settings-model")
        .typed("default_model", &default_model)
        .typed("thinking_mode", &thinking_mode);
    form.save(&etag, |form, settings| {
        settings.default_model = Some(default_model).filter(|name| !name.trim().is_empty());
        settings.thinking_mode = form.word("thinking_mode", settings.thinking_mode);
    })
    .await
}

/// What the form of the limits says, as it was typed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct LimitsForm {
    pub max_steps: String,
    pub tool_timeout_seconds: String,
    pub max_tokens: String,
    pub run_tokens: String,
    pub run_seconds: String,
    pub run_cost: String,
    pub day_tokens: String,
    pub day_cost: String,
}

/// Saves what runs and agents may use.
#[server(prefix = "/fn", endpoint = "settings-limits")]
pub(crate) async fn save_limits(
    #[server(default)] etag: String,
    #[server(flatten)] typed: LimitsForm,
) -> Result<(), ApiError> {
    use crate::context::SettingsForm;

    let form = SettingsForm::new("settings-limits")
        .typed("max_steps", &typed.max_steps)
        .typed("tool_timeout_seconds", &typed.tool_timeout_seconds)
        .typed("max_tokens", &typed.max_tokens)
        .typed("run_tokens", &typed.run_tokens)
        .typed("run_seconds", &typed.run_seconds)
        .typed("run_cost", &typed.run_cost)
        .typed("day_tokens", &typed.day_tokens)
        .typed("day_cost", &typed.day_cost);
    form.save(&etag, |form, settings| {
        let limits = &mut settings.limits;
        limits.max_steps = form.number("max_steps", limits.max_steps);
        limits.tool_timeout_seconds =
            form.number("tool_timeout_seconds", limits.tool_timeout_seconds);
        limits.max_tokens = form.number("max_tokens", limits.max_tokens);
        limits.run_tokens = form.number("run_tokens", limits.run_tokens);
        limits.run_seconds = form.number("run_seconds", limits.run_seconds);
        limits.run_cost = form.amount("run_cost");
        limits.day_tokens = form.optional_number("day_tokens", 1);
        limits.day_cost = form.amount("day_cost");
    })
    .await
}

/// Saves the zone that times are meant in.
#[server(prefix = "/fn", endpoint = "settings-zone")]
pub(crate) async fn save_zone(
    #[server(default)] etag: String,
    #[server(default)] time_zone: String,
) -> Result<(), ApiError> {
    use crate::context::SettingsForm;

    let form = SettingsForm::new("settings-zone").typed("time_zone", &time_zone);
    form.save(&etag, |_, settings| settings.time_zone = time_zone).await
}

/// Saves how long things are kept.
#[server(prefix = "/fn", endpoint = "settings-retention")]
pub(crate) async fn save_retention(
    #[server(default)] etag: String,
    #[server(default)] deltas_days: String,
    #[server(default)] events_days: String,
    #[server(default)] sessions_days: String,
    #[server(default)] outbox_days: String,
) -> Result<(), ApiError> {
    use crate::context::SettingsForm;

    let form = SettingsForm::new("settings-retention")
        .typed("deltas_days", &deltas_days)
        .typed("events_days", &events_days)
        .typed("sessions_days", &sessions_days)
        .typed("outbox_days", &outbox_days);
    form.save(&etag, |form, settings| {
        let kept = &mut settings.retention;
        kept.deltas_days = form.number("deltas_days", kept.deltas_days);
        kept.events_days = form.number("events_days", kept.events_days);
        kept.outbox_days = form.number("outbox_days", kept.outbox_days);
        kept.sessions_days = form.optional_number("sessions_days", 1);
    })
    .await
}
