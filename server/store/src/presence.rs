//! Which processes are alive, where they share one machine.
//!
//! Each process that works on runs holds a lock on a file of its own. The
//! kernel lets go of it however the process ends, so a restart knows at once
//! whose leases are void and need not wait for them to run out.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::os::unix::fs::MetadataExt;
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
        let presence = Self { folder: folder.to_owned(), own, _lock: lock };
        for entry in fs::read_dir(folder)? {
            let name = entry?.file_name();
            let process = name.to_str().and_then(|name| name.strip_suffix(".lock"));
            if let Some(process) = process.and_then(|id| Uuid::try_parse(id).ok()) {
                presence.is_alive(ProcessId(process));
            }
        }
        Ok(presence)
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
        let first = Presence::take(folder.path(), a).unwrap();
        let second = Presence::take(folder.path(), b).unwrap();
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
        let living = Presence::take(folder.path(), ProcessId(Uuid::from_u128(1))).unwrap();
        let second = Presence::take(folder.path(), ProcessId(Uuid::from_u128(2))).unwrap();
        assert!(!dead.exists());
        assert!(second.is_alive(living.own));
    }
}
