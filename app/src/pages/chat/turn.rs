//! One question and the work on it.

use domain::{RunError, RunStatus};
use leptos::prelude::*;

use crate::components::{ClearedSteps, Moment, Notes, Notice, Pictures, StepBody, Tone, When};
use crate::live::{Head, LiveStep, LiveTurn, Now};
use crate::{format, routes};

/// What was asked, then what the agent wrote and did, step by step.
#[component]
pub(super) fn TurnView(turn: LiveTurn, now: Now) -> impl IntoView {
    view! {
        <article class="turn turn-user">
            <h2 class="vh">"You"</h2>
            <Pictures pictures=turn.pictures.clone()/>
            <p class="bubble">{turn.question.clone()}</p>
            <footer><When at=turn.asked_at show=Moment::Short/></footer>
        </article>
        <AnswerView turn now/>
    }
}

/// The work on one question.
#[component]
pub(super) fn AnswerView(turn: LiveTurn, now: Now) -> impl IntoView {
    let head = RwSignal::from(turn.head);
    let before = RwSignal::from(turn.before);
    let steps = RwSignal::from(turn.steps);
    let live = Memo::new(move |_| head.with(|head| !head.status.is_end()));
    let model = Memo::new(move |_| head.with(|head| head.model.clone()));
    let outcome = Memo::new(move |_| head.with(Outcome::of));
    let tokens = Memo::new(move |_| head.with(|head| head.spent.tokens()));
    let heading = format!("turn-{}", turn.run_id);
    let one = move |step: LiveStep| view! { <StepView step now/> };
    view! {
        <article
            class="turn"
            aria-labelledby=heading
            data-live=move || live.get().then_some("")
        >
            <header>
                <h2 id=heading.clone()>{turn.agent}</h2>
                <span>{move || model.get()}</span>
            </header>
            {turn.cleared_days.map(|days| view! { <ClearedSteps days/> })}
            <Notes notes=before/>
            {if live.get_untracked() {
                view! { <For each=move || steps.get() key=|step| step.number children=one/> }.into_any()
            } else {
                steps.get_untracked().into_iter().map(one).collect_view().into_any()
            }}
            {move || outcome.get().view()}
            <footer>
                <a href=routes::run(turn.run_id)>"Run details"</a>
                {move || Some(tokens.get())
                    .filter(|tokens| *tokens > 0)
                    .map(|tokens| format!(" · {} tokens", format::number(tokens)))}
            </footer>
        </article>
    }
}

#[component]
fn StepView(step: LiveStep, now: Now) -> impl IntoView {
    view! { <div class="step"><StepBody step now/></div> }
}

/// What is to be said where no step says it.
#[derive(Clone, PartialEq)]
enum Outcome {
    Plain,
    Waits,
    Stopped(Option<RunError>),
    Wrong(RunStatus, Option<RunError>),
}

impl Outcome {
    fn of(head: &Head) -> Self {
        match head.status {
            RunStatus::Queued => Self::Waits,
            RunStatus::Cancelled => Self::Stopped(head.error.clone()),
            RunStatus::Failed | RunStatus::Interrupted => {
                Self::Wrong(head.status, head.error.clone())
            }
            RunStatus::Running
            | RunStatus::WaitingApproval
            | RunStatus::WaitingGuidance
            | RunStatus::Done => Self::Plain,
        }
    }

    fn view(self) -> impl IntoView {
        match self {
            Self::Plain => None,
            Self::Waits => Some(view! { <p class="soft sm">"Waits for a worker."</p> }.into_any()),
            Self::Stopped(why) => {
                let why = why.map(|why| format!(" {}", why.message));
                Some(view! { <p class="soft sm">"Stopped." {why}</p> }.into_any())
            }
            Self::Wrong(status, error) => {
                let tone = if status == RunStatus::Failed { Tone::Bad } else { Tone::Wait };
                let said = error.map(|error| {
                    view! {
                        <b>{error.code.as_str()}</b>
                        ": "
                        {error.message}
                    }
                });
                Some(view! { <Notice tone><div>{said}</div></Notice> }.into_any())
            }
        }
    }
}
