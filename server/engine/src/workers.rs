//! Who works on the queue: a dispatcher that claims, an ear for what people tell
//! runs at work, and a pulse that keeps leases, ends what dead processes left and
//! lets questions lapse.

use std::sync::Arc;
use std::time::Duration;

use domain::{RunId, RunStatus};
use store::{Change, News};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::drive::drive;
use crate::engine::{Engine, Inner};
use crate::upkeep::upkeep;

/// How often leases are kept and runs are looked for that lost their process.
const BEAT: Duration = Duration::from_secs(2);

/// How long the dispatcher waits after a failed claim.
const PAUSE: Duration = Duration::from_secs(1);

impl Engine {
    pub(crate) fn spawn_workers(&self) {
        self.inner.tasks.spawn(dispatch(Arc::clone(&self.inner)));
        self.inner.tasks.spawn(upkeep(Arc::clone(&self.inner)));
        self.spawn_pulse();
    }

    /// Keeps leases and hears what runs are told, without working on the queue.
    fn spawn_pulse(&self) {
        self.inner.pulse.call_once(|| {
            self.inner.tasks.spawn(pulse(Arc::clone(&self.inner)));
            self.inner.tasks.spawn(hear(Arc::clone(&self.inner)));
        });
    }

    /// Works on one certain run here as soon as it may work, and returns when
    /// it has ended, waits for a person, or was taken by another process. For a process that does
    /// not work on the queue.
    pub async fn work_on(&self, run: RunId) -> crate::Result<()> {
        let inner = &self.inner;
        let mut listener = inner.store.feed().listen();
        self.spawn_pulse();
        loop {
            if let Some(claimed) = inner.store.claim(inner.limits.lease, Some(run)).await? {
                let worker = Arc::clone(inner);
                let task = inner.tasks.spawn(async move {
                    drive(&worker, claimed, CancellationToken::new()).await;
                });
                let _ = task.await;
                return Ok(());
            }
            if inner.store.run_status(run).await? != RunStatus::Queued {
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
        match inner.store.unsettled().claim(inner.limits.lease, None).await {
            Ok(Some(run)) => {
                let worker = Arc::clone(&inner);
                inner.tasks.spawn(async move {
                    let _permit: OwnedSemaphorePermit = permit;
                    drive(&worker, run, CancellationToken::new()).await;
                });
            }
            Ok(None) => loop {
                tokio::select! {
                    () = inner.stopping.cancelled() => return,
                    change = listener.next() => match change {
                        Some(Change::Run { news: News::Log | News::Steering, .. }) => {}
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

/// Stops the runs that work here, and lets them know that somebody said something
/// to them, whoever did it and wherever.
async fn hear(inner: Arc<Inner>) {
    let mut listener = inner.store.feed().listen();
    loop {
        let change = tokio::select! {
            () = inner.at_rest() => return,
            change = listener.next() => change,
        };
        match change {
            Some(Change::Run { run_id, news: News::Stop, .. }) => inner.stop_run(run_id),
            Some(Change::Run { run_id, news: News::Steering, .. }) => inner.steer_run(run_id),
            Some(Change::Anything) if !inner.is_idle() => {
                inner.steer_all();
                match inner.store.cancel_requests().await {
                    Ok(runs) => runs.into_iter().for_each(|run| inner.stop_run(run)),
                    Err(error) => tracing::error!(%error, "stops cannot be read"),
                }
            }
            Some(_) => {}
            None => return,
        }
    }
}

async fn pulse(inner: Arc<Inner>) {
    let mut beat = tokio::time::interval(BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = inner.at_rest() => return,
            _ = beat.tick() => {}
        }
        let result = async {
            if !inner.is_idle() {
                inner.store.heartbeat(inner.limits.lease).await?;
            }
            inner.store.expire_approvals().await?;
            inner.store.recover().await.map(drop)
        };
        if let Err(error) = result.await {
            tracing::error!(%error, "the pulse missed a beat");
        }
    }
}
