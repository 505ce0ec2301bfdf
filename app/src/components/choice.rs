use leptos::prelude::*;

use super::FormState;
use super::form::{Around, described};

/// A labelled list to choose one from.
#[component]
pub(crate) fn Choice(
    state: FormState,
    name: &'static str,
    label: &'static str,
    /// Each as the word that is sent and the words that are shown.
    options: Vec<(String, String)>,
    /// What is chosen before anything was.
    #[prop(into)]
    value: String,
    #[prop(optional)] hint: Option<&'static str>,
) -> impl IntoView {
    let error = state.error(name);
    let chosen = state.typed(name).unwrap_or(value);
    let options = options.into_iter().map(|(word, shown)| {
        let selected = word == chosen;
        view! { <option value=word selected=selected>{shown}</option> }
    });
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <select
                id=name
                name=name
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=described(name, hint, error)
            >
                {options.collect_view()}
            </select>
            <Around name hint error/>
        </div>
    }
}
