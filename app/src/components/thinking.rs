use domain::Step;
use leptos::prelude::*;

/// What the model thought before it wrote, folded away.
#[component]
pub(crate) fn Thinking(
    /// The step.
    step: RwSignal<Step>,
) -> impl IntoView {
    let is_there = Memo::new(move |_| step.with(|step| !step.thinking.is_empty()));
    let text = Memo::new(move |_| step.with(|step| step.thinking.clone()));
    move || {
        is_there.get().then(|| {
            view! {
                <details class="thinking">
                    <summary>"Thinking"</summary>
                    <p class="say">{move || text.get()}</p>
                </details>
            }
        })
    }
}
