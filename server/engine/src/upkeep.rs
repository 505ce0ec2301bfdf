//! The clean-up: now and then, in small steps, and never in anybody's way.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::{CleaningState, Fault, FaultCode, Retention, Role};
use store::Cleaned;
use tokio::sync::Notify;

use crate::engine::{Engine, Inner};
use crate::{Result, SignedIn};

/// When a server first cleans up: not while it starts.
const FIRST: Duration = Duration::from_secs(10 * 60);

/// How often it does from then on.
const EVERY: Duration = Duration::from_secs(60 * 60);

/// How long a process that is silent keeps others from cleaning up.
const HOLD: Duration = Duration::from_secs(60);

/// How long a person who asked for it waits before they get the page back.
const PATIENCE: Duration = Duration::from_secs(2);

/// While runs wait or work, the clean-up rests this many times as long as it
/// worked.
const REST: u32 = 9;

/// The longest rest.
const LONGEST_REST: Duration = Duration::from_secs(1);

/// What wakes the clean-up, and what it wakes.
#[derive(Default)]
pub(crate) struct Upkeep {
    wanted: Notify,
    done: Notify,
}

impl Engine {
    /// Cleans up now. Waits for the end for a moment; a larger clean-up goes on
    /// by itself.
    pub async fn clean_up(&self, who: &SignedIn) -> Result<CleaningState> {
        if who.role() != Role::Owner {
            let sentence = "Only an owner can start the clean-up.";
            return Err(Fault::new(FaultCode::Forbidden, sentence).into());
        }
        let done = self.inner.upkeep.done.notified();
        tokio::pin!(done);
        done.as_mut().enable();
        self.clean_soon();
        let _ = tokio::time::timeout(PATIENCE, done).await;
        Ok(self.store().cleaning().await?.state)
    }

    /// Tells the clean-up that there is something for it, such as the rows of a
    /// deleted session.
    pub(crate) fn clean_soon(&self) {
        self.inner.upkeep.wanted.notify_one();
    }
}

impl Inner {
    /// How long things are kept.
    pub(crate) async fn retention(&self) -> store::Result<Retention> {
        Ok(self.store.settings().await?.settings.retention)
    }
}

pub(crate) async fn upkeep(inner: Arc<Inner>) {
    let mut wait = FIRST;
    loop {
        tokio::select! {
            () = inner.stopping.cancelled() => return,
            () = inner.upkeep.wanted.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
        wait = EVERY;
        match round(&inner).await {
            Ok(rows) => tracing::debug!(rows, "cleaned up"),
            Err(error) => tracing::error!(%error, "the clean-up failed"),
        }
        inner.upkeep.done.notify_waiters();
    }
}

/// One clean-up. Another process's is left to it.
async fn round(inner: &Inner) -> store::Result<u64> {
    let store = &inner.store;
    if !store.begin_cleaning(HOLD).await? {
        return Ok(0);
    }
    let mut cleaned = Cleaned::default();
    let worked = work(inner, &mut cleaned).await;
    // Measuring reads all of a large database; a server that stops goes first.
    let measured = tokio::select! {
        () = inner.stopping.cancelled() => Ok(()),
        measured = store.measure() => measured,
    };
    store.end_cleaning(&cleaned).await?;
    worked.and(measured)?;
    Ok(cleaned.total())
}

async fn work(inner: &Inner, cleaned: &mut Cleaned) -> store::Result<()> {
    let store = &inner.store;
    let mut kept = Instant::now();
    loop {
        let began = Instant::now();
        let step = store.clean_step(store.clock().now(), &inner.retention().await?).await?;
        cleaned.add(&step);
        if !step.more && !store.free_step().await? {
            return store.checkpoint().await;
        }
        if kept.elapsed() > HOLD / 3 {
            if !store.keep_cleaning(HOLD).await? {
                return Ok(());
            }
            kept = Instant::now();
        }
        if !rest(inner, began.elapsed()).await? {
            return Ok(());
        }
    }
}

/// Lets others have the database; false when the server stops.
async fn rest(inner: &Inner, worked: Duration) -> store::Result<bool> {
    let (waiting, working) = inner.store.load().await?;
    let times = if waiting + working > 0 { REST } else { 1 };
    tokio::select! {
        () = inner.stopping.cancelled() => Ok(false),
        () = tokio::time::sleep((worked * times).min(LONGEST_REST)) => Ok(true),
    }
}
