//! The engine itself: what it is made of, and its life from start to stop.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, Once, OnceLock, PoisonError};
use std::time::Duration;

use domain::{RunId, ServerFact, Timestamp};
use store::{Admission, Store};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tools::Registry;

use crate::catalog::Catalog;
use crate::folders::Folders;
use crate::replay::Decisions;
use crate::throttle::Throttle;
use crate::upkeep::Upkeep;
use crate::{Models, Patience, Sealer};

/// The engine. A clone is the same engine.
#[derive(Clone)]
pub struct Engine {
    pub(crate) inner: Arc<Inner>,
}

/// What an engine is made of.
pub struct EngineOptions {
    /// The database.
    pub store: Store,
    /// The providers.
    pub models: Models,
    /// The tools.
    pub tools: Registry,
    /// The folder that holds each agent's workspace folder.
    pub workspaces: PathBuf,
    /// How much work may be in hand.
    pub queue: Queue,
    /// What one run may use.
    pub limits: Limits,
    /// What seals keys.
    pub sealer: Sealer,
    /// What the server was started with, for people to look at.
    pub facts: Vec<ServerFact>,
}

/// How much work may be in hand at once.
#[derive(Debug, Clone, Copy)]
pub struct Queue {
    /// Runs that work at once.
    pub workers: u32,
    /// Runs that may wait beyond them.
    pub waiting_places: u32,
}

impl Default for Queue {
    fn default() -> Self {
        Self { workers: 4, waiting_places: 64 }
    }
}

/// What one run may use.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Exchanges with the model. Here and in the next three, `None` leaves it
    /// to the settings.
    pub steps: Option<u32>,
    /// Tokens the model may write in one step.
    pub max_tokens: Option<u32>,
    /// Tokens sent and written by all steps together.
    pub run_tokens: Option<u64>,
    /// Time for one tool call.
    pub tool_timeout: Option<Duration>,
    /// How often and how long a provider that fails is asked again.
    pub patience: Patience,
    /// How long a lease on a run lasts without a heartbeat.
    pub lease: Duration,
    /// How long runs may go on after the server was asked to stop.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            steps: None,
            max_tokens: None,
            run_tokens: None,
            tool_timeout: None,
            patience: Patience::default(),
            lease: Duration::from_secs(20),
            grace: Duration::from_secs(10),
        }
    }
}

/// What others tell a run that works here.
struct AtWork {
    stop: CancellationToken,
    /// Something may have been said to it that it has not heard.
    steered: bool,
}

pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) models: Models,
    pub(crate) tools: Registry,
    pub(crate) folders: Arc<Folders>,
    pub(crate) queue: Queue,
    pub(crate) limits: Limits,
    pub(crate) throttle: Throttle,
    pub(crate) sealer: Sealer,
    pub(crate) facts: Vec<ServerFact>,
    /// What agents reach other machines through.
    client: OnceLock<network::Client>,
    /// What decides over calls in a replay, in the place of grants.
    pub(crate) decisions: Option<Arc<Decisions>>,
    /// The port that this server itself answers at, once it does.
    pub(crate) own_port: OnceLock<u16>,
    /// The newest state of settings and providers that was read.
    pub(crate) catalog: Mutex<Option<Arc<Catalog>>>,
    /// The runs that work here. A run's own task adds and removes its entry;
    /// whoever cancels the token in it ends that run.
    active: Mutex<HashMap<RunId, AtWork>>,
    /// Told whenever a run's entry goes from `active`.
    left: Notify,
    /// Lets the pulse begin once, however often a run is worked on.
    pub(crate) pulse: Once,
    /// Told when there is something to clean up, and when it was done.
    pub(crate) upkeep: Upkeep,
    pub(crate) started_at: Timestamp,
    /// Cancelled first on the way down: no run is claimed, streams end.
    pub(crate) stopping: CancellationToken,
    /// Cancelled when the grace is over: runs that still work are interrupted.
    pub(crate) abort: CancellationToken,
    /// Every task of the engine; the stop waits for all of them.
    pub(crate) tasks: TaskTracker,
}

impl Engine {
    /// Puts an engine together. It answers at once; [`Engine::start`] begins
    /// the work.
    pub fn new(options: EngineOptions) -> Self {
        Self::with(options, None)
    }

    /// An engine that does a run again as it was decided then.
    pub(crate) fn playing(options: EngineOptions, decisions: Arc<Decisions>) -> Self {
        Self::with(options, Some(decisions))
    }

