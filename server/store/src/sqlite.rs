//! SQLite: a file in the data folder, shared by the processes of one machine.

mod flush;
mod line;
mod log;
mod readers;
mod transaction;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::sqlx::sqlite::{
    SqliteAutoVacuum, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous,
};
use sea_orm::sqlx::{ConnectOptions as _, Connection};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use tokio::sync::Mutex;
use tokio::time::MissedTickBehavior;

pub(crate) use self::flush::Flush;
use self::log::Log;
pub(crate) use self::readers::Readers;
pub(crate) use self::transaction::Transaction;
use self::transaction::Writer;
use crate::connection::migrate;
use crate::presence::{FileLocks, Presence};
use crate::row::{get, sql};
use crate::watch::watched;
use crate::{Change, Error, Feed, ProcessId, Result};

/// How long a writer waits for another process's write before it gives up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// How many reads run at once.
const READERS: u32 = 4;

/// How many statements a connection keeps prepared.
const STATEMENTS: usize = 256;

/// How often another process's commits are looked for. SQLite has no
/// notification between processes; asking for its change counter is the
/// cheapest question there is, since it reads shared memory only. As often,
/// what nobody waited for goes to the disk.
const LOOK: Duration = Duration::from_millis(250);

/// From how many pages on the writer folds it itself: where a few commits were
/// large, or the work beside it does not keep up. 32 MiB.
const FOLD_PAGES: &str = "8192";

/// The database in a folder.
pub(crate) struct Sqlite {
    writer: Arc<Mutex<Writer>>,
    pub(crate) flush: Flush,
    /// Nobody gets to read what was promised and is not on the disk yet.
    pub(crate) readers: Readers,
    /// The same, without waiting for the disk.
    pub(crate) unsettled: Readers,
}

/// Opens the database in a folder, and takes this process's lock.
pub(crate) async fn open(folder: &Path, process: ProcessId) -> Result<(Sqlite, Presence)> {
    let presence = Presence::Files(FileLocks::take(&folder.join("processes"), process)?);
    let file = folder.join("openclawssy.db");
    let options = options(SqliteConnectOptions::new(), &file);
    // Processes that start together take turns.
    let lock =
        std::fs::OpenOptions::new().create(true).append(true).open(folder.join("migrate.lock"))?;
    lock.lock()?;
    let migrating = orm(&file).await?;
    migrate(&migrating).await?;
    let vacuum = row_number(&migrating, "PRAGMA auto_vacuum", "auto_vacuum").await?;
    if vacuum == 0 {
        // Made before pages were given back in steps; it takes one rewrite of
        // the file to begin with that.
        migrating.execute_unprepared("PRAGMA auto_vacuum = INCREMENTAL; VACUUM").await?;
    }
    drop(lock);
    let writer = SqliteConnection::connect_with(&options).await.map_err(Error::connecting)?;
    // Only now: the last connection that closes takes the log with it.
    migrating.close().await?;
    let flush = Flush::open(&file)?;
    let readers = Readers::new(options, READERS, flush.clone());
    let (writer, unsettled) = (Arc::new(Mutex::new(Some(writer))), readers.unsettled());
    Ok((Sqlite { writer, flush, readers, unsettled }, presence))
}

impl Sqlite {
    /// Begins a write once its turn has come.
    pub(crate) async fn begin(&self, feed: Feed) -> Transaction {
        let writer = Arc::clone(&self.writer).lock_owned().await;
        Transaction::new(writer, self.flush.clone(), feed)
    }

    /// Closes all connections. The last one folds the log into the database.
    pub(crate) async fn close(&self) -> Result<()> {
        self.readers.close().await?;
        match self.writer.lock().await.take() {
            Some(writer) => writer.close().await.map_err(Error::connecting),
            None => Ok(()),
        }
    }

    /// What goes on beside reads and writes: tells a feed when another process
    /// has committed from now on, and brings the log to the disk and into the
    /// database.
    pub(crate) async fn tend(&self, feed: Feed) -> Result<impl Future<Output = ()> + use<>> {
        let (writer, flush) = (Arc::clone(&self.writer), self.flush.clone());
        let mut log = Log::new(Arc::clone(&writer), self.unsettled.clone());
        // Before anybody listens: what is committed after this is news.
        let mut known = data_version(&writer).await?;
        Ok(async move {
            let mut look = tokio::time::interval(LOOK);
            look.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                look.tick().await;
                match data_version(&writer).await {
                    Ok(version) => {
                        if std::mem::replace(&mut known, version) != version {
                            // Readers here are told of it only once it is safe,
                            // whether or not its process has seen to that.
                            if let Err(error) = flush.others().await {
                                tracing::error!(%error, "the log cannot be brought to the disk");
                            }
                            feed.announce(Change::Anything);
                        }
                    }
                    Err(error) => {
                        tracing::error!(%error, "commits of other processes cannot be heard");
                    }
                }
                let written = flush.written();
                if let Err(error) = flush.wait(written).await {
                    tracing::error!(%error, "the log cannot be brought to the disk");
                }
                if let Err(error) = log.tend(written).await {
                    tracing::error!(%error, "the log cannot be looked after");
                }
            }
        })
    }
}

