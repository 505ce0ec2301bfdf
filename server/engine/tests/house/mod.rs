//! An engine on a database of its own, with a model that follows a script.

#![allow(dead_code, unreachable_pub, reason = "each test file uses a part")]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use domain::{Channel, Delivery, Event, LiveEvent, Profile, RunId, RunStatus, SessionId, Turn};
use engine::{
    Accepted, Engine, EngineOptions, Error, Limits, ModelName, Models, Queue, SignedIn, Submission,
    Target,
};
use futures_util::StreamExt;
use llm::scripted::Scripted;
use store::{AuditKey, Store, StoreOptions, SystemClock};
use tempfile::TempDir;
use tools::Registry;

pub struct House {
    pub engine: Engine,
    pub store: Store,
    pub model: Scripted,
    pub who: SignedIn,
    pub folder: TempDir,
}

pub fn quick() -> Limits {
    Limits { grace: Duration::ZERO, ..Limits::default() }
}

pub async fn house(model: Scripted) -> House {
    build(model, Queue::default(), quick(), Registry::builtin()).await
}

pub async fn build(model: Scripted, queue: Queue, limits: Limits, tools: Registry) -> House {
    let folder = tempfile::tempdir().unwrap();
    let (engine, store) = open(folder.path(), &model, queue, limits, tools).await;
    engine.set_up("ada", "correct horse 42").await.unwrap();
    let who = engine.local_person(None).await.unwrap();
    // Tests bring tools of their own, which no other profile names.
    engine.choose_profile(&who, "guide", Profile::Full).await.unwrap();
    engine.start().await.unwrap();
    House { engine, store, model, who, folder }
}

/// The URL of a database of the folder's own, where the tests are to run on
/// PostgreSQL: OPENCLAWSSY_TEST_DATABASE names its server.
fn database(folder: &Path) -> Option<String> {
    let server = std::env::var("OPENCLAWSSY_TEST_DATABASE").ok()?;
    let name = folder.file_name().unwrap().to_str().unwrap().to_lowercase();
    Some(format!("{server}/test{name}"))
}

pub async fn open(
    folder: &Path,
    model: &Scripted,
    queue: Queue,
    limits: Limits,
    tools: Registry,
) -> (Engine, Store) {
    let sealer = engine::Sealer::at(folder.join("secret.key"));
    let audit_key = AuditKey::from_seed(&sealer.derive(AuditKey::PURPOSE).unwrap()).unwrap();
    let options =
        StoreOptions { folder: folder.join("data"), database: database(folder), audit_key };
    let store = Store::open(options, Arc::new(SystemClock)).await.unwrap();
    let name: ModelName = "scripted/model".parse().unwrap();
    let engine = Engine::new(EngineOptions {
        store: store.clone(),
        models: Models::new(name, Arc::new(model.clone())),
        tools,
        workspaces: folder.join("workspaces"),
        queue,
        limits,
        sealer,
        facts: Vec::new(),
    });
    (engine, store)
}

impl House {
    pub async fn say(&self, target: Target, message: &str) -> Result<Accepted, Error> {
        self.deliver(target, message, Delivery::Queue).await
    }

    pub async fn deliver(
        &self,
        target: Target,
        message: &str,
        delivery: Delivery,
    ) -> Result<Accepted, Error> {
        let submission = Submission {
            target,
            message: message.to_owned(),
            pictures: Vec::new(),
            source: Channel::Api,
            delivery,
            idempotency: None,
        };
        self.engine.submit(&self.who, submission).await
    }

    pub async fn ask(&self, message: &str) -> Accepted {
        self.say(Target::NewSession { agent: None }, message).await.unwrap()
    }

    pub async fn go_on(&self, session: SessionId, message: &str) -> Accepted {
        self.say(Target::Session(session), message).await.unwrap()
    }

    /// All events of a run, up to its end.
    pub async fn events(&self, run: RunId) -> Vec<LiveEvent> {
        let stream = self.engine.run_stream(&self.who, run, 0).await.unwrap();
        stream.map(Result::unwrap).collect().await
    }

    pub async fn end(&self, run: RunId) -> RunStatus {
        match self.events(run).await.pop().unwrap().event {
            Event::RunEnd { status, .. } => status,
            other => panic!("the stream ended with {other:?}"),
        }
    }

    /// Waits until an event of a run fits.
    pub async fn until(&self, run: RunId, fits: impl Fn(&Event) -> bool) {
        let mut stream = self.engine.run_stream(&self.who, run, 0).await.unwrap();
        while let Some(event) = stream.next().await {
            if fits(&event.unwrap().event) {
                return;
            }
        }
        panic!("the run ended first");
    }
}

/// What a reader of these events sees.
pub fn fold(turn: &Turn, events: &[LiveEvent]) -> Turn {
    let mut fresh =
        Turn::new(turn.run_id, turn.question.clone(), turn.agent.clone(), turn.asked_at);
    for event in events {
        fresh.apply(event);
    }
    fresh
}
