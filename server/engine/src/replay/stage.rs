//! An engine for one run, on a database that is thrown away.

use std::sync::{Arc, Weak};
use std::time::Duration;

use domain::{
    AgentChoices, ApprovalStatus, Channel, Delivery, Event, Limit, Role, RunId, RunStatus,
    SessionId, Settings, UserName,
};
use store::{
    Admission, Agent, AuditKey, Ending, NewAgent, NewPicture, NewRun, NewUser, RunHistory, Store,
    StoreOptions, Submitted,
};
use tempfile::TempDir;
use tools::Registry;

use super::decisions::Decisions;
use super::playback::Playback;
use super::script::Words;
use crate::engine::Inner;
use crate::{Engine, EngineOptions, Error, Limits, ModelName, Models, Patience, Queue, Result};
use crate::{Sealer, SignedIn};

/// Nothing is turned away here.
const ROOM: Admission = Admission { workers: 1, waiting_places: 1_000 };

/// How long the runs before last are held while they are written.
const LEASE: Duration = Duration::from_secs(60);

/// What is played in the place of everything outside.
pub(super) struct Recorded<'a> {
    pub(super) models: &'a [String],
    pub(super) playback: Arc<Playback>,
    pub(super) tools: Registry,
    pub(super) decisions: Arc<Decisions>,
}

/// The engine, and who asks it.
pub(super) struct Stage {
    pub(super) engine: Engine,
    pub(super) who: SignedIn,
    new: NewRun,
    session: Option<SessionId>,
    // Removed with the stage.
    folder: TempDir,
}

impl Stage {
    /// An engine like another, with an agent as it is now. `told` is what the
    /// agent is told; the models are the recorded ones.
    pub(super) async fn set(
        like: &Inner,
        agent: &Agent,
        told: String,
        recorded: Recorded<'_>,
    ) -> Result<Self> {
        let Recorded { models, playback, tools, decisions } = recorded;
        let folder = tempfile::tempdir().map_err(|error| Error::Broken(error.to_string()))?;
        let sealer = Sealer::at(folder.path().join("secret.key"));
        let seed =
            sealer.derive(AuditKey::PURPOSE).map_err(|error| Error::Broken(error.to_string()))?;
        let options = StoreOptions {
            folder: folder.path().join("data"),
            database: None,
            audit_key: AuditKey::from_seed(&seed)?,
        };
        let store = Store::open(options, Arc::clone(like.store.clock())).await?;
        let name = UserName::parse("replay").map_err(|error| Error::Broken(error.to_string()))?;
        let owner = NewUser { name, password_hash: String::new(), role: Role::Owner };
        let owner = store.add_first_owner(owner).await?;
        let settings = Settings { default_model: None, ..like.store.settings().await?.settings };
        store.save_settings(&Settings::default(), &settings, None).await?;
        let (model, fallbacks) = match models {
            [] => (None, Vec::new()),
            [first, others @ ..] => (Some(first.clone()), others.to_vec()),
        };
        // What others used of a day is not here.
        let (day_tokens, day_cost) = (None, None);
        let choices = AgentChoices { fallbacks, day_tokens, day_cost, ..agent.choices.clone() };
        let added = store
            .add_agent(NewAgent {
                owner_id: owner.id,
                name: agent.name.clone(),
                instructions: told,
                model,
                folder: "replay".to_owned(),
                choices,
                profile: None,
            })
            .await?;
        let new = NewRun {
            owner_id: owner.id,
            session_id: None,
            agent_id: added.id,
            title: "Replay".to_owned(),
            source: Channel::Cli,
            message: String::new(),
            pictures: Vec::new(),
            delivery: Delivery::Queue,
            idempotency: None,
        };
        let patience = Patience {
            first_wait: Duration::ZERO,
            longest_wait: Duration::from_hours(1),
            longest_wait_beside_another: Duration::from_hours(1),
            ..like.limits.patience
        };
        let options = EngineOptions {
            store,
            models: played(models, playback)?,
            tools,
            workspaces: folder.path().join("workspaces"),
            queue: Queue::default(),
            limits: Limits { patience, grace: Duration::ZERO, ..like.limits },
            sealer,
            facts: Vec::new(),
        };
        let engine = Engine::playing(options, decisions);
        Ok(Self { engine, who: SignedIn::from(&owner), new, session: None, folder })
    }

