//! What most agents leave to the settings.

use domain::{AgentChoices, ChoiceName};
use leptos::prelude::*;

use crate::components::{Area, Field, FormState};

/// The choices, folded away unless one was made.
#[component]
pub(super) fn Choices(state: FormState, choices: AgentChoices) -> impl IntoView {
    let made = choices != AgentChoices::default();
    let typed = ChoiceName::ALL
        .iter()
        .any(|name| state.typed(name.as_str()).is_some_and(|text| !text.is_empty()));
    let wrong = ChoiceName::ALL.iter().map(|name| state.error(name.as_str())).collect::<Vec<_>>();
    let open = Memo::new(move |was| {
        let wrong = wrong.iter().any(|error| error.with(Option::is_some));
        made || typed || wrong || was.copied().unwrap_or_default()
    });
    let value = |name| choices.text(name);
    view! {
        <details class="fold" open=move || open.get()>
            <summary>"Fallbacks, temperature, limits"</summary>
            <div class="form">
                <Area
                    state
                    name="fallbacks"
                    label="Fallbacks"
                    rows=3
                    value=value(ChoiceName::Fallbacks)
                    hint="Each as provider/model on a line of its own, at most 5. They answer in this order when the one above cannot."
                />
                <div class="pairs">
                    <Number state name="temperature" label="Temperature" value=value(ChoiceName::Temperature)
                        hint="0 to 2. Left empty, the provider decides."/>
                    <Number state name="max_tokens" label="Tokens written in one step" value=value(ChoiceName::MaxTokens)
                        hint="Left empty, the settings decide."/>
                    <Number state name="context_window" label="Context window, in tokens" value=value(ChoiceName::ContextWindow)
                        hint="Left empty, what is known of it counts."/>
                    <Number state name="run_tokens" label="Tokens of a whole run" value=value(ChoiceName::RunTokens)
                        hint="Left empty, the settings decide."/>
                    <Number state name="run_cost" label="Cost of a whole run, in US dollars" value=value(ChoiceName::RunCost)
                        hint="Such as 0.25. Left empty, the settings decide."/>
                    <Number state name="day_tokens" label="Tokens in a day" value=value(ChoiceName::DayTokens)
                        hint="All runs together, from 00:00 to 24:00 UTC."/>
                    <Number state name="day_cost" label="Cost in a day, in US dollars" value=value(ChoiceName::DayCost)
                        hint="All runs together, where prices are known."/>
                </div>
            </div>
        </details>
    }
}

/// A field for a number that may be left out.
#[component]
fn Number(
    state: FormState,
    name: &'static str,
    label: &'static str,
    value: String,
    hint: &'static str,
) -> impl IntoView {
    view! { <Field state name label autocomplete="off" required=false value hint/> }
}
