//! Live streams: everything after a place, then whatever comes.

use std::pin::Pin;

use async_stream::try_stream;
use domain::{Event, LiveEvent, RunId, SessionId};
use futures_util::Stream;
use store::{Change, EventRecord, Listener, News, Store};

use crate::present::Presenter;
use crate::{Engine, Error, Result, SignedIn};

/// How many events one reading fetches.
const BATCH: u32 = 200;

/// A stream of events. It ends with its run, or when the server stops.
pub type LiveStream = Pin<Box<dyn Stream<Item = Result<LiveEvent>> + Send>>;

impl Engine {
    /// A run's events after a number, until the run ends.
    pub async fn run_stream(&self, who: &SignedIn, run: RunId, after: u64) -> Result<LiveStream> {
        let view = self.store().run(who.id(), run).await?;
        if let Some(remains) = store::remains(&view) {
            let rest = remains.into_iter().filter(move |record| record.seq > after);
            let mut presenter = Presenter::default();
            let told = rest.map(move |record| Ok(presenter.show(record)));
            return Ok(Box::pin(futures_util::stream::iter(told)));
        }
        let session = view.session_id;
        let concerns = move |change: Change| match change {
            Change::Run { run_id, .. } => run_id == run,
            Change::Anything => true,
        };
        let engine = self.clone();
        let fetch = move |seq| {
            let store = engine.store().clone();
            async move {
                let found = store.events_after(run, seq, BATCH).await?;
                still_there(&store, session, found).await
            }
        };
        let ends = |event: &Event| matches!(event, Event::RunEnd { .. });
        Ok(self.follow(after, concerns, fetch, |record| record.seq, ends))
    }

    /// A session's events after a position.
    pub async fn session_stream(
        &self,
        who: &SignedIn,
        session: SessionId,
        after: u64,
    ) -> Result<LiveStream> {
        self.store().session(who.id(), session).await?;
        let concerns = move |change: Change| match change {
            Change::Run { session_id, .. } => session_id == session,
            Change::Anything => true,
        };
        let engine = self.clone();
        let fetch = move |position| {
            let store = engine.store().clone();
            async move {
                let found = store.session_events_after(session, position, BATCH).await?;
                still_there(&store, session, found).await
            }
        };
        Ok(self.follow(after, concerns, fetch, |record| record.position, |_| false))
    }

    /// A session's events after a position, and those of a person's other
    /// sessions as far as they change what lists show: all that the chat page
    /// needs, in one stream.
    pub async fn chat_stream(
        &self,
        who: &SignedIn,
        session: SessionId,
        after: u64,
    ) -> Result<LiveStream> {
        self.store().session(who.id(), session).await?;
        let owner = who.id();
        let concerns = move |change: Change| match change {
            Change::Run { session_id, owner_id, news, .. } => {
                session_id == session || owner_id == owner && news == News::Status
            }
            Change::Anything => true,
        };
        let engine = self.clone();
        let fetch = move |position| {
            let store = engine.store().clone();
            async move {
                let found = store.chat_events_after(owner, session, position, BATCH).await?;
                still_there(&store, session, found).await
            }
        };
        Ok(self.follow(after, concerns, fetch, |record| record.position, |_| false))
    }

    /// A person's events after a position, as far as they change what lists
    /// show.
    pub async fn list_stream(&self, who: &SignedIn, after: u64) -> Result<LiveStream> {
        let owner = who.id();
        let concerns = move |change: Change| match change {
            Change::Run { owner_id, .. } => owner_id == owner,
            Change::Anything => true,
        };
        let engine = self.clone();
        let fetch = move |position| {
            let store = engine.store().clone();
            async move { store.list_events_after(owner, position, BATCH).await }
        };
        Ok(self.follow(after, concerns, fetch, |record| record.position, |_| false))
    }

    fn follow<Fetch, Fetched>(
        &self,
        after: u64,
        concerns: impl Fn(Change) -> bool + Send + Sync + 'static,
        fetch: Fetch,
        place: fn(&EventRecord) -> u64,
        ends: fn(&Event) -> bool,
    ) -> LiveStream
    where
        Fetch: Fn(u64) -> Fetched + Send + Sync + 'static,
        Fetched: Future<Output = store::Result<Vec<EventRecord>>> + Send,
    {
        // Listening begins before the first reading, so nothing falls between.
        let mut listener = self.store().feed().listen();
        let engine = self.clone();
        Box::pin(try_stream! {
            let mut presenter = Presenter::default();
            let mut after = after;
            loop {
                let records = fetch(after).await.map_err(Error::from)?;
                let full = records.len() == BATCH as usize;
                for record in records {
                    after = place(&record);
                    let live = presenter.present(engine.store(), record).await.map_err(Error::from)?;
                    let last = ends(&live.event);
                    yield live;
                    if last {
                        return;
                    }
                }
                if !full && !engine.more(&mut listener, &concerns).await {
                    return;
                }
            }
        })
    }

    /// Waits for a change that concerns a reader; false when the server stops
    /// and nothing works any more.
    async fn more(&self, listener: &mut Listener, concerns: &impl Fn(Change) -> bool) -> bool {
        loop {
            tokio::select! {
                () = self.inner.stopping.cancelled() => return false,
                change = listener.next() => match change {
                    Some(change) if concerns(change) => return true,
                    Some(_) => {}
                    None => return false,
                },
            }
        }
    }
}

/// Events of a session as they were found. Nothing is found of one that was
/// deleted, and its readers are told.
async fn still_there(
    store: &Store,
    session: SessionId,
    found: Vec<EventRecord>,
) -> store::Result<Vec<EventRecord>> {
    if found.is_empty() && !store.is_there(session).await? {
        return Err(store::Error::NotFound("session"));
    }
    Ok(found)
}
