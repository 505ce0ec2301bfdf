//! One exchange with the model: what it thought and wrote, and what it called.

use leptos::prelude::*;

use super::call::{Calls, ended_calls};
use super::prose::{Prose, written_prose};
use super::thinking::{Thinking, ended_thinking};
use crate::live::{LiveStep, Now};

/// The content of a step, in the same form whether it is at work or was read
/// when all had happened.
#[component]
pub(crate) fn StepBody(
    step: LiveStep,
    now: Now,
    /// The class of the text.
    #[prop(default = "prose")]
    class: &'static str,
) -> impl IntoView {
    if step.settled {
        let step = step.step.get_untracked();
        (
            ended_thinking(step.thinking),
            written_prose(&step.blocks, class),
            ended_calls(step.calls, now),
        )
            .into_any()
    } else {
        let step = RwSignal::from(step.step);
        view! { <Thinking step/> <Prose step class/> <Calls step now/> }.into_any()
    }
}
