//! PostgreSQL: one database for several servers.

use std::str::FromStr;
use std::time::Duration;

use sea_orm::sqlx::postgres::{PgConnectOptions, PgListener};
use sea_orm::sqlx::{AssertSqlSafe, ConnectOptions as _, Connection, Executor};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, Value, sqlx,
};
use tokio::sync::Mutex;

use crate::connection::migrate;
use crate::presence::{DatabaseLock, Presence};
use crate::row::{get, sql};
use crate::watch::watched;
use crate::{Change, Error, Feed, ProcessId, Result};

/// The channel that commits are announced on.
const CHANNEL: &str = "openclawssy";

/// Advisory locks share one space of numbers in a database. These two spell
/// "clawwrit" and "clawmigr"; a process's own is drawn from its id.
const WRITES: i64 = 0x636c_6177_7772_6974;
const MIGRATIONS: i64 = 0x636c_6177_6d69_6772;

/// How many connections write and how many read, in one process. Writes take
/// turns, so more than two would only wait.
const WRITERS: u32 = 2;
const READERS: u32 = 4;

/// Codes of PostgreSQL's errors (its manual, appendix A).
const NO_SUCH_DATABASE: &str = "3D000";
const DATABASE_EXISTS: &str = "42P04";

/// How long the ear waits before it tries a lost connection again.
const PAUSE: Duration = Duration::from_secs(1);

/// The longest payload that PostgreSQL takes, less room for our own id.
const PAYLOAD: usize = 7_900;

/// A database by its URL.
pub(crate) struct Postgres {
    /// Its commits wait for the disk.
    pub(crate) durable: DatabaseConnection,
    /// Its commits do not.
    pub(crate) batched: DatabaseConnection,
    pub(crate) readers: DatabaseConnection,
    /// Lets one write of this process go at a time. Other processes are kept
    /// out by the database.
    pub(crate) turn: Mutex<()>,
}

impl Postgres {
    /// Closes all connections.
    pub(crate) async fn close(&self) -> Result<()> {
        for connection in [&self.readers, &self.batched, &self.durable] {
            connection.clone().close().await?;
        }
        Ok(())
    }
}

/// Opens a database by its URL, and takes this process's lock.
pub(crate) async fn open(url: &str, process: ProcessId) -> Result<(Postgres, Presence)> {
    if !(url.starts_with("postgres://") || url.starts_with("postgresql://")) {
        return Err(Error::DatabaseUrl);
    }
    make_if_missing(url).await?;
    let durable = connect(url, WRITERS, "on").await?;
    let migrating = connect(url, 1, "on").await?;
    // One connection, so that the lock and the work are in one session.
    let lock = sql("SELECT pg_advisory_lock($1)", [MIGRATIONS.into()]);
    migrating.execute_raw(lock).await?;
    migrate(&migrating).await?;
    migrating.close().await?;
    let batched = connect(url, WRITERS, "off").await?;
    let readers = connect(url, READERS, "on").await?;
    let presence = Presence::Database(DatabaseLock::take(url, process).await?);
    Ok((Postgres { durable, batched, readers, turn: Mutex::new(()) }, presence))
}

/// Makes the database if the server has none of that name yet.
async fn make_if_missing(url: &str) -> Result<()> {
    let options = PgConnectOptions::from_str(url).map_err(Error::connecting)?;
    let missing = match options.connect().await {
        Ok(connection) => return connection.close().await.map_err(Error::connecting),
        Err(error) => error,
    };
    if !has_code(&missing, NO_SUCH_DATABASE) {
        return Err(Error::connecting(missing));
    }
    let name = options.get_database().unwrap_or_default().replace('"', "\"\"");
    let statement = format!("CREATE DATABASE \"{name}\"");
    let mut connection = options.database("postgres").connect().await.map_err(Error::connecting)?;
    match connection.execute(AssertSqlSafe(statement)).await {
        // Another process that starts at the same time was quicker.
        Err(error) if !has_code(&error, DATABASE_EXISTS) => Err(Error::connecting(error)),
        _ => connection.close().await.map_err(Error::connecting),
    }
}

