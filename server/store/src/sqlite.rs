//! SQLite: a file in the data folder, shared by the processes of one machine.

use std::path::Path;
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteAutoVacuum, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use tokio::time::MissedTickBehavior;

use crate::connection::{Backend, Opened, migrate};
use crate::presence::{FileLocks, Presence};
use crate::row::{get, sql};
use crate::watch::watched;
use crate::{Change, Feed, ProcessId, Result};

/// How long a writer waits for another process's write before it gives up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// How many reads run at once.
const READERS: u32 = 4;

/// How often another process's commits are looked for. SQLite has no
/// notification between processes; asking for its change counter is the
/// cheapest question there is, since it reads shared memory only.
const LOOK: Duration = Duration::from_millis(250);

/// Opens the database in a folder. Two connections of one writer differ in what
/// a commit waits for.
pub(crate) async fn open(folder: &Path, process: ProcessId) -> Result<Opened> {
    let presence = Presence::Files(FileLocks::take(&folder.join("processes"), process)?);
    let file = folder.join("openclawssy.db");
    let durable = connect(&file, 1, SqliteSynchronous::Full).await?;
    // Processes that start together take turns.
    let lock =
        std::fs::OpenOptions::new().create(true).append(true).open(folder.join("migrate.lock"))?;
    lock.lock()?;
    migrate(&durable).await?;
    let vacuum = row_number(&durable, "PRAGMA auto_vacuum", "auto_vacuum").await?;
    if vacuum == 0 {
        // Made before pages were given back in steps; it takes one rewrite of
        // the file to begin with that.
        durable.execute_unprepared("PRAGMA auto_vacuum = INCREMENTAL; VACUUM").await?;
    }
    drop(lock);
    let batched = connect(&file, 1, SqliteSynchronous::Normal).await?;
    let readers = connect(&file, READERS, SqliteSynchronous::Normal).await?;
    Ok(Opened { backend: Backend::Sqlite, durable, batched, readers, presence })
}

/// Tells a feed when any process has committed. It asks on one connection, since
/// the counter means something only there.
pub(crate) async fn hear(connection: DatabaseConnection, feed: Feed) {
    let mut look = tokio::time::interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut known = None;
    loop {
        look.tick().await;
        let row = match connection.query_one_raw(sql("PRAGMA data_version", [])).await {
            Ok(row) => row,
            Err(error) => {
                tracing::error!(%error, "commits of other processes cannot be heard");
                continue;
            }
        };
        let version: Option<i64> = row.and_then(|row| get(&row, "data_version").ok());
        if known.replace(version).is_some_and(|known| known != version) {
            feed.announce(Change::Anything);
        }
    }
}

async fn row_number(connection: &DatabaseConnection, text: &str, column: &str) -> Result<i64> {
    let row = connection.query_one_raw(sql(text, [])).await?;
    row.map_or(Ok(0), |row| get(&row, column))
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
                // Counts for a new database only, and before its first page.
                .auto_vacuum(SqliteAutoVacuum::Incremental)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(synchronous)
                .foreign_keys(true)
                // Bounds what one long reader can leave behind on the disk.
                .pragma("journal_size_limit", "67108864")
                .optimize_on_close(false, None)
        });
    Ok(watched(Database::connect(options).await?))
}
