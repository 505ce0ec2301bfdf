//! What a first message could be.

use leptos::prelude::*;

use super::composer::FORM;
use crate::components::{DemoNote, TASKS};

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
                "Write a task below, or try one of these. The agent works in steps, uses tools in its own folder, and you see everything it does."
            </p>
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
            {demo.then(|| view! {
                <DemoNote/>
                <p>"It knows the tasks above, and really carries them out."</p>
            })}
        </div>
    }
}