/// Where a database is, for a person: no password, no options.
pub fn place(url: &str) -> String {
    PgConnectOptions::from_str(url).map_or_else(
        |_| String::new(),
        |to| {
            format!("{}:{}/{}", to.get_host(), to.get_port(), to.get_database().unwrap_or_default())
        },
    )
}

/// How many processes hold the lock that says that they are alive.
pub(crate) async fn count_processes(connection: &DatabaseConnection) -> Result<u32> {
    // A lock's number stands there in two halves.
    let text = "SELECT COUNT(*) AS number FROM pg_locks
        WHERE locktype = 'advisory' AND granted AND objsubid = 1
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND (CAST(classid AS BIGINT) << 32) | CAST(objid AS BIGINT) NOT IN ($1, $2)";
    let row = connection.query_one_raw(sql(text, [WRITES.into(), MIGRATIONS.into()])).await?;
    let number: i64 = row.map_or(Ok(0), |row| get(&row, "number"))?;
    Ok(u32::try_from(number).unwrap_or(u32::MAX))
}

fn has_code(error: &sqlx::Error, code: &str) -> bool {
    error.as_database_error().and_then(|error| error.code()).is_some_and(|found| found == code)
}

/// A pool. `synchronous` says whether a commit waits for the disk: with `off` it
/// survives the end of any process, and the next waiting commit carries it to
/// the disk.
async fn connect(
    url: &str,
    connections: u32,
    synchronous: &'static str,
) -> Result<DatabaseConnection> {
    let mut options = base(url, connections);
    options.map_sqlx_postgres_opts(move |postgres| {
        postgres.application_name("openclawssy").options([
            ("synchronous_commit", synchronous),
            // A writer that waits too long fails clearly, and a process that
            // hangs in the middle of its write does not keep the others out.
            ("lock_timeout", "10s"),
            ("idle_in_transaction_session_timeout", "30s"),
        ])
    });
    Ok(watched(Database::connect(options).await?))
}

/// What all connections have in common.
pub(crate) fn base(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(0)
        .acquire_timeout(Duration::from_secs(10))
        .test_before_acquire_if_idle_for(Duration::from_secs(5))
        .sqlx_logging(false);
    options
}

/// Waits until no other write goes on, in any process, and keeps others out
/// until the end of the transaction. So events get their positions in the order
/// of the commits, and no reader ever passes over one that commits later.
pub(crate) async fn lock_writes(tx: &DatabaseTransaction) -> Result<()> {
    tx.execute_raw(sql("SELECT pg_advisory_xact_lock($1)", [WRITES.into()])).await?;
    Ok(())
}

/// Tells other processes what a transaction changed, once it is committed.
pub(crate) async fn notify(
    tx: &DatabaseTransaction,
    process: ProcessId,
    changes: &[Change],
) -> Result<()> {
    let words: Vec<_> = changes.iter().map(Change::to_string).collect();
    let mut payload = words.join(";");
    if payload.len() > PAYLOAD {
        payload = Change::Anything.to_string();
    }
    let values: [Value; 2] = [CHANNEL.into(), format!("{} {payload}", process.0).into()];
    tx.execute_raw(sql("SELECT pg_notify($1, $2)", values)).await?;
    Ok(())
}

/// Tells a feed what other processes commit. It listens from the moment this
/// returns; the future in it hears.
pub(crate) async fn hear(
    url: &str,
    process: ProcessId,
    feed: Feed,
) -> Result<impl Future<Output = ()> + use<>> {
    let mut listener = PgListener::connect(url).await.map_err(Error::connecting)?;
    listener.listen(CHANNEL).await.map_err(Error::connecting)?;
    let own = process.0.to_string();
    Ok(async move {
        loop {
            match listener.try_recv().await {
                Ok(Some(notification)) => {
                    let (from, changes) =
                        notification.payload().split_once(' ').unwrap_or_default();
                    if from != own {
                        for change in changes.split(';') {
                            feed.announce(Change::read(change).unwrap_or(Change::Anything));
                        }
                    }
                }
                // The connection was lost and made again: what was said in
                // between is not known.
                Ok(None) => feed.announce(Change::Anything),
                Err(error) => {
                    tracing::error!(%error, "commits of other processes cannot be heard");
                    tokio::time::sleep(PAUSE).await;
                    feed.announce(Change::Anything);
                }
            }
        }
    })
}
