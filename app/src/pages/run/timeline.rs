//! What happened in a run, in order.

use domain::{BEFORE_STEPS, Channel, FinishReason, Spent, Step};
use leptos::prelude::*;

use crate::components::{
    ClearedSteps, Moment, Notes, Notice, Pictures, StepBody, When, mark, tone, word,
};
use crate::format;
use crate::live::{LiveStep, LiveTurn, Now};

/// The message, the steps, the end.
#[component]
pub(super) fn Timeline(turn: LiveTurn, source: Channel, now: Now) -> impl IntoView {
    let before = RwSignal::from(turn.before);
    let steps = RwSignal::from(turn.steps);
    let head = RwSignal::from(turn.head);
    let end = Memo::new(move |_| {
        head.with(|head| head.ended_at.map(|at| (at, head.status, head.error.clone())))
    });
    view! {
        <section aria-labelledby="timeline">
            <div class="sec-h"><h2 id="timeline">"Timeline"</h2></div>
            <ol class="timeline">
                <li>
                    <span class="tl-dot" aria-hidden="true">"0"</span>
                    <div class="tl-h">
                        <h3>{asked(source)}</h3>
                        <p><When at=turn.asked_at show=Moment::Full/></p>
                    </div>
                    <Pictures pictures=turn.pictures/>
                    <p class="say">{turn.question}</p>
                    <Notes notes=before/>
                </li>
                {turn.cleared_days.map(|days| view! { <li><ClearedSteps days/></li> })}
                <For
                    each=move || steps.get()
                    key=|step| step.number
                    children=move |step: LiveStep| view! { <StepItem step now/> }
                />
                {move || end.get().map(|(at, status, error)| view! {
                    <li>
                        <span class="tl-dot" data-tone=tone(status).as_str() aria-hidden="true">
                            {mark(status)}
                        </span>
                        <div class="tl-h">
                            <h3>{word(status)}</h3>
                            <p><When at show=Moment::Full/></p>
                        </div>
                        {error.map(|error| view! {
                            <Notice tone=tone(status)>
                                <div><b>{error.code.as_str()}</b> ": " {error.message}</div>
                            </Notice>
                        })}
                    </li>
                })}
            </ol>
        </section>
    }
}

fn asked(source: Channel) -> &'static str {
    match source {
        Channel::Dashboard => "Asked in the dashboard",
        Channel::Api => "Asked over the API",
        Channel::Cli => "Asked on the command line",
        Channel::Scheduler => "Asked by the scheduler",
        Channel::Discord => "Asked in Discord",
    }
}

#[component]
fn StepItem(step: LiveStep, now: Now) -> impl IntoView {
    let (live, number) = (step.clone(), step.number);
    let step = RwSignal::from(step.step);
    let facts = Memo::new(move |_| step.with(facts));
    let spent = Memo::new(move |_| step.with(|step| spent(&step.spent)));
    let (mark, title) = match number {
        BEFORE_STEPS => ("/".to_owned(), "A call that was typed".to_owned()),
        number => (number.to_string(), format!("Step {number}")),
    };
    view! {
        <li>
            <span class="tl-dot" aria-hidden="true">{mark}</span>
            <div class="tl-h">
                <h3>{title}</h3>
                <p>{facts}</p>
                <p>{spent}</p>
            </div>
            <StepBody step=live now class="prose prose-sm"/>
        </li>
    }
}

/// Which model a step asked, how it ended, how long it took.
fn facts(step: &Step) -> String {
    let mut text = step.model.clone();
    if let Some(took) = step.duration_ms {
        text.push_str(&format!(" · {}", format::duration(took)));
    }
    match step.finish {
        Some(FinishReason::Length) => text.push_str(" · ended at its limit of length"),
        Some(FinishReason::ContentFilter) => text.push_str(" · held back by the provider"),
        Some(FinishReason::Cut) => text.push_str(" · cut off"),
        Some(FinishReason::Stop | FinishReason::ToolCalls) | None => {}
    }
    text
}

/// What a step used up, as far as anybody counted.
fn spent(spent: &Spent) -> String {
    if spent.tokens() == 0 {
        return String::new();
    }
    let mut text = format::used(spent);
    if let Some(cost) = spent.cost {
        text.push_str(&format!(" · {}", format::dollars(cost)));
    }
    text
}
