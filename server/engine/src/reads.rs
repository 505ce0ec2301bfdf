//! What pages and the API read.

use std::collections::HashMap;

use domain::{
    ChatView, Limit, LiveEvent, MessageView, Overview, Page, RunFilter, RunId, RunView, SessionId,
    Timestamp, Turn,
};

use crate::present::Presenter;
use crate::{Engine, Result, SignedIn};

/// How many turns the chat page shows at once.
const TURNS: u32 = 30;

/// How many steps they may have together, unless the newest turn alone has more:
/// a page should be there at once, however long its runs were.
const STEPS: u32 = 60;

impl Engine {
    /// The present moment, by the engine's clock.
    pub fn now(&self) -> Timestamp {
        self.store().clock().now()
    }

    /// The place of the newest event of all: a stream that begins there misses
    /// nothing that happens after a page was read.
    pub async fn position(&self) -> Result<u64> {
        Ok(self.store().position().await?)
    }

    /// The first page's figures and lists.
    pub async fn overview(&self, who: &SignedIn) -> Result<Overview> {
        let mut overview = self.store().overview(who.id(), self.inner.admission()).await?;
        overview.demo = self.inner.catalog().await?.default_model().provider == "demo";
        overview.first_steps.model_connected = !overview.demo;
        Ok(overview)
    }

    /// A session's messages, newest first.
    pub async fn messages(
        &self,
        who: &SignedIn,
        id: SessionId,
        limit: Limit,
        cursor: Option<&str>,
    ) -> Result<Page<MessageView>> {
        Ok(self.store().messages(who.id(), id, limit, cursor).await?)
    }

    /// A session as the chat page shows it.
    pub async fn chat(
        &self,
        who: &SignedIn,
        id: SessionId,
        older: Option<&str>,
    ) -> Result<ChatView> {
        let session = self.store().session(who.id(), id).await?;
        // Read before the events: what comes in between is told twice rather
        // than not at all, and counts once.
        let position = self.store().position().await?;
        let filter = RunFilter { session_id: Some(id), ..RunFilter::default() };
        let read = async |turns| {
            let limit = Limit::new(turns).unwrap_or_default();
            self.store().runs(who.id(), &filter, limit, older).await
        };
        let mut page = read(TURNS).await?;
        let fits = fitting(&page.items);
        if (fits as usize) < page.items.len() {
            page = read(fits).await?;
        }
        let mut turns = self.turns(&page.items).await?;
        turns.reverse();
        Ok(ChatView { session, turns, older: page.next_cursor, position })
    }

    /// A person's runs, newest first.
    pub async fn runs(
        &self,
        who: &SignedIn,
        filter: RunFilter,
        limit: Limit,
        cursor: Option<&str>,
    ) -> Result<Page<RunView>> {
        Ok(self.store().runs(who.id(), &filter, limit, cursor).await?)
    }

    /// One run.
    pub async fn run(&self, who: &SignedIn, id: RunId) -> Result<RunView> {
        Ok(self.store().run(who.id(), id).await?)
    }

    /// One run with its steps and calls.
    pub async fn turn(&self, who: &SignedIn, id: RunId) -> Result<Turn> {
        let run = self.store().run(who.id(), id).await?;
        let turn = self.turns(std::slice::from_ref(&run)).await?.pop();
        Ok(turn.unwrap_or_else(|| begin(&run)))
    }

    /// A run's events after a number, as readers get them.
    pub async fn run_events(
        &self,
        who: &SignedIn,
        id: RunId,
        after: u64,
        limit: Limit,
    ) -> Result<Vec<LiveEvent>> {
        let run = self.store().run(who.id(), id).await?;
        let mut presenter = Presenter::default();
        if let Some(remains) = store::remains(&run) {
            let rest = remains.into_iter().filter(|record| record.seq > after);
            return Ok(rest.take(limit.rows() as usize).map(|r| presenter.show(r)).collect());
        }
        let mut events = Vec::new();
        for record in self.store().events_after(id, after, limit.rows()).await? {
            events.push(presenter.present(self.store(), record).await?);
        }
        Ok(events)
    }

    /// How many runs of everybody wait and work.
    pub async fn load(&self) -> Result<(u64, u64)> {
        Ok(self.store().load().await?)
    }

    async fn turns(&self, runs: &[RunView]) -> Result<Vec<Turn>> {
        let of = |ended: bool| {
            let runs = runs
                .iter()
                .filter(move |run| run.status.is_end() == ended && run.cleared.has_steps());
            runs.map(|run| run.id).collect::<Vec<_>>()
        };
        let mut turns: HashMap<RunId, Turn> = runs.iter().map(|run| (run.id, begin(run))).collect();
        let ids: Vec<_> = runs.iter().map(|run| run.id).collect();
        for (run, picture) in self.store().pictures_of(&ids).await? {
            if let Some(turn) = turns.get_mut(&run) {
                turn.pictures.push(picture);
            }
        }
        let mut presenter = Presenter::default();
        let mut records = self.store().events_of(&of(true), &of(false)).await?;
        records.extend(runs.iter().filter_map(store::remains).flatten());
        let cleared: Vec<_> = runs.iter().filter(|run| !run.cleared.has_steps()).collect();
        if !cleared.is_empty() {
            let days = self.inner.retention().await?.events_days;
            for run in cleared {
                if let Some(turn) = turns.get_mut(&run.id) {
                    turn.cleared_days = Some(days);
                }
            }
        }
        for record in records {
            let live = presenter.show(record);
            if let Some(turn) = turns.get_mut(&live.run_id) {
                turn.apply(&live);
            }
        }
        Ok(runs.iter().filter_map(|run| turns.remove(&run.id)).collect())
    }
}

/// How many of the newest runs one page shows.
fn fitting(runs: &[RunView]) -> u32 {
    let mut steps = 0_u32;
    let fits = runs.iter().take_while(|run| {
        let begun = steps > 0;
        steps = steps.saturating_add(run.steps.max(1));
        steps <= STEPS || !begun
    });
    u32::try_from(fits.count()).unwrap_or(TURNS)
}

fn begin(run: &RunView) -> Turn {
    Turn::new(run.id, run.message.clone(), run.agent.clone(), run.created_at)
}
