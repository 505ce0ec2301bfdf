//! Opening the database, and the rule of one writer and many readers.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use migrations::Migrator;
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;
use tokio::sync::{Mutex, MutexGuard};

use crate::presence::Presence;
use crate::row::{get, sql};
use crate::{Change, Clock, Error, Feed, ProcessId, Result};

/// How long a writer waits for another process's write before it gives up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// How many reads run at once.
const READERS: u32 = 4;

/// Where the data lies.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// The data folder; made if missing, for its owner only.
    pub folder: PathBuf,
}

/// The database. A clone is the same database.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    // Two connections of one writer: `turn` lets only one of them write at a
    // time. They differ in what a commit waits for.
    durable: DatabaseConnection,
    batched: DatabaseConnection,
    turn: Mutex<()>,
    readers: DatabaseConnection,
    feed: Feed,
    clock: Arc<dyn Clock>,
    process: ProcessId,
    presence: Presence,
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
    /// Opens the database in the data folder, makes it if missing, and brings
    /// its schema up to date.
    pub async fn open(options: &StoreOptions, clock: Arc<dyn Clock>) -> Result<Self> {
        make_private_folder(&options.folder)?;
        let process = ProcessId(clock.uuid());
        let presence = Presence::take(&options.folder.join("processes"), process)?;
        let file = options.folder.join("openclawssy.db");
        let durable = connect(&file, 1, SqliteSynchronous::Full).await?;
        migrate(&options.folder, &durable).await?;
        let batched = connect(&file, 1, SqliteSynchronous::Normal).await?;
        let readers = connect(&file, READERS, SqliteSynchronous::Normal).await?;
        let feed = Feed::new();
        let turn = Mutex::new(());
        let inner = Inner { durable, batched, turn, readers, feed, clock, process, presence };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The wake-up of this process.
    pub fn feed(&self) -> &Feed {
        &self.inner.feed
    }

    /// The clock that rows are stamped with.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.inner.clock
    }

    /// A number that changes when any process commits: cheap to ask, since it
    /// reads shared memory only. It stands in for a notification, which SQLite
    /// has not got between processes.
    pub async fn version(&self) -> Result<i64> {
        // Always the same connection: the number means something only there.
        let row = self.inner.batched.query_one_raw(sql("PRAGMA data_version", [])).await?;
        row.map_or(Ok(0), |row| get(&row, "data_version"))
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        self.reader().query_one_raw(sql("SELECT 1 AS one", [])).await?;
        Ok(())
    }

    /// Closes all connections; the last one folds the log into the database.
    pub async fn close(&self) -> Result<()> {
        for connection in [&self.inner.readers, &self.inner.batched, &self.inner.durable] {
            connection.clone().close().await?;
        }
        Ok(())
    }

    pub(crate) fn reader(&self) -> &DatabaseConnection {
        &self.inner.readers
    }

    pub(crate) fn process(&self) -> ProcessId {
        self.inner.process
    }

    pub(crate) fn is_alive(&self, process: ProcessId) -> bool {
        self.inner.presence.is_alive(process)
    }

    /// Begins a write: waits for its turn, then holds the database's write lock
    /// from the start, so that what it reads cannot change under it.
    pub(crate) async fn write(&self, durability: Durability) -> Result<Write<'_>> {
        let turn = self.inner.turn.lock().await;
        let connection = match durability {
            Durability::Full => &self.inner.durable,
            Durability::Batched => &self.inner.batched,
        };
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let tx = connection.begin_with_options(options).await?;
        Ok(Write { tx, changes: Vec::new(), feed: &self.inner.feed, _turn: turn })
    }
}

/// A write under way. Dropping it undoes it.
pub(crate) struct Write<'a> {
    pub(crate) tx: DatabaseTransaction,
    changes: Vec<Change>,
    feed: &'a Feed,
    _turn: MutexGuard<'a, ()>,
}

impl Write<'_> {
    /// Announces the change once it is committed.
    pub(crate) fn announce(&mut self, change: Change) {
        self.changes.push(change);
    }

    pub(crate) async fn commit(self) -> Result<()> {
        self.tx.commit().await?;
        for change in self.changes {
            self.feed.announce(change);
        }
        Ok(())
    }
}

async fn connect(
    file: &Path,
    connections: u32,
    synchronous: SqliteSynchronous,
) -> Result<DatabaseConnection> {
    let mut options = ConnectOptions::new("sqlite:");
    let file = file.to_owned();
    options
        .max_connections(connections)
        .min_connections(0)
        // A closed connection loses its statement cache and its data version.
        .idle_timeout(None::<Duration>)
        .max_lifetime(None::<Duration>)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |sqlite| {
            sqlite
                .filename(&file)
                .create_if_missing(true)
                .busy_timeout(BUSY_TIMEOUT)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(synchronous)
                .foreign_keys(true)
                // Bounds what one long reader can leave behind on the disk.
                .pragma("journal_size_limit", "67108864")
                .optimize_on_close(false, None)
        });
    Ok(Database::connect(options).await?)
}

/// Brings the schema up to date. Two processes that start together take turns.
async fn migrate(folder: &Path, connection: &DatabaseConnection) -> Result<()> {
    let lock =
        std::fs::OpenOptions::new().create(true).append(true).open(folder.join("migrate.lock"))?;
    lock.lock()?;
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

fn make_private_folder(folder: &Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    Ok(std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?)
}
