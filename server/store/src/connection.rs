//! The database as the rest of this crate sees it: one writer, many readers,
//! and an ear for what other processes commit.
//!
//! What differs between the two databases is in `sqlite` and `postgres`.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use migrations::Migrator;
use sea_orm::{ConnectionTrait, DatabaseConnection, TransactionTrait};
use sea_orm_migration::MigratorTrait;
use tokio::sync::MutexGuard;
use tokio::task::AbortHandle;

use crate::audit::{AuditKey, Chain};
use crate::history::Warm;
use crate::link::{Link, Readers, Tx};
use crate::postgres::Postgres;
use crate::presence::Presence;
use crate::prompts::KnownPrompts;
use crate::row::sql;
use crate::sqlite::{Flush, Sqlite};
use crate::{Change, Clock, Error, Feed, ProcessId, Result, postgres, sqlite};

/// Where the data lies.
pub struct StoreOptions {
    /// The data folder; made if missing, for its owner only. Without a database
    /// URL the database lies in it.
    pub folder: PathBuf,
    /// The URL of a PostgreSQL database, which several servers may share.
    pub database: Option<String>,
    /// What signs the record of decisions. All who share a database share it.
    pub audit_key: AuditKey,
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
    reading: Reading,
}

/// What reading waits for.
#[derive(Debug, Clone, Copy)]
enum Reading {
    /// What was promised to people is on the disk.
    Settled,
    /// Nothing.
    Unsettled,
}

/// The writing side.
enum Writing {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

struct Inner {
    folder: PathBuf,
    database: Option<String>,
    chain: Chain,
    writing: Writing,
    readers: Readers,
    unsettled: Readers,
    presence: Presence,
    warm: Warm,
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
    /// The operating system, though it is promised: whoever writes it has nobody
    /// to tell, and readers wait for the disk before they tell it.
    Prompt,
    /// The operating system. The next write that waits carries it to the disk,
    /// or the store itself a little later.
    Batched,
}

impl Store {
    /// Opens the database, makes it if missing, and brings its schema up to
    /// date.
    pub async fn open(options: StoreOptions, clock: Arc<dyn Clock>) -> Result<Self> {
        let StoreOptions { folder, database, audit_key } = options;
        make_private_folder(&folder)?;
        let process = ProcessId(clock.uuid());
        let feed = Feed::new();
        let (writing, readers, unsettled, presence, ear) = match &database {
            None => {
                let (opened, presence) = sqlite::open(&folder, process).await?;
                let ear = tokio::spawn(opened.tend(feed.clone()).await?).abort_handle();
                let readers = Readers::Sqlite(opened.readers.clone());
                let unsettled = Readers::Sqlite(opened.unsettled.clone());
                (Writing::Sqlite(opened), readers, unsettled, presence, ear)
            }
            Some(url) => {
                let (opened, presence) = postgres::open(url, process).await?;
                let ear = postgres::hear(url, process, feed.clone()).await?;
                let [readers, unsettled] = [(); 2].map(|()| opened.readers.clone());
                let (readers, unsettled) =
                    (Readers::Postgres(readers), Readers::Postgres(unsettled));
                let ear = tokio::spawn(ear).abort_handle();
                (Writing::Postgres(opened), readers, unsettled, presence, ear)
            }
        };
        let inner = Inner {
            folder,
            database,
            chain: Chain::new(audit_key),
            writing,
            readers,
            unsettled,
            presence,
            warm: Warm::default(),
            feed,
            prompts: KnownPrompts::default(),
            clock,
            process,
            ear,
        };
        Ok(Self { inner: Arc::new(inner), reading: Reading::Settled })
    }

