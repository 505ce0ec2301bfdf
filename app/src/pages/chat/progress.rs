//! The line above the message field while an agent is at work.

use domain::RunStatus;
use leptos::prelude::*;

use crate::components::{LineNotice, Running, mark};
use crate::format;
use crate::live::{Head, Line, Now, Turns};

/// How far the work is: steps, calls done, what came last, and the time.
///
/// The clock stands outside of what is read out, or it would be read out each
/// second.
#[component]
pub(super) fn Progress(turns: Turns, now: Now, line: ReadSignal<Line>) -> impl IntoView {
    let head = Memo::new(move |_| turns.live().map(|turn| turn.head.get()));
    let text = Memo::new(move |_| head.with(|head| head.as_ref().map(sentence)));
    let status = Memo::new(move |_| head.with(|head| head.as_ref().map(|head| head.status)));
    let started = Memo::new(move |_| head.with(|head| head.as_ref().and_then(|h| h.started_at)));
    view! {
        <LineNotice line/>
        <div class="progress" hidden=move || status.get().is_none()>
            {move || status.get().map(mark)}
            <span role="status">{move || text.get()}</span>
            <span class="clock"><Running now from=started until=None/></span>
        </div>
    }
}

fn sentence(head: &Head) -> String {
    match head.status {
        RunStatus::Queued => return "Waits for a worker".into(),
        RunStatus::WaitingApproval | RunStatus::WaitingGuidance => return "Waits for you".into(),
        _ => {}
    }
    let mut text = format!("Step {}, {} done", head.steps, format::count(head.calls_ended, "call"));
    if let Some(last) = &head.last_summary {
        text.push_str(", last: ");
        text.push_str(last);
    }
    text
}
