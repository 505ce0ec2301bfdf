//! What is left of a run whose events were cleared: its message and its answer,
//! told as the events that a reader knows.

use domain::{Event, FinishReason, RunStatus, RunView};

use crate::EventRecord;

/// The remains of a run, if its events were cleared: that it was asked, one step
/// with the answer, and the end.
pub fn remains(run: &RunView) -> Option<Vec<EventRecord>> {
    if run.cleared.has_steps() {
        return None;
    }
    let ended_at = run.ended_at.unwrap_or(run.created_at);
    let mut told = vec![(run.created_at, Event::RunStatus { status: RunStatus::Queued })];
    if let Some(started_at) = run.started_at {
        told.push((started_at, Event::RunStatus { status: RunStatus::Running }));
        if let Some(text) = run.answer.clone() {
            let step = run.steps.max(1);
            let model = run.model.clone().unwrap_or_default();
            let took = ended_at.as_millisecond() - started_at.as_millisecond();
            let duration_ms = u64::try_from(took).unwrap_or(0);
            let finish =
                if run.status == RunStatus::Done { FinishReason::Stop } else { FinishReason::Cut };
            told.push((started_at, Event::StepStart { step, model }));
            told.push((
                ended_at,
                Event::StepEnd {
                    step,
                    text,
                    thinking: None,
                    raw: None,
                    carried: None,
                    finish,
                    duration_ms,
                },
            ));
        }
    }
    told.push((ended_at, Event::RunEnd { status: run.status, error: run.error.clone() }));
    // The last has the number that the last had, so that whoever has read all
    // gets nothing again.
    let before = run.last_seq.saturating_sub(told.len() as u64);
    let numbered = told.into_iter().zip(before + 1..);
    Some(
        numbered
            .map(|((at, event), seq)| EventRecord {
                run_id: run.id,
                session_id: run.session_id,
                seq,
                position: 0,
                at,
                event,
            })
            .collect(),
    )
}
