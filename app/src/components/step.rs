//! One exchange with the model: what happened around it, what it thought and
//! wrote, and what it called.

use leptos::prelude::*;

use super::call::{Calls, ended_calls};
use super::notes::{Notes, settled_notes};
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
            settled_notes(step.before),
            ended_thinking(step.thinking),
            written_prose(&step.blocks, class),
            ended_calls(step.calls, now),
            settled_notes(step.after),
        )
            .into_any()
    } else {
        let step = RwSignal::from(step.step);
        let before = Memo::new(move |_| step.with(|step| step.before.clone()));
        let after = Memo::new(move |_| step.with(|step| step.after.clone()));
        view! {
            <Notes notes=before/>
            <Thinking step/>
            <Prose step class/>
            <Calls step now/>
            <Notes notes=after/>
        }
        .into_any()
    }
}
