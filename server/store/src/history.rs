//! The earlier runs of a session, as a later exchange with the model needs to
//! know them; kept warm between its turns.
//!
//! A run that has ended never changes, and before a run of a session works all
//! earlier ones have ended. So what was read once counts, and only what came
//! since, by whichever process, has to be read.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use domain::{Event, RunId, RunView, SessionId};
use sea_orm::Value;

use crate::events::placeholders;
use crate::{ClaimedRun, EventRecord, Result, Store, remains};

/// How many sessions are kept warm, and how many bytes of them at most; those
/// that were used least recently go first.
const SESSIONS: usize = 64;
const BYTES: usize = 16 << 20;

/// How much work of earlier runs is read for a conversation: steps, or calls
/// where a run has more of them. An output has at most 64 KiB, so this bounds
/// the memory that a long history takes.
const HISTORY_WORK: u32 = 300;

/// What an event weighs beside its texts, in bytes: about.
const EVENT: usize = 256;

/// A run's message and its events without deltas: what a later exchange with
/// the model needs to know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunHistory {
    /// The run.
    pub run_id: RunId,
    /// The message that started it.
    pub message: String,
    /// Its events in order, without deltas.
    pub events: Vec<EventRecord>,
}

/// The sessions that are warm, the one used last at the end.
#[derive(Default)]
pub(crate) struct Warm(Mutex<VecDeque<Kept>>);

struct Kept {
    session: SessionId,
    /// What it weighs, in bytes: about.
    bytes: usize,
    history: History,
}

type History = Vec<Arc<RunHistory>>;

impl Store {
    /// The newest runs of a session before a run, oldest first: at most so many,
    /// and no more than hold [`HISTORY_WORK`] together, but the newest always.
    pub async fn history(&self, before: &ClaimedRun, runs: u32) -> Result<Vec<Arc<RunHistory>>> {
        let mut history = self.warm().take(before.session_id).unwrap_or_default();
        let known = history.last().map(|run| run.run_id.as_uuid());
        let condition = "r.session_id = $1 AND r.ordinal < (SELECT ordinal FROM runs WHERE id = $2)
            AND r.ordinal > COALESCE((SELECT ordinal FROM runs WHERE id = $4), 0)
            ORDER BY r.ordinal DESC LIMIT $3";
        let values: [Value; 4] = [
            before.session_id.as_uuid().into(),
            before.id.as_uuid().into(),
            runs.into(),
            known.into(),
        ];
        let mut found = self.run_views(condition, values).await?;
        let near = within(found.iter().map(|run| run.steps.max(run.calls)));
        if near < found.len() {
            found.truncate(near);
            history.clear();
        }
        let new = self.histories(found.iter().rev()).await?;
        history.extend(new.into_iter().map(Arc::new));
        let near = within(history.iter().rev().map(|run| work(run))).min(runs as usize);
        history.drain(..history.len() - near);
        self.warm().put(before.session_id, history.clone());
        Ok(history)
    }

    /// Certain runs with what a later exchange with the model needs to know of
    /// them, in the order of their ids. One that is gone is left out.
    pub async fn history_of(&self, ids: &[RunId]) -> Result<Vec<(RunView, RunHistory)>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let condition = format!("r.id IN ({})", placeholders(1, ids.len()));
        let mut found =
            self.run_views(&condition, ids.iter().map(|id| id.as_uuid().into())).await?;
        found.sort_by_key(|run| ids.iter().position(|id| *id == run.id));
        let history = self.histories(found.iter()).await?;
        Ok(found.into_iter().zip(history).collect())
    }

    async fn histories(
        &self,
        runs: impl Iterator<Item = &RunView> + Clone,
    ) -> Result<Vec<RunHistory>> {
        let whole = runs.clone().filter(|run| run.cleared.has_steps());
        let ids: Vec<_> = whole.map(|run| run.id).collect();
        let one = |run: &RunView| RunHistory {
            run_id: run.id,
            message: run.message.clone(),
            events: remains(run).unwrap_or_default(),
        };
        let mut history: Vec<_> = runs.map(one).collect();
        for event in self.events_of(&ids, &[]).await? {
            if let Some(run) = history.iter_mut().find(|run| run.run_id == event.run_id) {
                run.events.push(event);
            }
        }
        Ok(history)
    }
}

impl Warm {
    fn take(&self, session: SessionId) -> Option<History> {
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = sessions.iter().position(|kept| kept.session == session)?;
        sessions.remove(at).map(|kept| kept.history)
    }

    fn put(&self, session: SessionId, history: History) {
        let kept = Kept { session, bytes: weight(&history), history };
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.push_back(kept);
        let mut bytes: usize = sessions.iter().map(|kept| kept.bytes).sum();
        while bytes > BYTES || sessions.len() > SESSIONS {
            let Some(oldest) = sessions.pop_front() else { return };
            bytes -= oldest.bytes;
        }
    }
}

/// How many runs, newest first, are within [`HISTORY_WORK`] by their work.
fn within(runs: impl Iterator<Item = u32>) -> usize {
    let mut left = HISTORY_WORK;
    let mut count = 0;
    for work in runs {
        let rest = left.checked_sub(work.max(1));
        if rest.is_none() && count > 0 {
            break;
        }
        left = rest.unwrap_or(0);
        count += 1;
    }
    count
}

/// The steps of a run, or its calls where those are more.
fn work(run: &RunHistory) -> u32 {
    let count = |is: fn(&Event) -> bool| run.events.iter().filter(|one| is(&one.event)).count();
    let steps = count(|event| matches!(event, Event::StepStart { .. }));
    let calls = count(|event| matches!(event, Event::ToolEnd { .. }));
    u32::try_from(steps.max(calls)).unwrap_or(u32::MAX)
}

fn weight(history: &[Arc<RunHistory>]) -> usize {
    let of_run = |run: &Arc<RunHistory>| {
        let events = run.events.iter().map(|record| EVENT + texts(&record.event));
        run.message.len() + events.sum::<usize>()
    };
    history.iter().map(of_run).sum()
}

fn texts(event: &Event) -> usize {
    match event {
        Event::StepEnd { text, thinking, raw, carried, .. } => {
            let others = [thinking, raw, carried].into_iter().flatten();
            text.len() + others.map(String::len).sum::<usize>()
        }
        Event::ToolStart { arguments, .. } => arguments.len(),
        Event::ToolEnd { output, summary, .. } => output.len() + summary.len(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn session(number: u128) -> SessionId {
        SessionId::from_uuid(Uuid::from_u128(number))
    }

    fn history(bytes: usize) -> History {
        let run_id = RunId::from_uuid(Uuid::from_u128(1));
        vec![Arc::new(RunHistory { run_id, message: "x".repeat(bytes), events: Vec::new() })]
    }

    #[test]
    fn the_least_used_sessions_cool_down_first() {
        let warm = Warm::default();
        for number in 0..=SESSIONS as u128 {
            warm.put(session(number), history(1));
        }
        assert!(warm.take(session(0)).is_none());
        let one = warm.take(session(1)).unwrap();
        warm.put(session(1), one);
        warm.put(session(900), history(BYTES - SESSIONS));
        assert!(warm.take(session(2)).is_none());
        assert!(warm.take(session(1)).is_some());
        warm.put(session(901), history(BYTES + 1));
        assert!(warm.take(session(901)).is_none(), "what is too large is not kept at all");
    }
}
