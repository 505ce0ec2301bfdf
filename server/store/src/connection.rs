//! The database as the rest of this crate sees it: one writer, many readers,
//! and an ear for what other processes commit.
//!
//! What differs between the two databases is in `sqlite` and `postgres`.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use migrations::Migrator;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;
use tokio::sync::{Mutex, MutexGuard};
use tokio::task::AbortHandle;

use crate::presence::Presence;
use crate::prompts::KnownPrompts;
use crate::row::sql;
use crate::{Change, Clock, Error, Feed, ProcessId, Result, postgres, sqlite};

/// Where the data lies.
#[derive(Clone)]
pub struct StoreOptions {
    /// The data folder; made if missing, for its owner only. Without a database
    /// URL the database lies in it.
    pub folder: PathBuf,
    /// The URL of a PostgreSQL database, which several servers may share.
    pub database: Option<String>,
}

impl fmt::Debug for StoreOptions {
    // A URL may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreOptions").field("folder", &self.folder).finish_non_exhaustive()
    }
}

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// A file in the data folder.
    Sqlite,
    /// A server that several processes share.
    Postgres,
}

/// The database. A clone is the same database.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

/// What opening a database gives.
pub(crate) struct Opened {
    pub(crate) backend: Backend,
    /// Its commits wait for the disk.
    pub(crate) durable: DatabaseConnection,
    /// Its commits do not.
    pub(crate) batched: DatabaseConnection,
    pub(crate) readers: DatabaseConnection,
    pub(crate) presence: Presence,
}

struct Inner {
    options: StoreOptions,
    opened: Opened,
    // Lets one write of this process go at a time. Other processes are kept out
    // by the database.
    turn: Mutex<()>,
    feed: Feed,
    prompts: KnownPrompts,
    clock: Arc<dyn Clock>,
    process: ProcessId,
    // Tells the feed what other processes commit. Ends with the store.
    ear: AbortHandle,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.ear.abort();
    }
}

/// What a commit waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// The disk. What was acknowledged to a person survives a power cut.
    Full,
    /// The operating system: survives the end of the process. The next full
    /// commit carries it to the disk.
    Batched,
}

impl Store {
    /// Opens the database, makes it if missing, and brings its schema up to
    /// date.
    pub async fn open(options: &StoreOptions, clock: Arc<dyn Clock>) -> Result<Self> {
        make_private_folder(&options.folder)?;
        let process = ProcessId(clock.uuid());
        let feed = Feed::new();
        let (opened, ear) = match &options.database {
            None => {
                let opened = sqlite::open(&options.folder, process).await?;
                let ear = sqlite::hear(opened.batched.clone(), feed.clone());
                (opened, tokio::spawn(ear).abort_handle())
            }
            Some(url) => {
                let opened = postgres::open(url, process).await?;
                let ear = postgres::hear(url, process, feed.clone()).await?;
                (opened, tokio::spawn(ear).abort_handle())
            }
        };
        let turn = Mutex::new(());
        Ok(Self {
            inner: Arc::new(Inner {
                opened,
                turn,
                feed,
                prompts: KnownPrompts::default(),
                options: options.clone(),
                clock,
                process,
                ear,
            }),
        })
    }

    /// Which database this is.
    pub fn backend(&self) -> Backend {
        self.inner.opened.backend
    }

    /// The data folder.
    pub fn folder(&self) -> &std::path::Path {
        &self.inner.options.folder
    }

    /// The wake-up of this process.
    pub fn feed(&self) -> &Feed {
        &self.inner.feed
    }

    /// The clock that rows are stamped with.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.inner.clock
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        self.reader().query_one_raw(sql("SELECT 1 AS one", [])).await?;
        Ok(())
    }

    /// Closes all connections. SQLite's last one folds the log into the
    /// database.
    pub async fn close(&self) -> Result<()> {
        self.inner.ear.abort();
        let Opened { readers, batched, durable, presence, .. } = &self.inner.opened;
        presence.leave().await?;
        for connection in [readers, batched, durable] {
            connection.clone().close().await?;
        }
        Ok(())
    }

    pub(crate) fn options(&self) -> &StoreOptions {
        &self.inner.options
    }

    pub(crate) fn reader(&self) -> &DatabaseConnection {
        &self.inner.opened.readers
    }

    pub(crate) fn known_prompts(&self) -> &KnownPrompts {
        &self.inner.prompts
    }

    pub(crate) fn process(&self) -> ProcessId {
        self.inner.process
    }

    pub(crate) fn presence(&self) -> &Presence {
        &self.inner.opened.presence
    }

    /// Begins a write: waits for its turn, then holds the database's write lock
    /// from the start, so that what it reads cannot change under it and events
    /// get their positions in the order of the commits.
    pub(crate) async fn write(&self, durability: Durability) -> Result<Write<'_>> {
        let Inner { opened, turn, feed, process, .. } = &*self.inner;
        let connection = match durability {
            Durability::Full => &opened.durable,
            Durability::Batched => &opened.batched,
        };
        let turn = turn.lock().await;
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let tx = connection.begin_with_options(options).await?;
        if opened.backend == Backend::Postgres {
            postgres::lock_writes(&tx).await?;
        }
        Ok(Write {
            tx,
            changes: Vec::new(),
            feed,
            backend: opened.backend,
            process: *process,
            _turn: turn,
        })
    }
}

/// A write under way. Dropping it undoes it.
pub(crate) struct Write<'a> {
    pub(crate) tx: DatabaseTransaction,
    changes: Vec<Change>,
    feed: &'a Feed,
    backend: Backend,
    process: ProcessId,
    _turn: MutexGuard<'a, ()>,
}

impl Write<'_> {
    /// Announces the change once it is committed.
    pub(crate) fn announce(&mut self, change: Change) {
        self.changes.push(change);
    }

    pub(crate) async fn commit(self) -> Result<()> {
        if self.backend == Backend::Postgres && !self.changes.is_empty() {
            postgres::notify(&self.tx, self.process, &self.changes).await?;
        }
        self.tx.commit().await?;
        for change in self.changes {
            self.feed.announce(change);
        }
        Ok(())
    }
}

/// Brings the schema up to date. The caller keeps other processes out.
pub(crate) async fn migrate(connection: &DatabaseConnection) -> Result<()> {
    let known = Migrator::migrations();
    let applied = Migrator::get_migration_models(connection).await?;
    let is_known = |version: &str| known.iter().any(|migration| migration.name() == version);
    if let Some(stranger) = applied.iter().find(|model| !is_known(&model.version)) {
        return Err(Error::NewerSchema(stranger.version.clone()));
    }
    if applied.len() < known.len() {
        Migrator::up(connection, None).await?;
    }
    Ok(())
}

fn make_private_folder(folder: &std::path::Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    Ok(std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?)
}
