//! The turns of one session, which grow by events and by new runs.

use std::collections::HashMap;

use domain::{LiveEvent, RunId, Turn};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::LiveTurn;
use crate::api::runs;

/// The turns on a page, oldest first.
#[derive(Clone, Copy)]
pub(crate) struct Turns {
    list: RwSignal<Vec<LiveTurn>>,
    // Runs on their way here, with what happened to them meanwhile.
    loading: StoredValue<HashMap<RunId, Vec<LiveEvent>>>,
}

impl Turns {
    /// The turns as they were read.
    pub(crate) fn new(turns: Vec<Turn>) -> Self {
        let list = turns.into_iter().map(LiveTurn::new).collect();
        Self { list: RwSignal::new(list), loading: StoredValue::default() }
    }

    /// All of them; tracks that one joins, not what happens in one.
    pub(crate) fn all(self) -> Vec<LiveTurn> {
        self.list.get()
    }

    /// The oldest one that is still at work, or waits.
    pub(crate) fn live(self) -> Option<LiveTurn> {
        let ended = |turn: &LiveTurn| turn.head.with(|head| head.status.is_end());
        self.list.with(|list| list.iter().find(|turn| !ended(turn)).cloned())
    }

    /// The newest one.
    pub(crate) fn newest(self) -> Option<LiveTurn> {
        self.list.with(|list| list.last().cloned())
    }

    /// The one that a person wants to know about: at work, or the newest.
    pub(crate) fn current(self) -> Option<LiveTurn> {
        self.live().or_else(|| self.newest())
    }

    /// Takes in one event, also of a run that nobody here has heard of.
    pub(crate) fn take(self, event: LiveEvent) {
        let known = self.list.with_untracked(|list| {
            list.iter().rev().find(|turn| turn.run_id == event.run_id).cloned()
        });
        match known {
            Some(turn) => turn.apply(&event),
            None => {
                let run_id = event.run_id;
                self.fetch(run_id);
                self.loading.update_value(|loading| {
                    if let Some(waiting) = loading.get_mut(&run_id) {
                        waiting.push(event);
                    }
                });
            }
        }
    }

    /// Brings a new run onto the page.
    pub(crate) fn fetch(self, run_id: RunId) {
        let here = self.list.with_untracked(|list| list.iter().any(|turn| turn.run_id == run_id));
        if here || self.loading.with_value(|loading| loading.contains_key(&run_id)) {
            return;
        }
        self.loading.update_value(|loading| {
            loading.insert(run_id, Vec::new());
        });
        spawn_local(async move {
            let turn = runs::read_turn(run_id).await;
            // The page may be gone by now. A run that could not be read is asked
            // for again at its next event.
            let waiting = self.loading.try_update_value(|loading| loading.remove(&run_id));
            if let (Ok(turn), Some(Some(waiting))) = (turn, waiting) {
                self.join(turn, &waiting);
            }
        });
    }

    fn join(self, turn: Turn, waiting: &[LiveEvent]) {
        let turn = LiveTurn::new(turn);
        waiting.iter().for_each(|event| turn.apply(event));
        self.list.update(|list| {
            let place = list.partition_point(|other| other.asked_at <= turn.asked_at);
            list.insert(place, turn);
        });
    }
}
