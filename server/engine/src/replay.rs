//! A run done again against what its models, tools and people said then, with
//! the agent, the tools and the program as they are now.
//!
//! It works through the same loop as any other run, on a database that is thrown
//! away. Its log is compared with the recorded one; the first difference says
//! what would go otherwise today.

mod decisions;
mod facts;
mod playback;
mod results;
mod script;
mod stage;

use std::sync::Arc;

use domain::{Event, Fault, FaultCode, PromptDiff, RunId, RunView};
use store::{Agent, RunHistory};

pub(crate) use self::decisions::Decisions;
pub use self::facts::Thing;
use self::facts::{Fact, facts};
use self::playback::Playback;
use self::results::Results;
pub use self::script::Extent;
use self::script::Script;
use self::stage::{Recorded, Stage};
use crate::diff::compare;
use crate::{Engine, Result, SignedIn, pictures};

/// How a run went the second time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// How many steps the record has.
    pub steps: u32,
    /// How far it could be played.
    pub extent: Extent,
    /// What is not as it was, if anything is.
    pub difference: Option<Difference>,
}

/// The first thing that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The step, counted from 1; 0 before the first.
    pub step: u32,
    /// What differs.
    pub thing: Thing,
    /// Line by line, from then to now.
    pub lines: PromptDiff,
}

impl Engine {
    /// Does a run again and compares it with its record. Nothing of it stays, no
    /// tool runs and no model is asked.
    pub async fn replay(&self, who: &SignedIn, id: RunId) -> Result<Replayed> {
        let run = self.store().run(who.id(), id).await?;
        let Then { agent, told, history } = self.then(&run).await?;
        let events: Vec<Event> =
            self.store().events_of(&[id], &[]).await?.into_iter().map(|one| one.event).collect();
        let mut script = Script::read(&events);
        let playback = Playback::new(
            self.inner.tools.specs(),
            std::mem::take(&mut script.answers),
            std::mem::take(&mut script.summaries),
            std::mem::take(&mut script.steering),
        );
        let results = Arc::new(Results::new(std::mem::take(&mut script.results)));
        let tools = self.inner.tools.clone().played(results);
        let decisions = Arc::new(Decisions::new(std::mem::take(&mut script.decisions)));
        let recorded = Recorded {
            models: script.models.as_slice(),
            playback: Arc::clone(&playback),
            tools,
            decisions,
        };
        let mut stage = Stage::set(&self.inner, &agent, told, recorded).await?;
        for run in history {
            let pictures = pictures::whole(self.store(), run.run_id).await?;
            stage.remember(run, pictures).await?;
        }
        let pictures = pictures::whole(self.store(), id).await?;
        let again = stage.submit(&run.message, pictures).await?;
        playback.begin(stage.listener(again)).await;
        stage.play(again, script.words).await?;
        let then = facts(&self.inner, who, id).await?;
        let now = facts(&stage.engine.inner, &stage.who, again).await?;
        stage.strike().await?;
        let difference = first_difference(&then, &now, script.extent);
        Ok(Replayed { steps: run.steps, extent: script.extent, difference })
    }

    /// What a run is done again with, if it can be.
    async fn then(&self, run: &RunView) -> Result<Then> {
        if !run.status.is_end() {
            let sentence = "This run has not ended. Replay it once it has.";
            return Err(Fault::new(FaultCode::RunAtWork, sentence).into());
        }
        let store = self.store();
        let opening = match run.cleared.has_steps() {
            true => store.opening(run.id).await?,
            false => None,
        };
        let Some((prompt, history)) = opening else { return Err(cleared().into()) };
        if store.prompt(&prompt).await?.is_none() {
            return Err(cleared().into());
        }
        let history = store.history_of(&history).await?.into_iter().map(|(_, run)| run).collect();
        let agent = store.agent(run.agent_id).await?.ok_or(store::Error::NotFound("agent"))?;
        let told = self.inner.instructions(agent.id, &agent.instructions).await?;
        Ok(Then { agent, told, history })
    }
}

/// What a run is done again with.
struct Then {
    agent: Agent,
    /// What the agent is told now.
    told: String,
    /// The earlier runs that were before the model.
    history: Vec<RunHistory>,
}

fn cleared() -> Fault {
    let sentence = "What happened in this run, or what it was made from, is not there any more.";
    Fault::new(FaultCode::RunCleared, sentence)
}

fn first_difference(then: &[Fact], now: &[Fact], extent: Extent) -> Option<Difference> {
    let length = match extent {
        Extent::Whole => then.len().max(now.len()),
        // How it was stopped, nobody can play.
        Extent::Part => {
            let last = then.iter().rposition(|fact| fact.thing != Thing::End);
            last.map_or(0, |last| last + 1).min(now.len())
        }
    };
    let at = (0..length).find(|at| then.get(*at) != now.get(*at))?;
    let first = then.get(at).or(now.get(at))?;
    let text = |facts: &[Fact]| facts.get(at).map_or(String::new(), |fact| fact.text.clone());
    let lines = compare((1, &text(then)), (2, &text(now)));
    Some(Difference { step: first.step, thing: first.thing, lines })
}
