use domain::Step;
use leptos::prelude::*;

/// What the model thought before it wrote, folded away.
#[component]
pub(super) fn Thinking(
    /// The step.
    step: RwSignal<Step>,
) -> impl IntoView {
    let is_there = Memo::new(move |_| step.with(|step| !step.thinking.is_empty()));
    let text = Memo::new(move |_| step.with(|step| step.thinking.clone()));
    move || is_there.get().then(|| folded(move || text.get()))
}

/// The same of a step that is over.
pub(super) fn ended_thinking(text: String) -> impl IntoView {
    (!text.is_empty()).then(|| folded(text))
}

fn folded(text: impl IntoView) -> impl IntoView {
    view! {
        <details class="thinking">
            <summary>"Thinking"</summary>
            <p class="say">{text}</p>
        </details>
    }
}
