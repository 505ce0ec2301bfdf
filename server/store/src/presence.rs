//! Which processes are alive.
//!
//! Each process holds a lock of its own, which goes however the process ends:
//! on a file, where all share one machine, or in the database, where its
//! connection is the sign. So the others know soon whose leases are void and
//! need not wait for them to run out.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sea_orm::sqlx::{AssertSqlSafe, Executor};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use uuid::Uuid;

use crate::row::{get, sql};
use crate::{Result, postgres};

/// One process that works on runs; the owner of leases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProcessId(pub(crate) Uuid);

/// The sign that this process is alive, as long as it is held.
#[derive(Debug)]
pub(crate) enum Presence {
    /// By locks on files, beside a database on this machine.
    Files(FileLocks),
    /// By locks in a database that machines share.
    Database(DatabaseLock),
}

impl Presence {
    /// Whether a process holds its lock. One that cannot be asked about counts
    /// as alive: its leases run out by themselves.
    pub(crate) async fn is_alive(&self, process: ProcessId) -> bool {
        match self {
            Self::Files(locks) => locks.is_alive(process),
            Self::Database(lock) => lock.is_alive(process).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "another process's lock could not be asked for");
                true
            }),
        }
    }

    /// How many processes are alive, this one among them.
    pub(crate) async fn count(&self) -> Result<u32> {
        match self {
            Self::Files(locks) => locks.count(),
            Self::Database(lock) => postgres::count_processes(&lock.connection).await,
        }
    }

    /// Takes the lock again if its connection was lost meanwhile.
    pub(crate) async fn renew(&self) -> Result<()> {
        match self {
            Self::Files(_) => Ok(()),
            Self::Database(lock) => lock.renew().await,
        }
    }

    /// Lets go of the lock, for a clean end.
    pub(crate) async fn leave(&self) -> Result<()> {
        match self {
            Self::Files(_) => Ok(()),
            Self::Database(lock) => Ok(lock.connection.clone().close().await?),
        }
    }
}

/// A lock in a PostgreSQL database, held by one connection that does nothing
/// else.
#[derive(Debug)]
pub(crate) struct DatabaseLock {
    own: ProcessId,
    connection: DatabaseConnection,
}

impl DatabaseLock {
    pub(crate) async fn take(url: &str, own: ProcessId) -> Result<Self> {
        let mut options = postgres::base(url, 1);
        options
            .idle_timeout(None::<Duration>)
            .max_lifetime(None::<Duration>)
            // A connection is the lock: one that is made anew takes it anew.
            .map_sqlx_postgres_pool_opts(move |pool| {
                pool.after_connect(move |connection, _| {
                    let lock = format!("SELECT pg_advisory_lock({})", key(own));
                    Box::pin(async move { connection.execute(AssertSqlSafe(lock)).await.map(drop) })
                })
            });
        let lock = Self { own, connection: Database::connect(options).await? };
        lock.renew().await?;
        Ok(lock)
    }

    async fn renew(&self) -> Result<()> {
        self.connection.execute_raw(sql("SELECT 1", [])).await?;
        Ok(())
    }

    async fn is_alive(&self, process: ProcessId) -> Result<bool> {
        if process == self.own {
            return Ok(true);
        }
        // Whoever gets the lock for the length of a statement has seen that
        // nobody holds it.
        let text = "SELECT pg_try_advisory_xact_lock($1) AS free";
        let row = self.connection.query_one_raw(sql(text, [key(process).into()])).await?;
        row.map_or(Ok(true), |row| get::<bool>(&row, "free").map(|free| !free))
    }
}

/// The number of a process's lock: the random half of its id.
fn key(process: ProcessId) -> i64 {
    process.0.as_u64_pair().1.cast_signed()
}

/// Locks on files of a folder.
#[derive(Debug)]
pub(crate) struct FileLocks {
    folder: PathBuf,
    own: ProcessId,
    // Holds the lock; the file goes with it on a clean end.
    _lock: File,
}

impl FileLocks {
    /// Takes the lock, and clears away the files of processes that were killed.
    pub(crate) fn take(folder: &Path, own: ProcessId) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let path = path(folder, own);
        let lock = loop {
            let lock = OpenOptions::new().create(true).append(true).open(&path)?;
            lock.lock()?;
            // Another process that clears away may have been quicker than our
            // lock; then this is a file that nobody can find.
            if fs::metadata(&path).is_ok_and(|found| Some(found.ino()) == inode(&lock)) {
                break lock;
            }
        };
        let locks = Self { folder: folder.to_owned(), own, _lock: lock };
        locks.count()?;
        Ok(locks)
    }

    /// How many processes hold their lock. Removes what dead ones left.
    fn count(&self) -> Result<u32> {
        let mut alive = 0;
        for entry in fs::read_dir(&self.folder)? {
            let name = entry?.file_name();
            let process = name.to_str().and_then(|name| name.strip_suffix(".lock"));
            let process = process.and_then(|id| Uuid::try_parse(id).ok());
            alive += u32::from(process.is_some_and(|id| self.is_alive(ProcessId(id))));
        }
        Ok(alive)
    }

    /// Whether the process holds its lock. Removes what a dead one left.
    fn is_alive(&self, process: ProcessId) -> bool {
        if process == self.own {
            return true;
        }
        let path = path(&self.folder, process);
        let Ok(file) = OpenOptions::new().append(true).open(&path) else {
            return false;
        };
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => true,
            _ => {
                let _ = fs::remove_file(path);
                false
            }
        }
    }
}

impl Drop for FileLocks {
    fn drop(&mut self) {
        let _ = fs::remove_file(path(&self.folder, self.own));
    }
}

fn inode(file: &File) -> Option<u64> {
    file.metadata().ok().map(|metadata| metadata.ino())
}

fn path(folder: &Path, process: ProcessId) -> PathBuf {
    folder.join(format!("{}.lock", process.0.simple()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_tells_the_living_from_the_dead() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (ProcessId(Uuid::from_u128(1)), ProcessId(Uuid::from_u128(2)));
        let first = FileLocks::take(folder.path(), a).unwrap();
        let second = FileLocks::take(folder.path(), b).unwrap();
        assert!(first.is_alive(b));
        drop(second);
        assert!(!first.is_alive(b));
        assert!(first.is_alive(a));
    }

    #[test]
    fn what_killed_processes_left_is_cleared_away() {
        let folder = tempfile::tempdir().unwrap();
        let dead = path(folder.path(), ProcessId(Uuid::from_u128(3)));
        fs::write(&dead, "").unwrap();
        let living = FileLocks::take(folder.path(), ProcessId(Uuid::from_u128(1))).unwrap();
        let second = FileLocks::take(folder.path(), ProcessId(Uuid::from_u128(2))).unwrap();
        assert!(!dead.exists());
        assert!(second.is_alive(living.own));
    }
}