    /// The same database, read without waiting for the disk. For work that goes
    /// on inside while what began it is on its way there: whoever tells a person
    /// of what was read reads without this, or calls [`Store::settle`].
    pub fn unsettled(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), reading: Reading::Unsettled }
    }

    /// Waits until everything is on the disk that people were promised so far.
    /// On PostgreSQL nothing can be read before.
    pub async fn settle(&self) -> Result<()> {
        match &self.inner.writing {
            Writing::Sqlite(sqlite) => Ok(sqlite.flush.settle().await?),
            Writing::Postgres(_) => Ok(()),
        }
    }

    /// Which database this is.
    pub fn backend(&self) -> Backend {
        match self.inner.writing {
            Writing::Sqlite(_) => Backend::Sqlite,
            Writing::Postgres(_) => Backend::Postgres,
        }
    }

    /// The data folder.
    pub fn folder(&self) -> &std::path::Path {
        &self.inner.folder
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
        self.inner.presence.leave().await?;
        match &self.inner.writing {
            Writing::Sqlite(sqlite) => sqlite.close().await,
            Writing::Postgres(postgres) => postgres.close().await,
        }
    }

    /// The URL of the database, if it is not a file in the data folder.
    pub(crate) fn database_url(&self) -> Option<&str> {
        self.inner.database.as_deref()
    }

    /// The record of decisions as this process writes it.
    pub(crate) fn chain(&self) -> &Chain {
        &self.inner.chain
    }

    pub(crate) fn reader(&self) -> &Readers {
        match self.reading {
            Reading::Settled => &self.inner.readers,
            Reading::Unsettled => &self.inner.unsettled,
        }
    }

    /// Waits as reading does: for what is told on, unless nobody is told.
    pub(crate) async fn wait_as_reading(&self) -> Result<()> {
        match self.reading {
            Reading::Settled => self.settle().await,
            Reading::Unsettled => Ok(()),
        }
    }

    pub(crate) fn known_prompts(&self) -> &KnownPrompts {
        &self.inner.prompts
    }

    pub(crate) fn process(&self) -> ProcessId {
        self.inner.process
    }

    pub(crate) fn warm(&self) -> &Warm {
        &self.inner.warm
    }

    pub(crate) fn presence(&self) -> &Presence {
        &self.inner.presence
    }

    /// Begins a write: waits for its turn, then holds the database's write lock
    /// from its first statement on, so that what it reads cannot change under it
    /// and events get their positions in the order of the commits.
    pub(crate) async fn write(&self, durability: Durability) -> Result<Write<'_>> {
        let Inner { writing, feed, process, chain, .. } = &*self.inner;
        let (link, disk, turn) = match writing {
            Writing::Sqlite(sqlite) => {
                (Link::Sqlite(sqlite.begin(feed.clone()).await), Some(&sqlite.flush), None)
            }
            Writing::Postgres(postgres) => {
                let turn = postgres.turn.lock().await;
                let pool = match durability {
                    Durability::Full | Durability::Prompt => &postgres.durable,
                    Durability::Batched => &postgres.batched,
                };
                let tx = pool.begin().await?;
                postgres::lock_writes(&tx).await?;
                (Link::Postgres(tx), None, Some(turn))
            }
        };
        let (tx, changes) = (Tx::new(link), Vec::new());
        Ok(Write { tx, durability, changes, chain, feed, process: *process, disk, turn })
    }
}

/// A write under way. Dropping it undoes it.
pub(crate) struct Write<'a> {
    pub(crate) tx: Tx,
    durability: Durability,
    changes: Vec<Change>,
    chain: &'a Chain,
    feed: &'a Feed,
    process: ProcessId,
    /// How the commit comes to the disk, where the database does not see to it.
    disk: Option<&'a Flush>,
    turn: Option<MutexGuard<'a, ()>>,
}

impl Write<'_> {
    /// Announces the change once it is committed.
    pub(crate) fn announce(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// Makes the write count. From its announcement on the engine works with it
    /// and people are told of it once it is as safe as was asked for; this
    /// returns when it is.
    pub(crate) async fn commit(self) -> Result<()> {
        let Self { tx, durability, changes, chain, feed, process, disk, turn } = self;
        let recorded = chain.seal(&tx).await?;
        let commit = match tx.link {
            Link::Sqlite(tx) => Some(tx.commit(durability).await?),
            Link::Postgres(tx) => {
                if !changes.is_empty() {
                    postgres::notify(&tx, process, &changes).await?;
                }
                tx.commit().await?;
                None
            }
        };
        if let Some(end) = recorded {
            chain.remember(end);
        }
        drop(turn);
        for change in changes {
            feed.announce(change);
        }
        let (Some(flush), Some(commit)) = (disk, commit) else { return Ok(()) };
        match durability {
            Durability::Full => flush.wait(commit).await?,
            Durability::Prompt => {
                let flush = flush.clone();
                tokio::spawn(async move {
                    if let Err(error) = flush.wait(commit).await {
                        tracing::error!(%error, "a commit did not come to the disk");
                    }
                });
            }
            Durability::Batched => {}
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

/// Makes a folder if it is missing, for its owner only: the data folder, before
/// the first file lies in it.
pub fn make_private_folder(folder: &std::path::Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    Ok(std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

    use super::*;
    use crate::SystemClock;

    async fn put(store: &Store, durability: Durability) {
        let write = store.write(durability).await.unwrap();
        let text = "UPDATE settings SET version = version + 1";
        write.tx.later(sql(text, [])).await.unwrap();
        write.commit().await.unwrap();
    }

    #[tokio::test]
    async fn who_waits_for_the_disk_keeps_nobody_else_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let audit_key = AuditKey::from_seed(&[7; 32]).unwrap();
        let folder_path = folder.path().to_owned();
        let options = StoreOptions { folder: folder_path, database: None, audit_key };
        let store = Store::open(options, Arc::new(SystemClock)).await.unwrap();
        let before = store.unsettled().settings_version().await.unwrap();
        let Writing::Sqlite(sqlite) = &store.inner.writing else { panic!("not asked for") };
        let disk = sqlite.flush.hold().await;
        let waits = store.clone();
        let waits = tokio::spawn(async move { put(&waits, Durability::Full).await });
        for _ in 0..20 {
            put(&store, Durability::Batched).await;
            put(&store, Durability::Prompt).await;
        }
        assert!(!waits.is_finished());
        drop(disk);
        waits.await.unwrap();
        assert_eq!(store.settings_version().await.unwrap(), before + 41);
    }
}
