//! A run read as a whole, and as a file. It is read and written step by step, so
//! its size does not matter.

use std::pin::Pin;

use async_stream::try_stream;
use domain::{RunId, RunView, TraceFold, TraceNote, TraceOpening, TracePart, TraceTool};
use futures_util::{Stream, StreamExt};
use serde::Serialize;
use store::{EventRecord, Store};

use crate::gate::Gate;
use crate::prompt::Prompt;
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
        let opening = opening(self.store(), &run).await?;
        let (run, opening) = (gate.value(run)?, gate.value(opening)?);
        let parts = Box::pin(parts(self.store().clone(), run.clone(), gate));
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

/// What a run was made from, as far as its log and the prompts still tell.
async fn opening(store: &Store, run: &RunView) -> Result<Option<TraceOpening>> {
    let Some((hash, history)) = store.opening(run.id).await? else { return Ok(None) };
    let runs = store.history_of(&history).await?;
    let whole =
        |id: &RunId| runs.iter().any(|(view, _)| view.id == *id && view.cleared.has_steps());
    let cleared = history.iter().copied().filter(|id| !whole(id)).collect();
    let stored = store.prompt(&hash).await?;
    let prompt = stored.as_deref().map(Prompt::read).transpose();
    let prompt = prompt.map_err(|error| Error::Broken(error.to_string()))?;
    let tools = prompt.map(|prompt| prompt.tools.iter().map(tool).collect());
    Ok(Some(TraceOpening { prompt: hash, history, cleared, tools }))
}

fn tool(spec: &llm::ToolSpec) -> TraceTool {
    TraceTool {
        name: spec.name.clone(),
        description: spec.description.clone(),
        parameters: spec.parameters.to_string(),
    }
}

fn parts(store: Store, run: RunView, gate: Gate) -> impl Stream<Item = Result<TracePart>> + Send {
    try_stream! {
        let mut fold = TraceFold::default();
        let mut log = Log { store, left: store::remains(&run), run };
        let mut after = 0;
        loop {
            let records = log.after(after).await?;
            let Some(last) = records.last() else { break };
            after = last.seq;
            for record in records {
                let EventRecord { seq, at, event, .. } = record;
                if let Some(step) = fold.take(TraceNote { seq, at, event }) {
                    yield TracePart::Step(Box::new(gate.value(step)?));
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

/// The log of a run, or what is left of it.
struct Log {
    store: Store,
    run: RunView,
    left: Option<Vec<EventRecord>>,
}

impl Log {
    async fn after(&mut self, seq: u64) -> Result<Vec<EventRecord>> {
        match &mut self.left {
            Some(left) => Ok(std::mem::take(left)),
            None => Ok(self.store.log_after(self.run.id, seq, BATCH).await?),
        }
    }
}

fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::Broken(error.to_string()))
}
