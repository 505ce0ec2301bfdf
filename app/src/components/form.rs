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
) -> impl IntoView {
    let error = state.error(name);
    let (hint_id, error_id) = (format!("{name}-hint"), format!("{name}-error"));
    let described = {
        let (hint_id, error_id) = (hint.map(|_| hint_id.clone()), error_id.clone());
        move || {
            let error_id = error.with(Option::is_some).then(|| error_id.clone());
            let ids = [error_id, hint_id.clone()].into_iter().flatten().collect::<Vec<_>>();
            (!ids.is_empty()).then(|| ids.join(" "))
        }
    };
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input
                id=name
                name=name
                type=kind
                value=state.typed(name)
                autocomplete=autocomplete
                autocapitalize="none"
                spellcheck="false"
                required
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=described
            />
            {hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
            {move || error.get().map(|sentence| view! {
                <p class="err" id=error_id.clone()>{icon(Icon::Warn)} <span>{sentence}</span></p>
            })}
        </div>
    }
}
