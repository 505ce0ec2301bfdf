//! Forms that work with scripts and without.

use std::collections::BTreeMap;

use domain::{Fault, FaultCode, FormNote};
use leptos::prelude::*;
use leptos::server::ServerActionError;
use leptos::server_fn::ServerFn;

use super::{Icon, Refused, icon};
use crate::ApiError;

/// The action behind a form.
///
/// Leptos would read an error out of the page's address, where anybody could
/// write one. Refusals come by note here, so that way is closed.
pub(crate) fn form_action<F>() -> ServerAction<F>
where
    F: ServerFn<Error = ApiError> + Clone + Send + Sync + 'static,
    F::Output: Send + Sync + 'static,
{
    provide_context(ServerActionError::new("", ""));
    ServerAction::new()
}

/// What a form shows beside its fields: why it was refused, and what was typed.
#[derive(Clone, Copy)]
pub(crate) struct FormState {
    fault: Signal<Option<Fault>>,
    typed: StoredValue<BTreeMap<String, String>>,
}

impl FormState {
    /// The state of the form with this name: what its action answered, or else
    /// what the note of its last sending says.
    pub(crate) fn new<F>(name: &str, action: ServerAction<F>, note: Option<FormNote>) -> Self
    where
        F: ServerFn<Error = ApiError> + Clone + Send + Sync + 'static,
        F::Output: Clone + Send + Sync + 'static,
    {
        let note = note.filter(|note| note.form == name).unwrap_or_default();
        let noted = (!note.message.is_empty()).then(|| Fault {
            fields: note.fields,
            ..Fault::new(FaultCode::InvalidInput, note.message)
        });
        let answer = action.value();
        let fault = Signal::derive(move || match answer.get() {
            Some(Ok(_)) => None,
            Some(Err(ApiError(fault))) => Some(fault),
            None => noted.clone(),
        });
        Self { fault, typed: StoredValue::new(note.values) }
    }

    /// What was typed into a field before.
    pub(crate) fn typed(self, field: &str) -> Option<String> {
        self.typed.with_value(|typed| typed.get(field).cloned())
    }

    /// What is wrong with a field.
    pub(crate) fn error(self, field: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || {
            self.fault.with(|fault| fault.as_ref().and_then(|f| f.fields.get(field).cloned()))
        })
    }
}

/// The sentence above a form that was refused.
#[component]
pub(crate) fn FormNotice(state: FormState) -> impl IntoView {
    move || state.fault.get().map(|fault| view! { <Refused fault/> })
}

/// A labelled field with its hint, and with what is wrong with it.
#[component]
pub(crate) fn Field(
    state: FormState,
    name: &'static str,
    label: &'static str,
    #[prop(default = "text")] kind: &'static str,
    autocomplete: &'static str,
    #[prop(optional)] hint: Option<&'static str>,
    /// What stands in it before anything was typed.
    #[prop(optional, into)]
    value: Option<String>,
    #[prop(default = true)] required: bool,
    /// The id of a list of suggestions.
    #[prop(optional)]
    list: Option<&'static str>,
) -> impl IntoView {
    let error = state.error(name);
    let described = described(name, hint, error);
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input
                id=name
                name=name
                type=kind
                value=state.typed(name).or(value)
                list=list
                autocomplete=autocomplete
                autocapitalize="none"
                spellcheck="false"
                required=required
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=described
            />
            <Around name hint error/>
        </div>
    }
}

/// A labelled field for a text of many lines.
#[component]
pub(crate) fn Area(
    state: FormState,
    name: &'static str,
    label: &'static str,
    rows: u32,
    #[prop(optional)] hint: Option<&'static str>,
    /// What stands in it before anything was typed.
    #[prop(optional, into)]
    value: Option<String>,
) -> impl IntoView {
    let error = state.error(name);
    let described = described(name, hint, error);
    let text = state.typed(name).or(value).unwrap_or_default();
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <textarea
                id=name
                name=name
                rows=rows
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=described
                inner_html=escaped(&text)
            ></textarea>
            <Around name hint error/>
        </div>
    }
}

/// A text as the inner HTML of a text field, where an empty child would show as
/// its mark.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// The hint below a field, and what is wrong with it.
#[component]
pub(super) fn Around(
    name: &'static str,
    hint: Option<&'static str>,
    error: Signal<Option<String>>,
) -> impl IntoView {
    view! {
        {hint.map(|hint| view! { <p class="hint" id=format!("{name}-hint")>{hint}</p> })}
        {move || error.get().map(|sentence| view! {
            <p class="err" id=format!("{name}-error")>
                {icon(Icon::Warn)}
                <span>{sentence}</span>
            </p>
        })}
    }
}

/// The ids of what is said about a field.
pub(super) fn described(
    name: &'static str,
    hint: Option<&'static str>,
    error: Signal<Option<String>>,
) -> impl Fn() -> Option<String> + Clone + Send + Sync + 'static {
    move || {
        let error = error.with(Option::is_some).then(|| format!("{name}-error"));
        let hint = hint.map(|_| format!("{name}-hint"));
        let ids = [error, hint].into_iter().flatten().collect::<Vec<_>>();
        (!ids.is_empty()).then(|| ids.join(" "))
    }
}