    fn with(options: EngineOptions, decisions: Option<Arc<Decisions>>) -> Self {
        let EngineOptions { store, models, tools, workspaces, queue, limits, sealer, facts } =
            options;
        let data = store.folder().to_owned();
        let started_at = store.clock().now();
        Self {
            inner: Arc::new(Inner {
                store,
                models,
                tools,
                folders: Arc::new(Folders { workspaces, data }),
                queue,
                limits,
                throttle: Throttle::new(),
                sealer,
                facts,
                client: OnceLock::new(),
                decisions,
                own_port: OnceLock::new(),
                catalog: Mutex::new(None),
                active: Mutex::new(HashMap::new()),
                left: Notify::new(),
                pulse: Once::new(),
                upkeep: Upkeep::default(),
                started_at,
                stopping: CancellationToken::new(),
                abort: CancellationToken::new(),
                tasks: TaskTracker::new(),
            }),
        }
    }

    /// Ends what dead processes left, then begins to work on the queue.
    pub async fn start(&self) -> crate::Result<()> {
        let ended = self.inner.store.recover().await?;
        if ended > 0 {
            tracing::warn!(runs = ended, "runs of a server that stopped were marked interrupted");
        }
        self.spawn_workers();
        Ok(())
    }

    /// Tells the engine where its own server answers, so that a look for model
    /// servers on this machine leaves that port out.
    pub fn listens_on(&self, port: u16) {
        self.inner.own_port.get_or_init(|| port);
    }

    /// Stops: no new work, a grace for steps under way, then an interruption.
    /// Returns when nothing works any more.
    pub async fn stop(&self) {
        let Inner { stopping, abort, tasks, limits, .. } = &*self.inner;
        stopping.cancel();
        tasks.close();
        if tokio::time::timeout(limits.grace, tasks.wait()).await.is_err() {
            abort.cancel();
            tasks.wait().await;
        }
    }

    /// Completes when the engine was asked to stop.
    pub async fn stopping(&self) {
        self.inner.stopping.cancelled().await;
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> crate::Result<()> {
        Ok(self.inner.store.ping().await?)
    }

    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    pub(crate) fn throttle(&self) -> &Throttle {
        &self.inner.throttle
    }
}

impl Inner {
    /// What agents reach other machines through: never this server itself.
    pub(crate) fn client(&self) -> network::Client {
        let own_port = self.own_port.get().copied();
        let judge = network::Judge::new(own_port);
        self.client.get_or_init(|| network::Client::new(judge)).clone()
    }

    pub(crate) fn admission(&self) -> Admission {
        let Queue { workers, waiting_places } = self.queue;
        Admission { workers, waiting_places }
    }

    /// Notes that a run works here, and how it is stopped, until it is forgotten.
    pub(crate) fn begin(&self, run: RunId, stop: CancellationToken) {
        // What was said while it waited, or before this entry, was told to nobody.
        self.active().insert(run, AtWork { stop, steered: true });
    }

    pub(crate) fn forget(&self, run: RunId) {
        self.active().remove(&run);
        self.left.notify_waiters();
    }

    /// Stops a run if it works here.
    pub(crate) fn stop_run(&self, run: RunId) {
        if let Some(at_work) = self.active().get(&run) {
            at_work.stop.cancel();
        }
    }

    /// Lets a run know that something was said to it, if it works here.
    pub(crate) fn steer_run(&self, run: RunId) {
        if let Some(at_work) = self.active().get_mut(&run) {
            at_work.steered = true;
        }
    }

    /// Lets all runs that work here know that something may have been said.
    pub(crate) fn steer_all(&self) {
        self.active().values_mut().for_each(|at_work| at_work.steered = true);
    }

    /// Whether something may have been said to a run since this was last asked.
    /// The first time it may, always.
    pub(crate) fn take_steered(&self, run: RunId) -> bool {
        self.active().get_mut(&run).is_some_and(|at_work| std::mem::take(&mut at_work.steered))
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.active().is_empty()
    }

    /// Completes when the engine was asked to stop and nothing works any more.
    pub(crate) async fn at_rest(&self) {
        self.stopping.cancelled().await;
        loop {
            let left = self.left.notified();
            if self.is_idle() {
                return;
            }
            left.await;
        }
    }

    fn active(&self) -> std::sync::MutexGuard<'_, HashMap<RunId, AtWork>> {
        // The map stays whole whatever a panicking holder was doing.
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
