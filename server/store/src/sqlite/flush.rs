//! From the operating system to the disk.
//!
//! SQLite itself could wait for the disk inside each commit (`FULL`), but it
//! holds the write lock meanwhile, and on an ordinary disk that is most of a
//! write's time. So commits go as far as the operating system, and whoever must
//! know that one is safe asks here. This is what `FULL` does, outside of the
//! lock: the log is flushed after the commit was written to it
//! (<https://www.sqlite.org/pragma.html#pragma_synchronous>).

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::sync::Semaphore;

/// How many flushes go at once. A disk takes a second one in while the first is
/// under way; those who come later share the next.
const AT_ONCE: usize = 2;

/// The log of a database, and how far it is safe. A clone is the same.
#[derive(Clone)]
pub(crate) struct Flush(Arc<Log>);

struct Log {
    file: File,
    /// How many commits were written, and how many of them are on the disk.
    written: AtomicU64,
    safe: AtomicU64,
    /// The newest commit that must be on the disk before anybody is told of it.
    promised: AtomicU64,
    room: Semaphore,
    /// After a flush that failed nobody knows what is on the disk: the system
    /// forgets what it could not write, and the next flush would succeed.
    failed: AtomicBool,
}

impl Flush {
    /// Opens the log beside a database that is open.
    pub(super) fn open(database: &Path) -> io::Result<Self> {
        let mut path = database.as_os_str().to_owned();
        path.push("-wal");
        let file = File::options().write(true).open(path)?;
        // The file's name has to be as safe as what is in it.
        if let Some(folder) = database.parent() {
            File::open(folder)?.sync_all()?;
        }
        Ok(Self(Arc::new(Log {
            file,
            written: AtomicU64::new(0),
            safe: AtomicU64::new(0),
            promised: AtomicU64::new(0),
            room: Semaphore::new(AT_ONCE),
            failed: AtomicBool::new(false),
        })))
    }

    /// Says that the commit which comes next is one that people are promised. The
    /// writer says so in its turn and before it commits, so that nobody can see
    /// the commit and not know of this.
    pub(super) fn promise(&self) {
        self.0.promised.fetch_max(self.written() + 1, Ordering::SeqCst);
    }

    /// Counts a commit that was written, and gives its number.
    pub(super) fn count(&self) -> u64 {
        self.0.written.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// How many commits were written so far.
    pub(super) fn written(&self) -> u64 {
        self.0.written.load(Ordering::SeqCst)
    }

    /// Waits until everything is on the disk that was promised so far: whoever
    /// has read something tells it only then.
    pub(crate) async fn settle(&self) -> io::Result<()> {
        self.wait(self.0.promised.load(Ordering::SeqCst)).await
    }

    /// Waits until what other processes have committed is on the disk.
    pub(super) async fn others(&self) -> io::Result<()> {
        self.wait(self.count()).await
    }

    /// Waits until a commit is on the disk. One flush carries all that were
    /// written before it began.
    pub(crate) async fn wait(&self, commit: u64) -> io::Result<()> {
        if self.is_safe(commit) {
            return Ok(());
        }
        let _permit = self.0.room.acquire().await.map_err(io::Error::other)?;
        if self.0.failed.load(Ordering::SeqCst) {
            return Err(io::Error::other("an earlier flush failed; start the server again"));
        }
        if self.is_safe(commit) {
            return Ok(());
        }
        let covered = self.written();
        let log = Arc::clone(&self.0);
        let flushed = tokio::task::spawn_blocking(move || log.file.sync_data()).await;
        let flushed = flushed.map_err(io::Error::other).flatten();
        match &flushed {
            Ok(()) => self.0.safe.fetch_max(covered, Ordering::SeqCst),
            Err(_) => u64::from(self.0.failed.swap(true, Ordering::SeqCst)),
        };
        flushed
    }

    /// Lets nothing come to the disk, as a disk does that is busy.
    #[cfg(test)]
    pub(crate) async fn hold(&self) -> tokio::sync::SemaphorePermit<'_> {
        let all = u32::try_from(AT_ONCE).unwrap_or(u32::MAX);
        self.0.room.acquire_many(all).await.unwrap_or_else(|_| unreachable!("never closed"))
    }

    fn is_safe(&self, commit: u64) -> bool {
        self.0.safe.load(Ordering::SeqCst) >= commit
    }
}
