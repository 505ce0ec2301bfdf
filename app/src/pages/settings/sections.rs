//! The sections of the settings, each with a form of its own.

use domain::{FormNote, SettingsView, ThinkingMode};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::task::spawn_local;

use crate::ApiError;
use crate::api::settings::{SaveLimits, SaveModel, SaveRetention, SaveZone, read_settings_view};
use crate::components::{Choice, Field, FormNotice, FormState, form_action};

/// Which model answers, and what becomes of its thinking.
#[component]
pub(super) fn Model(
    view: SettingsView,
    models: Vec<String>,
    etag: RwSignal<String>,
    note: Option<FormNote>,
) -> impl IntoView {
    let action = form_action::<SaveModel>();
    let state = FormState::new("settings-model", action, note);
    let known = models.into_iter().map(|model| view! { <option value=model></option> });
    let modes = [
        (ThinkingMode::Never, "Drop it"),
        (ThinkingMode::OnError, "Keep it when a step fails"),
        (ThinkingMode::Always, "Show it, folded away"),
    ];
    let modes = modes.map(|(mode, words)| (mode.as_str().to_owned(), words.to_owned()));
    view! {
        <Section name="Model" id="model">
            <ActionForm action attr:class="form">
                <FormNotice state/>
                <input type="hidden" name="etag" value=move || etag.get()/>
                <Field
                    state
                    name="default_model"
                    label="Default model"
                    autocomplete="off"
                    required=false
                    value=view.settings.default_model.unwrap_or_default()
                    list="models"
                    hint="As provider/model, for agents that name none. Left empty, the built-in demo guide answers, which is a set of rules and no model."
                />
                <datalist id="models">{known.collect_view()}</datalist>
                <p class="sm soft">"In use now: " <span class="mono">{view.model_in_use}</span></p>
                <Choice
                    state
                    name="thinking_mode"
                    label="A model's thinking"
                    options=modes.to_vec()
                    value=view.settings.thinking_mode.as_str()
                    hint="What some models write before their answer and mark as thinking. It is never part of an answer and never sent back. Default: drop it."
                />
                <Save name="Model" saved=saved(action, etag) pending=action.pending().into()/>
            </ActionForm>
        </Section>
    }
}

/// What one run may use.
#[component]
pub(super) fn Limits(
    view: SettingsView,
    etag: RwSignal<String>,
    note: Option<FormNote>,
) -> impl IntoView {
    let action = form_action::<SaveLimits>();
    let state = FormState::new("settings-limits", action, note);
    let limits = view.settings.limits;
    view! {
        <Section name="Limits of a run" id="limits">
            <ActionForm action attr:class="form">
                <FormNotice state/>
                <input type="hidden" name="etag" value=move || etag.get()/>
                <Number
                    state
                    name="max_steps"
                    label="Steps"
                    value=limits.max_steps.to_string()
                    hint="Exchanges with the model in one run. Default: 120."
                />
                <Number
                    state
                    name="tool_timeout_seconds"
                    label="Time for one tool call, in seconds"
                    value=limits.tool_timeout_seconds.to_string()
                    hint="Then the call is ended and the model is told. Default: 900."
                />
                <Number
                    state
                    name="max_tokens"
                    label="Tokens written in one step"
                    value=limits.max_tokens.to_string()
                    hint="What the model may write at a time. Default: 20,000."
                />
                <Number
                    state
                    name="run_tokens"
                    label="Tokens of a whole run"
                    value=limits.run_tokens.to_string()
                    hint="Sent and written, all steps together. Default: 5,000,000."
                />
                <Number
                    state
                    name="run_seconds"
                    label="Time of a whole run, in seconds"
                    value=limits.run_seconds.to_string()
                    hint="What it waits for people does not count. Then it ends, and what it did stays. Default: 14,400, which is four hours."
                />
                <Number
                    state
                    name="run_cost"
                    label="Cost of a whole run, in US dollars"
                    required=false
                    value=limits.run_cost.map(|cost| cost.to_string()).unwrap_or_default()
                    hint="Counted where the price of the model is known. Left empty there is no limit, which is the default."
                />
                <Number
                    state
                    name="day_tokens"
                    label="Tokens of an agent in a day"
                    required=false
                    value=limits.day_tokens.map(|tokens| tokens.to_string()).unwrap_or_default()
                    hint="All its runs together, from 00:00 to 24:00 UTC. Left empty there is no limit."
                />
                <Number
                    state
                    name="day_cost"
                    label="Cost of an agent in a day, in US dollars"
                    required=false
                    value=limits.day_cost.map(|cost| cost.to_string()).unwrap_or_default()
                    hint="Left empty there is no limit. An agent's page can set other limits for it alone."
                />
                <Save name="Limits of a run" saved=saved(action, etag) pending=action.pending().into()/>
            </ActionForm>
        </Section>
    }
}

