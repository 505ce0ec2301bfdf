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
pub(crate) struct Warm(Mutex<VecDeque<(SessionId, History)>>);

type History = Vec<Arc<RunHistory>>;

impl Store {
    /// The newest runs of a session before a run, oldest first.
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
        let found = self.run_views(condition, values).await?;
        let new = self.histories(found.iter().rev()).await?;
        history.extend(new.into_iter().map(Arc::new));
        history.drain(..history.len().saturating_sub(runs as usize));
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
        let at = sessions.iter().position(|(id, _)| *id == session)?;
        sessions.remove(at).map(|(_, history)| history)
    }

    fn put(&self, session: SessionId, history: History) {
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.push_back((session, history));
        let mut bytes: usize = sessions.iter().map(|(_, history)| weight(history)).sum();
        while bytes > BYTES || sessions.len() > SESSIONS {
            let Some((_, oldest)) = sessions.pop_front() else { return };
            bytes -= weight(&oldest);
        }
    }
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
