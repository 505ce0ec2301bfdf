//! What a first message could be.

use leptos::prelude::*;

use super::composer::FORM;

/// Tasks that an agent without any preparation can do.
const TASKS: [&str; 4] = [
    "What is in your folder?",
    "What time is it?",
    "Write 'Hello from the dashboard' to hello.md",
    "Show long work in 5 steps",
];

/// Tasks to start with; each is sent with the agent that is chosen below.
#[component]
pub(super) fn Examples(
    /// Whether an agent answers through the built-in guide.
    demo: bool,
) -> impl IntoView {
    view! {
        <div class="empty">
            <h2>"What shall be done?"</h2>
            <p>
                "Give an agent a task. It works in steps, uses tools in its own folder, and you see everything it does."
            </p>
            {demo.then(|| view! {
                <p>
                    "No model is connected yet, so a small built-in guide answers. It knows the tasks below and really carries them out. "
                    <code>"openclawssy serve --help"</code>
                    " tells how to connect a model."
                </p>
            })}
            <div class="examples">
                {TASKS.map(|task| view! {
                    <button
                        class="btn btn-wrap"
                        type="submit"
                        form=FORM
                        formnovalidate
                        name="example"
                        value=task
                    >
                        {task}
                    </button>
                })}
            </div>
        </div>
    }
}