    /// Writes down an earlier run of the session.
    pub(super) async fn remember(
        &mut self,
        run: RunHistory,
        pictures: Vec<NewPicture>,
    ) -> Result<()> {
        let id = self.submit(&run.message, pictures).await?;
        let store = self.engine.store();
        let claimed = store.claim(LEASE, Some(id)).await?;
        let claimed = claimed.ok_or_else(|| Error::Broken("a run cannot be played".to_owned()))?;
        let mut ending = Ending::interrupted();
        let mut events = Vec::new();
        for record in run.events {
            match record.event {
                // The store says these itself.
                Event::RunStatus { .. } => {}
                Event::RunEnd { status, error } => ending = Ending { status, error },
                event => events.push(event),
            }
        }
        store.append(&claimed, &events).await?;
        Ok(store.end(&claimed, ending).await?)
    }

    /// Takes in a message: the run's own, or what a person answers.
    pub(super) async fn submit(
        &mut self,
        message: &str,
        pictures: Vec<NewPicture>,
    ) -> Result<RunId> {
        let (session_id, message) = (self.session, message.to_owned());
        let new = NewRun { session_id, message, pictures, ..self.new.clone() };
        let submitted = self.engine.store().submit(new, ROOM).await?;
        let Submitted::Accepted { run_id, session_id, .. } = submitted else {
            return Err(Error::Broken(format!("a replay was turned away: {submitted:?}")));
        };
        self.session = Some(session_id);
        Ok(run_id)
    }

    /// Whoever says things to a run that works here.
    pub(super) fn listener(&self, run: RunId) -> Listener {
        let delivery = Delivery::Steer;
        let new = NewRun { session_id: self.session, delivery, ..self.new.clone() };
        Listener { inner: Arc::downgrade(&self.engine.inner), run, new }
    }

    /// Works on a run to its end, or as far as words of people reach.
    pub(super) async fn play(
        &mut self,
        run: RunId,
        words: impl IntoIterator<Item = Words>,
    ) -> Result<()> {
        self.engine.work_on(run).await?;
        for word in words {
            match (self.status(run).await?, word) {
                (RunStatus::WaitingApproval, Words::Verdict(verdict, note)) => {
                    let waiting = Some(ApprovalStatus::Waiting);
                    let limit = Limit::default();
                    let asked = self.engine.approvals(&self.who, waiting, limit, None).await?;
                    let Some(asked) = asked.items.first() else { break };
                    let note = note.as_deref();
                    self.engine.answer_approval(&self.who, asked.id, verdict, note).await?;
                }
                (RunStatus::WaitingGuidance, Words::Guidance(message)) => {
                    self.submit(&message, Vec::new()).await?;
                }
                _ => break,
            }
            self.engine.work_on(run).await?;
        }
        Ok(())
    }

    async fn status(&self, run: RunId) -> Result<RunStatus> {
        Ok(self.engine.store().run(self.who.id(), run).await?.status)
    }

    /// Takes everything away.
    pub(super) async fn strike(self) -> Result<()> {
        self.engine.stop().await;
        self.engine.store().clone().close().await?;
        self.folder.close().map_err(|error| Error::Broken(error.to_string()))
    }
}

/// Says things to a run at work.
pub(super) struct Listener {
    inner: Weak<Inner>,
    run: RunId,
    new: NewRun,
}

impl Listener {
    /// The run hears this before its next step.
    pub(super) async fn say(&self, message: String) {
        let Some(inner) = self.inner.upgrade() else { return };
        let said = inner.store.submit(NewRun { message, ..self.new.clone() }, ROOM).await;
        if let Err(error) = said {
            tracing::warn!(%error, "a word could not be played");
        }
        inner.steer_run(self.run);
    }
}

/// The recorded models, all of them the playback.
fn played(models: &[String], playback: Arc<Playback>) -> Result<Models> {
    let broken = |error: crate::NoSuchProvider| Error::Broken(error.to_string());
    let names = models.iter().map(|name| name.parse::<ModelName>().map_err(broken));
    let names = names.collect::<Result<Vec<_>>>()?;
    let first = names.first().cloned();
    // A run that asked no model is played without.
    let first = match first {
        Some(first) => first,
        None => "none/none".parse().map_err(broken)?,
    };
    let mut played = Models::new(first, Arc::clone(&playback) as _);
    for name in names {
        played = played.with(&name.provider, Arc::clone(&playback) as _);
    }
    Ok(played)
}