/// SQLite's change counter. It moves when another connection commits, so the
/// one that writes has to be asked: then its own commits are not news.
async fn data_version(writer: &Mutex<Writer>) -> Result<i64> {
    let mut writer = writer.lock().await;
    let connection = writer.as_mut().ok_or_else(line::closed)?;
    let answer = line::send(connection, "PRAGMA data_version".to_owned(), Vec::new()).await?;
    answer.rows.first().map_or(Ok(0), |row| get(row, "data_version"))
}

async fn row_number(connection: &DatabaseConnection, text: &str, column: &str) -> Result<i64> {
    let row = connection.query_one_raw(sql(text, [])).await?;
    row.map_or(Ok(0), |row| get(&row, column))
}

/// A connection by way of sea-orm, which the migrations want.
async fn orm(file: &Path) -> Result<DatabaseConnection> {
    let mut orm = ConnectOptions::new("sqlite:");
    let file = file.to_owned();
    orm.max_connections(1)
        .min_connections(0)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |sqlite| options(sqlite, &file));
    Ok(watched(Database::connect(orm).await?))
}

fn options(sqlite: SqliteConnectOptions, file: &Path) -> SqliteConnectOptions {
    sqlite
        .filename(file)
        .create_if_missing(true)
        .busy_timeout(BUSY_TIMEOUT)
        // Counts for a new database only, and before its first page.
        .auto_vacuum(SqliteAutoVacuum::Incremental)
        .journal_mode(SqliteJournalMode::Wal)
        // What a commit has to wait for is waited for in `flush`.
        .synchronous(SqliteSynchronous::Normal)
        .foreign_keys(true)
        .statement_cache_capacity(STATEMENTS)
        .pragma("wal_autocheckpoint", FOLD_PAGES)
        // Bounds what one long reader can leave behind on the disk.
        .pragma("journal_size_limit", "67108864")
        .optimize_on_close(false, None)
        .disable_statement_logging()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

    use uuid::Uuid;

    use super::*;
    use crate::connection::Durability;

    async fn house(folder: &Path) -> (Sqlite, Presence) {
        open(folder, ProcessId(Uuid::now_v7())).await.unwrap()
    }

    async fn note(sqlite: &Sqlite, number: i64, durability: Durability) -> u64 {
        let tx = sqlite.begin(Feed::new()).await;
        let made = "CREATE TABLE IF NOT EXISTS notes (number BIGINT NOT NULL)";
        tx.later(sql(made, [])).await.unwrap();
        tx.later(sql("INSERT INTO notes VALUES ($1)", [number.into()])).await.unwrap();
        tx.commit(durability).await.unwrap()
    }

    async fn notes(readers: &Readers) -> i64 {
        let text = "SELECT COUNT(*) AS number FROM notes";
        get(&readers.query_one_raw(sql(text, [])).await.unwrap().unwrap(), "number").unwrap()
    }

    #[tokio::test]
    async fn a_promise_is_told_only_when_it_is_on_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let (sqlite, _presence) = house(folder.path()).await;
        let disk = sqlite.flush.hold().await;
        note(&sqlite, 1, Durability::Batched).await;
        assert_eq!(notes(&sqlite.readers).await, 1, "what nobody was promised can be read along");
        note(&sqlite, 2, Durability::Prompt).await;
        let readers = sqlite.readers.clone();
        let told = tokio::spawn(async move { notes(&readers).await });
        // Work goes on meanwhile.
        for _ in 0..20 {
            assert_eq!(notes(&sqlite.unsettled).await, 2);
        }
        assert!(!told.is_finished());
        drop(disk);
        assert_eq!(told.await.unwrap(), 2);
    }

    #[tokio::test]
    async fn a_log_that_was_folded_is_written_from_its_beginning() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("openclawssy.db");
        let wal = folder.path().join("openclawssy.db-wal");
        let (sqlite, _presence) = house(folder.path()).await;
        let mut kept = Log::new(Arc::clone(&sqlite.writer), sqlite.unsettled.clone());
        let mut written = 0;
        let mut lengths = Vec::new();
        for number in 0..4 * log::FOLD_AFTER {
            written = note(&sqlite, i64::try_from(number).unwrap(), Durability::Batched).await;
            if written.is_multiple_of(log::FOLD_AFTER) {
                kept.tend(written).await.unwrap();
                lengths.push(std::fs::metadata(&wal).unwrap().len());
            }
        }
        assert_eq!(lengths.last(), lengths.get(1), "{lengths:?}");
        // As after the end of the process: the files as they lie there.
        let copy = tempfile::tempdir().unwrap();
        for file in [&file, &wal] {
            std::fs::copy(file, copy.path().join(file.file_name().unwrap())).unwrap();
        }
        let (again, _presence) = house(copy.path()).await;
        assert_eq!(notes(&again.readers).await, i64::try_from(written).unwrap());
    }
}
