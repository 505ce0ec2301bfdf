//! How the installation is. Reading it costs a few small statements: sizes were
//! measured before.

use domain::{
    CleaningHealth, DatabaseHealth, Health, HealthCode, HealthWarning, QueueHealth, ServerHealth,
    Timestamp,
};

use crate::{Engine, Result, SignedIn};

/// What SQLite's log may hold, in bytes.
const LOG_BOUND: u64 = 64 * 1024 * 1024;

/// How much room the disk should have, in bytes.
const DISK_ROOM: u64 = 1024 * 1024 * 1024;

/// When a clean-up is late, in milliseconds: it should come every hour.
const LATE_MS: i64 = 3 * 60 * 60 * 1000;

impl Engine {
    /// The state of the installation.
    pub async fn health(&self, _: &SignedIn) -> Result<Health> {
        let store = self.store();
        let at = self.now();
        let load = store.queue_figures().await?;
        let queue = QueueHealth {
            waiting: load.waiting,
            working: load.working,
            oldest_waiting_at: load.oldest_waiting_at,
            workers: self.inner.queue.workers,
            waiting_places: self.inner.queue.waiting_places,
            processes: store.processes().await?,
        };
        let server = ServerHealth {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: self.inner.started_at,
            memory_bytes: memory(),
            disk_free_bytes: rustix::fs::statvfs(store.folder())
                .ok()
                .map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize)),
        };
        let database = store.database().await?;
        let cleaning = store.cleaning().await?;
        let tables = store.tables(&self.inner.retention().await?).await?;
        let warnings = warnings(at, &server, &database, &cleaning);
        Ok(Health { at, warnings, server, database, queue, cleaning, tables })
    }
}

fn warnings(
    at: Timestamp,
    server: &ServerHealth,
    database: &DatabaseHealth,
    cleaning: &CleaningHealth,
) -> Vec<HealthWarning> {
    let mut found = Vec::new();
    let mut warn = |code, message: &str| {
        found.push(HealthWarning { code, message: message.to_owned() });
    };
    if server.disk_free_bytes.is_some_and(|bytes| bytes < DISK_ROOM) {
        warn(
            HealthCode::DiskLow,
            "The disk of the data folder has less than 1 GiB left. Make room: on a full disk nothing can be stored.",
        );
    }
    if database.log_bytes.is_some_and(|bytes| bytes > LOG_BOUND) {
        warn(
            HealthCode::LogLarge,
            "The database's log is over its bound of 64 MiB. Some program holds the database open and reads for long; end it.",
        );
    }
    let last = cleaning.ended_at.map_or(server.started_at, |ended| ended.max(server.started_at));
    if at.as_millisecond() - last.as_millisecond() > LATE_MS {
        warn(
            HealthCode::CleaningLate,
            "The clean-up has not ended for three hours. The server's log says why.",
        );
    }
    found
}

/// The memory of this process that is in use, in bytes, as Linux tells it.
fn memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use domain::{CleaningState, DatabaseKind};

    use super::*;

    #[test]
    fn what_is_wrong_is_said_and_nothing_else() {
        let now = Timestamp::from_millisecond(1_800_000_000_000).unwrap();
        let ago = |hours: i64| {
            Timestamp::from_millisecond(now.as_millisecond() - hours * 3_600_000).unwrap()
        };
        let server = |free| ServerHealth {
            version: String::new(),
            started_at: ago(9),
            memory_bytes: None,
            disk_free_bytes: free,
        };
        let database = |log| DatabaseHealth {
            kind: DatabaseKind::Sqlite,
            place: String::new(),
            schema: String::new(),
            bytes: 0,
            free_bytes: None,
            log_bytes: log,
        };
        let cleaning = |ended| CleaningHealth {
            state: CleaningState::Done,
            began_at: None,
            ended_at: ended,
            rows: 0,
            bytes_before: 0,
            bytes_after: 0,
        };
        let codes = |free, log, ended| {
            let found = warnings(now, &server(free), &database(log), &cleaning(ended));
            found.into_iter().map(|warning| warning.code).collect::<Vec<_>>()
        };
        assert_eq!(codes(Some(DISK_ROOM), Some(LOG_BOUND), Some(ago(1))), []);
        assert_eq!(codes(None, None, Some(ago(1))), []);
        assert_eq!(codes(Some(1), None, Some(ago(1))), [HealthCode::DiskLow]);
        assert_eq!(codes(None, Some(LOG_BOUND + 1), Some(ago(1))), [HealthCode::LogLarge]);
        assert_eq!(codes(None, None, None), [HealthCode::CleaningLate]);
    }
}
