//! Which processes are alive, where they share one machine.
//!
//! Each process that works on runs holds a lock on a file of its own. The
//! kernel lets go of it however the process ends, so a restart knows at once
//! whose leases are void and need not wait for them to run out.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::Result;

/// One process that works on runs; the owner of leases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProcessId(pub(crate) Uuid);

/// The sign that this process is alive, as long as it is held.
#[derive(Debug)]
pub(crate) struct Presence {
    folder: PathBuf,
    own: ProcessId,
    // Holds the lock; the file goes with it on a clean end.
    _lock: File,
}

impl Presence {
    pub(crate) fn take(folder: &Path, own: ProcessId) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let lock = OpenOptions::new().create(true).append(true).open(path(folder, own))?;
        lock.lock()?;
        Ok(Self { folder: folder.to_owned(), own, _lock: lock })
    }

    /// Whether the process holds its lock. Removes what a dead one left.
    pub(crate) fn is_alive(&self, process: ProcessId) -> bool {
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

impl Drop for Presence {
    fn drop(&mut self) {
        let _ = fs::remove_file(path(&self.folder, self.own));
    }
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
        let first = Presence::take(folder.path(), a).unwrap();
        let second = Presence::take(folder.path(), b).unwrap();
        assert!(first.is_alive(b));
        drop(second);
        assert!(!first.is_alive(b));
        assert!(first.is_alive(a));
    }
}
