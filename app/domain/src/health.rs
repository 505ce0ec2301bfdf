//! What the health page tells: sizes, ages, and what is wrong.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::text_enum::text_enum;

text_enum! {
    /// Which database holds everything.
    pub enum DatabaseKind("database kind") {
        /// A file in the data folder.
        Sqlite = "sqlite",
        /// A server that several processes share.
        Postgres = "postgresql",
    }
}

text_enum! {
    /// Where the clean-up is.
    pub enum CleaningState("state of the clean-up") {
        /// It has not run yet.
        Never = "never",
        /// It works, here or in another process.
        Working = "working",
        /// It has run.
        Done = "done",
    }
}

text_enum! {
    /// What can be wrong with an installation that works.
    pub enum HealthCode("health code") {
        /// The disk of the data folder is nearly full.
        DiskLow = "disk.low",
        /// SQLite's write-ahead log is over its bound.
        LogLarge = "log.large",
        /// The clean-up has not run for long.
        CleaningLate = "cleaning.late",
    }
}

/// The state of an installation, as the server that answers sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// When this was read.
    pub at: Timestamp,
    /// What is wrong; nothing if it is well.
    pub warnings: Vec<HealthWarning>,
    /// The process that answers.
    pub server: ServerHealth,
    /// The database.
    pub database: DatabaseHealth,
    /// The queue of all processes.
    pub queue: QueueHealth,
    /// The clean-up.
    pub cleaning: CleaningHealth,
    /// Every table, the largest first.
    pub tables: Vec<TableHealth>,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthWarning {
    /// What kind of trouble.
    pub code: HealthCode,
    /// What it is and what to do, for a person.
    pub message: String,
}

/// The process that answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerHealth {
    /// The product's version.
    pub version: String,
    /// When the process started.
    pub started_at: Timestamp,
    /// Memory it holds, in bytes, where the system tells.
    pub memory_bytes: Option<u64>,
    /// Room on the disk of the data folder, in bytes, where the system tells.
    pub disk_free_bytes: Option<u64>,
}

/// The database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatabaseHealth {
    /// Which one.
    pub kind: DatabaseKind,
    /// Its file, or its host and name; never a password.
    pub place: String,
    /// The newest change of its schema.
    pub schema: String,
    /// All of it, in bytes.
    pub bytes: u64,
    /// Of that, what is free for new rows; SQLite only.
    pub free_bytes: Option<u64>,
    /// The write-ahead log, in bytes; SQLite only.
    pub log_bytes: Option<u64>,
}

/// The queue of all processes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueHealth {
    /// Runs that wait for a worker.
    pub waiting: u64,
    /// Runs that work: each is a lease.
    pub working: u64,
    /// Since when the oldest of those that wait has waited.
    pub oldest_waiting_at: Option<Timestamp>,
    /// Workers of this process.
    pub workers: u32,
    /// Places for runs that wait.
    pub waiting_places: u32,
    /// Processes that use this database.
    pub processes: u32,
}

/// The clean-up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CleaningHealth {
    /// Where it is.
    pub state: CleaningState,
    /// When it last began.
    pub began_at: Option<Timestamp>,
    /// When it last ended.
    pub ended_at: Option<Timestamp>,
    /// Rows that it removed then.
    pub rows: u64,
    /// The database before it, in bytes, without what was free in it.
    pub bytes_before: u64,
    /// The database after it, in bytes, without what was free in it.
    pub bytes_after: u64,
}

/// One table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableHealth {
    /// Its name.
    pub name: String,
    /// What its rows belong to and go with.
    pub owner: String,
    /// How long its rows are kept, in words.
    pub kept: String,
    /// Its size, once it was measured.
    pub size: Option<TableSize>,
    /// Rows that the clean-up last removed from it.
    pub cleaned_rows: u64,
    /// When that was.
    pub cleaned_at: Option<Timestamp>,
}

/// How large a table was when it was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableSize {
    /// Its rows.
    pub rows: u64,
    /// Its bytes on the disk, indexes included.
    pub bytes: u64,
    /// When that was.
    pub measured_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back() {
        for kind in DatabaseKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(*kind));
        }
        for state in CleaningState::ALL {
            assert_eq!(state.as_str().parse(), Ok(*state));
        }
        for code in HealthCode::ALL {
            assert_eq!(code.as_str().parse(), Ok(*code));
        }
    }
}
