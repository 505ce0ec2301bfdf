//! A store to try things on, with one owner and one agent.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]
#![allow(dead_code, reason = "each test file uses its own part")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use domain::{AgentName, Channel, Delivery, Role, SessionId, Timestamp, UserId, UserName};
use store::{
    Admission, AuditKey, ClaimedRun, Clock, Error, NewAgent, NewRun, NewUser, Store, StoreOptions,
    Submitted,
};
use uuid::Uuid;

pub(crate) const LEASE: Duration = Duration::from_secs(20);
pub(crate) const WIDE: Admission = Admission { workers: 4, waiting_places: 64 };

/// A clock that stands until it is moved.
pub(crate) struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::SeqCst)).unwrap()
    }

    fn uuid(&self) -> Uuid {
        Uuid::now_v7()
    }
}

pub(crate) struct House {
    pub(crate) store: Store,
    pub(crate) clock: Arc<Hands>,
    pub(crate) owner: UserId,
    pub(crate) agent: domain::AgentId,
    pub(crate) folder: tempfile::TempDir,
}

/// The URL of a database of the folder's own, where the tests are to run on
/// PostgreSQL: OPENCLAWSSY_TEST_DATABASE names its server.
pub(crate) fn database(folder: &Path) -> Option<String> {
    let server = std::env::var("OPENCLAWSSY_TEST_DATABASE").ok()?;
    let name = folder.file_name().unwrap().to_str().unwrap().to_lowercase();
    Some(format!("{server}/test{name}"))
}

pub(crate) async fn open(folder: &Path, clock: &Arc<Hands>) -> Result<Store, Error> {
    let audit_key = AuditKey::from_seed(&[7; 32])?;
    let options = StoreOptions { folder: folder.to_owned(), database: database(folder), audit_key };
    Store::open(options, Arc::clone(clock) as _).await
}

pub(crate) fn clock() -> Arc<Hands> {
    Arc::new(Hands(AtomicI64::new(1_800_000_000_000)))
}

pub(crate) async fn house() -> House {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock();
    let store = open(folder.path(), &clock).await.unwrap();
    let name = UserName::parse("ada").unwrap();
    let new = NewUser { name, password_hash: "x".into(), role: Role::Owner };
    let owner = store.add_first_owner(new).await.unwrap().id;
    let new = NewAgent {
        owner_id: owner,
        name: AgentName::parse("guide").unwrap(),
        instructions: String::new(),
        model: None,
        folder: "guide".into(),
        choices: Default::default(),
        profile: None,
    };
    let agent = store.add_agent(new).await.unwrap().id;
    House { store, clock, owner, agent, folder }
}

impl House {
    pub(crate) fn pass(&self, time: Duration) {
        self.clock.0.fetch_add(i64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }

    pub(crate) fn put_back(&self, time: Duration) {
        self.clock.0.fetch_sub(i64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }

    pub(crate) async fn submit(
        &self,
        session: Option<SessionId>,
        message: &str,
    ) -> (domain::RunId, SessionId) {
        match self.deliver(session, message, Delivery::Queue).await {
            Submitted::Accepted { run_id, session_id, .. } => (run_id, session_id),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn deliver(
        &self,
        session: Option<SessionId>,
        message: &str,
        delivery: Delivery,
    ) -> Submitted {
        let new = NewRun {
            owner_id: self.owner,
            session_id: session,
            agent_id: self.agent,
            title: message.into(),
            source: Channel::Api,
            message: message.into(),
            pictures: Vec::new(),
            delivery,
            idempotency: None,
        };
        self.store.submit(new, WIDE).await.unwrap()
    }

    pub(crate) async fn claim(&self) -> ClaimedRun {
        self.store.claim(LEASE, None).await.unwrap().unwrap()
    }
}
