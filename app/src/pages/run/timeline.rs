//! What happened in a run, in order.

use domain::Channel;
use leptos::prelude::*;

use crate::components::{ClearedSteps, Moment, Notice, StepBody, When, mark, tone, word};
use crate::format;
use crate::live::{LiveStep, LiveTurn, Now};

/// The message, the steps, the end.
#[component]
pub(super) fn Timeline(turn: LiveTurn, source: Channel, now: Now) -> impl IntoView {
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
                    <p class="say">{turn.question}</p>
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
    let model = step.with_untracked(|step| step.model.clone());
    let took = Memo::new(move |_| step.with(|step| step.duration_ms));
    let tokens = Memo::new(move |_| step.with(|step| (step.input_tokens, step.output_tokens)));
    view! {
        <li>
            <span class="tl-dot" aria-hidden="true">{number}</span>
            <div class="tl-h">
                <h3>{format!("Step {number}")}</h3>
                <p>
                    {model}
                    {move || took.get().map(|took| format!(" · {}", format::duration(took)))}
                </p>
                <p>{move || match tokens.get() {
                    (0, 0) => String::new(),
                    (sent, written) => {
                        format!("{} in · {} out", format::number(sent), format::number(written))
                    }
                }}</p>
            </div>
            <StepBody step=live now class="prose prose-sm"/>
        </li>
    }
}