/// How long things are kept.
#[component]
pub(super) fn Retention(
    view: SettingsView,
    etag: RwSignal<String>,
    note: Option<FormNote>,
) -> impl IntoView {
    let action = form_action::<SaveRetention>();
    let state = FormState::new("settings-retention", action, note);
    let kept = view.settings.retention;
    view! {
        <Section name="How long things are kept" id="retention">
            <ActionForm action attr:class="form">
                <FormNotice state/>
                <input type="hidden" name="etag" value=move || etag.get()/>
                <Number
                    state
                    name="deltas_days"
                    label="Pieces of streamed text, in days"
                    value=kept.deltas_days.to_string()
                    hint="After the end of a run its whole texts are enough. Default: 1."
                />
                <Number
                    state
                    name="events_days"
                    label="Steps and tool calls of ended runs, in days"
                    value=kept.events_days.to_string()
                    hint="Messages and answers stay. Default: 90."
                />
                <Number
                    state
                    name="sessions_days"
                    label="Sessions in which nothing happens, in days"
                    required=false
                    value=kept.sessions_days.map(|days| days.to_string()).unwrap_or_default()
                    hint="With their messages and runs. Left empty they are kept, which is the default."
                />
                <Number
                    state
                    name="outbox_days"
                    label="Answers delivered elsewhere, in days"
                    value=kept.outbox_days.to_string()
                    hint="Default: 30."
                />
                <Save name="How long things are kept" saved=saved(action, etag) pending=action.pending().into()/>
            </ActionForm>
        </Section>
    }
}

/// The zone that times are meant in.
#[component]
pub(super) fn Zone(
    view: SettingsView,
    etag: RwSignal<String>,
    note: Option<FormNote>,
) -> impl IntoView {
    let action = form_action::<SaveZone>();
    let state = FormState::new("settings-zone", action, note);
    view! {
        <Section name="Time zone" id="zone">
            <ActionForm action attr:class="form">
                <FormNotice state/>
                <input type="hidden" name="etag" value=move || etag.get()/>
                <Field
                    state
                    name="time_zone"
                    label="Zone of this installation"
                    autocomplete="off"
                    value=view.settings.time_zone
                    hint="By its IANA name, such as Europe/Vienna. Times that name no zone are meant in it. Default: UTC."
                />
                <Save name="Time zone" saved=saved(action, etag) pending=action.pending().into()/>
            </ActionForm>
        </Section>
    }
}

/// A panel of its own.
#[component]
fn Section(name: &'static str, id: &'static str, children: Children) -> impl IntoView {
    view! {
        <section class="panel" aria-labelledby=id>
            <header class="panel-h"><h2 id=id>{name}</h2></header>
            <div class="panel-b">{children()}</div>
        </section>
    }
}

/// The button of a form, and that it was saved.
#[component]
fn Save(name: &'static str, saved: Signal<bool>, pending: Signal<bool>) -> impl IntoView {
    view! {
        <div class="actions">
            <button class="btn btn-primary" type="submit" disabled=pending>
                "Save" <span class="vh">" " {name}</span>
            </button>
            <span class="sm soft" role="status">
                {move || saved.get().then_some("Saved. It counts from the next run on.")}
            </span>
        </div>
    }
}

/// Whether a form was saved. Every answer may mean that the settings are others
/// now: then the forms go on from those, and whoever saves again after the
/// warning that somebody else was quicker means it.
fn saved<F>(action: ServerAction<F>, etag: RwSignal<String>) -> Signal<bool>
where
    F: ServerFn<Output = (), Error = ApiError> + Clone + Send + Sync + 'static,
{
    Effect::new(move || {
        if action.value().with(Option::is_some) {
            spawn_local(async move {
                if let Ok(view) = read_settings_view().await {
                    etag.try_set(view.etag);
                }
            });
        }
    });
    Signal::derive(move || matches!(action.value().get(), Some(Ok(()))))
}

/// A field for a number.
#[component]
fn Number(
    state: FormState,
    name: &'static str,
    label: &'static str,
    value: String,
    hint: &'static str,
    #[prop(default = true)] required: bool,
) -> impl IntoView {
    view! { <Field state name label autocomplete="off" value hint required/> }
}
