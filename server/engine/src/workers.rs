//! Who works on the queue: a dispatcher that claims, and a pulse that keeps
//! leases, hears other processes, and ends what dead ones left.

use std::sync::Arc;
use std::time::Duration;

use domain::RunId;
use store::{Change, News};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::MissedTickBehavior;

use crate::drive::drive;
use crate::engine::{Engine, Inner};

/// How often another process's commits are looked for. SQLite has no
/// notification between processes; asking for its change counter is the
/// cheapest question there is.
const LOOK: Duration = Duration::from_millis(250);

/// How many looks go by between two sweeps for runs that lost their process.
const LOOKS_PER_SWEEP: u32 = 20;

/// How long the dispatcher waits after a failed claim.
const PAUSE: Duration = Duration::from_secs(1);

impl Engine {
    pub(crate) fn spawn_workers(&self) {
        self.inner.tasks.spawn(dispatch(Arc::clone(&self.inner)));
        self.spawn_pulse();
    }

    /// Keeps leases and hears other processes, without working on the queue.
    pub(crate) fn spawn_pulse(&self) {
        self.inner.tasks.spawn(pulse(Arc::clone(&self.inner)));
    }

    /// Works on one certain run here as soon as it may work, and returns when
    /// it has ended or another process has taken it. For a process that does
    /// not work on the queue.
    pub async fn work_on(&self, run: RunId) -> crate::Result<()> {
        let inner = &self.inner;
        let mut listener = inner.store.feed().listen();
        self.spawn_pulse();
        loop {
            if let Some(claimed) = inner.store.claim(inner.limits.lease, Some(run)).await? {
                let worker = Arc::clone(inner);
                let task = inner.tasks.spawn(async move { drive(&worker, claimed).await });
                let _ = task.await;
                return Ok(());
            }
            if !inner.store.is_queued(run).await? {
                return Ok(());
            }
            // An earlier message of its session works, here or elsewhere.
            tokio::select! {
                () = inner.stopping.cancelled() => return Ok(()),
                change = listener.next() => if change.is_none() { return Ok(()) },
            }
        }
    }
}

async fn dispatch(inner: Arc<Inner>) {
    let permits = Arc::new(Semaphore::new(inner.queue.workers as usize));
    let mut listener = inner.store.feed().listen();
    loop {
        let permit = tokio::select! {
            () = inner.stopping.cancelled() => return,
            permit = Arc::clone(&permits).acquire_owned() => permit,
        };
        let Ok(permit) = permit else { return };
        match inner.store.claim(inner.limits.lease, None).await {
            Ok(Some(run)) => {
                let worker = Arc::clone(&inner);
                inner.tasks.spawn(async move {
                    let _permit: OwnedSemaphorePermit = permit;
                    drive(&worker, run).await;
                });
            }
            Ok(None) => loop {
                tokio::select! {
                    () = inner.stopping.cancelled() => return,
                    change = listener.next() => match change {
                        Some(Change::Run { news: News::Log, .. }) => {}
                        Some(_) => break,
                        None => return,
                    },
                }
            },
            Err(error) => {
                tracing::error!(%error, "the queue cannot be read");
                tokio::select! {
                    () = inner.stopping.cancelled() => return,
                    () = tokio::time::sleep(PAUSE) => {}
                }
            }
        }
    }
}

async fn pulse(inner: Arc<Inner>) {
    let mut look = tokio::time::interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut version = None;
    let mut looks = 0;
    loop {
        // While runs have their grace the leases must be kept, so this ends
        // only when nothing works any more.
        if inner.stopping.is_cancelled() && inner.is_idle() {
            return;
        }
        look.tick().await;
        looks += 1;
        let result = async {
            let now = inner.store.version().await?;
            if version.replace(now) != Some(now) {
                inner.store.feed().announce(Change::Anything);
                for run in inner.store.cancel_requests().await? {
                    inner.stop_run(run);
                }
            }
            if looks % LOOKS_PER_SWEEP == 0 {
                if !inner.is_idle() {
                    inner.store.heartbeat(inner.limits.lease).await?;
                }
                inner.store.recover().await?;
            }
            Ok::<(), store::Error>(())
        };
        if let Err(error) = result.await {
            tracing::error!(%error, "the pulse missed a beat");
        }
    }
}
