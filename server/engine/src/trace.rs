//! A run read as a whole, and as a file. It is read and written step by step, so
//! its size does not matter.

use std::pin::Pin;
use std::sync::Arc;

use async_stream::try_stream;
use domain::{RunId, RunView, TraceFold, TraceNote, TraceOpening, TracePart};
use futures_util::{Stream, StreamExt};
use serde::Serialize;
use store::{EventRecord, Store};

use crate::engine::Inner;
use crate::gate::Gate;
use crate::rebuilt::Rebuilt;
use crate::{Engine, Error, Export, Result, SignedIn};

/// How many events are read at once.
const BATCH: u32 = 200;

/// A run with everything that happened in it. Nothing in it holds a provider's
/// key.
pub struct Trace {
    /// The record.
    pub run: RunView,
    /// What it was made from, if the log still has it.
    pub opening: Option<TraceOpening>,
    /// Its steps, oldest first, and the end.
    pub parts: Pin<Box<dyn Stream<Item = Result<TracePart>> + Send>>,
}

impl Engine {
    /// A run with everything that happened in it so far.
    pub async fn trace(&self, who: &SignedIn, id: RunId) -> Result<Trace> {
        let run = self.store().run(who.id(), id).await?;
        let gate = self.inner.gate().await?;
        let (opening, rebuilt) = Rebuilt::open(&self.inner, &run).await?;
        let (run, opening) = (gate.value(run)?, gate.value(opening)?);
        let parts = Box::pin(parts(Arc::clone(&self.inner), run.clone(), rebuilt, gate));
        Ok(Trace { run, opening, parts })
    }

    /// The same as a file of JSON: one object with `run`, `opening`, `steps` and
    /// `end`.
    pub async fn trace_file(&self, who: &SignedIn, id: RunId) -> Result<Export> {
        let Trace { run, opening, mut parts } = self.trace(who, id).await?;
        let text = try_stream! {
            let (run, opening) = (json(&run)?, json(&opening)?);
            yield format!("{{\"run\": {run},\n\"opening\": {opening},\n\"steps\": [");
            let mut comma = "\n";
            while let Some(part) = parts.next().await {
                match part? {
                    TracePart::Step(step) => {
                        let step = json(&step)?;
                        yield format!("{comma}{step}");
                        comma = ",\n";
                    }
                    TracePart::End(end) => {
                        let end = json(&end)?;
                        yield format!("\n],\n\"end\": {end}}}\n");
                    }
                }
            }
        };
        Ok(Export { file_name: format!("{id}.trace.json"), text: Box::pin(text) })
    }
}

fn parts(
    inner: Arc<Inner>,
    run: RunView,
    mut rebuilt: Option<Rebuilt>,
    gate: Gate,
) -> impl Stream<Item = Result<TracePart>> + Send {
    try_stream! {
        let mut fold = TraceFold::default();
        let mut log = Log::of(inner.store.clone(), &run);
        while let Some(records) = log.next().await? {
            for record in records {
                let request = match &mut rebuilt {
                    Some(rebuilt) => rebuilt.take(&inner, &record).await?,
                    None => None,
                };
                let EventRecord { seq, at, event, .. } = record;
                if let Some(step) = fold.take(TraceNote { seq, at, event }) {
                    yield TracePart::Step(Box::new(gate.value(step)?));
                }
                if let Some((step, request)) = request {
                    fold.requested(step, request);
                }
            }
        }
        let (last, end) = fold.finish();
        if let Some(step) = last {
            yield TracePart::Step(Box::new(gate.value(step)?));
        }
        yield TracePart::End(gate.value(end)?);
    }
}

/// The log of a run without its pieces of text, or what is left of it, a part at
/// a time.
pub(crate) struct Log {
    store: Store,
    run: RunId,
    after: u64,
    left: Option<Vec<EventRecord>>,
}

impl Log {
    pub(crate) fn of(store: Store, run: &RunView) -> Self {
        Self { store, run: run.id, after: 0, left: store::remains(run) }
    }

    /// The next events; `None` after the last ones.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<EventRecord>>> {
        let records = match &mut self.left {
            Some(left) => std::mem::take(left),
            None => self.store.log_after(self.run, self.after, BATCH).await?,
        };
        let Some(last) = records.last() else { return Ok(None) };
        self.after = last.seq;
        Ok(Some(records))
    }
}

fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::Broken(error.to_string()))
}
