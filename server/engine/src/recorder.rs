//! The one hand that writes a run's log while it works.
//!
//! Events go in one at a time and are stored in batches: deltas that come close
//! together become one row. The writing happens in a task of its own, so that a
//! run which is dropped in the middle of a step can neither lose what was said
//! nor say it twice.

use std::sync::Arc;
use std::time::Duration;

use domain::Event;
use store::{ClaimedRun, Store};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::work::Rest;

/// How long text may wait for more before it is stored: short enough to read
/// along, long enough that a fast model does not make a row of every word.
const GATHER: Duration = Duration::from_millis(60);

/// How long anything else may wait for what comes right after it: the end of a
/// step, and the call or the end of the run that it leads to, are one commit.
const BREATH: Duration = Duration::from_millis(5);

/// How many events may wait to be stored; beyond it the run waits.
const BACKLOG: usize = 256;

/// The most events, and bytes of text, in one batch.
const BATCH: usize = 256;
const BATCH_BYTES: usize = 16 * 1024;

/// The way into a run's log.
pub(crate) struct Recorder {
    entries: mpsc::Sender<Entry>,
    task: JoinHandle<Result<(), store::Error>>,
}

enum Entry {
    Event(Event),
    /// Answered once everything before it is stored, as safely as is asked.
    Flush(Safety, oneshot::Sender<()>),
    /// The last.
    Rest(Rest),
}

/// What stored events survive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Safety {
    /// The end of the process.
    Process,
    /// A power cut.
    Power,
}

/// The log cannot be written any more: the run must stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LogClosed;

impl Recorder {
    /// Begins to write. `broken` is cancelled if the log cannot be written.
    pub(crate) fn begin(store: Store, run: Arc<ClaimedRun>, broken: CancellationToken) -> Self {
        let (entries, inbox) = mpsc::channel(BACKLOG);
        let task = tokio::spawn(async move {
            let result = write(&store, &run, inbox).await;
            if result.is_err() {
                broken.cancel();
            }
            result
        });
        Self { entries, task }
    }

    /// Adds an event. Waits while too many are unstored.
    pub(crate) async fn record(&self, event: Event) -> Result<(), LogClosed> {
        self.entries.send(Entry::Event(event)).await.map_err(|_| LogClosed)
    }

    /// Waits until everything recorded is stored.
    pub(crate) async fn flush(&self, safety: Safety) -> Result<(), LogClosed> {
        let (done, stored) = oneshot::channel();
        self.entries.send(Entry::Flush(safety, done)).await.map_err(|_| LogClosed)?;
        stored.await.map_err(|_| LogClosed)
    }

    /// Stores what is left, and how the run comes to rest.
    pub(crate) async fn rest(self, rest: Rest) -> Result<(), store::Error> {
        // Nobody takes it any more where the log is broken; the task says so.
        let _ = self.entries.send(Entry::Rest(rest)).await;
        drop(self.entries);
        match self.task.await {
            Ok(result) => result,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}

async fn write(
    store: &Store,
    run: &ClaimedRun,
    mut inbox: mpsc::Receiver<Entry>,
) -> Result<(), store::Error> {
    while let Some(first) = inbox.recv().await {
        let mut batch = Batch::default();
        let mut deadline = Instant::now() + GATHER;
        let mut next = Some(first);
        while let Some(entry) = next {
            batch.add(entry);
            if batch.has_news() {
                deadline = deadline.min(Instant::now() + BREATH);
            }
            next = if batch.is_full() {
                None
            } else if batch.is_urgent() {
                inbox.try_recv().ok()
            } else {
                tokio::time::timeout_at(deadline, inbox.recv()).await.ok().flatten()
            };
        }
        if let Some(Rest::Ended(ending)) = batch.rest {
            return store.end_with(run, batch.events, ending).await;
        }
        match batch.safety {
            Some(Safety::Power) => store.append_safely(run, &batch.events).await?,
            _ if batch.events.is_empty() => {}
            _ => store.append(run, &batch.events).await?,
        }
        if let Some(Rest::Paused(pause)) = batch.rest {
            return store.pause(run, pause).await;
        }
        for waiting in batch.flushes {
            let _ = waiting.send(());
        }
    }
    Ok(())
}

/// What is stored in one commit.
#[derive(Default)]
struct Batch {
    events: Vec<Event>,
    bytes: usize,
    flushes: Vec<oneshot::Sender<()>>,
    /// What those who wait ask for, if any do.
    safety: Option<Safety>,
    rest: Option<Rest>,
}

impl Batch {
    fn add(&mut self, entry: Entry) {
        match entry {
            Entry::Flush(safety, done) => {
                self.flushes.push(done);
                self.safety = self.safety.max(Some(safety));
            }
            Entry::Rest(rest) => self.rest = Some(rest),
            Entry::Event(Event::TextDelta { step, text }) => {
                self.bytes += text.len();
                match self.events.last_mut() {
                    Some(Event::TextDelta { text: before, .. }) => before.push_str(&text),
                    _ => self.events.push(Event::TextDelta { step, text }),
                }
            }
            Entry::Event(Event::ThinkingDelta { step, text }) => {
                self.bytes += text.len();
                match self.events.last_mut() {
                    Some(Event::ThinkingDelta { text: before, .. }) => before.push_str(&text),
                    _ => self.events.push(Event::ThinkingDelta { step, text }),
                }
            }
            Entry::Event(event) => self.events.push(event),
        }
    }

    fn is_full(&self) -> bool {
        self.events.len() >= BATCH || self.bytes >= BATCH_BYTES
    }

    /// Only text may wait for more; anything else is news.
    fn has_news(&self) -> bool {
        let text =
            |event: &Event| matches!(event, Event::TextDelta { .. } | Event::ThinkingDelta { .. });
        !self.events.iter().all(text)
    }

    /// Somebody waits for it.
    fn is_urgent(&self) -> bool {
        !self.flushes.is_empty() || self.rest.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_stored_as_safely_as_the_most_careful_asks() {
        let mut batch = Batch::default();
        batch.add(Entry::Event(Event::TextDelta { step: 1, text: "a".into() }));
        assert!(!batch.is_urgent() && batch.safety.is_none());
        for safety in [Safety::Power, Safety::Process] {
            batch.add(Entry::Flush(safety, oneshot::channel().0));
            assert!(batch.is_urgent());
        }
        assert_eq!(batch.safety, Some(Safety::Power));
    }
}
