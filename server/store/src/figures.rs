//! The queue in figures, and who shares the database.

use domain::Timestamp;
use sea_orm::ConnectionTrait;

use crate::row::{at, count, get, sql};
use crate::{Error, Result, Store};

const TABLE: &str = "runs";

/// What waits and works, of everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueFigures {
    /// Runs that wait for a worker.
    pub waiting: u64,
    /// Runs that work; each is a lease.
    pub working: u64,
    /// When the oldest of those that wait was taken in.
    pub oldest_waiting_at: Option<Timestamp>,
}

impl Store {
    /// What waits and works, and since when.
    pub async fn queue_figures(&self) -> Result<QueueFigures> {
        let text = "SELECT
            (SELECT COUNT(*) FROM runs WHERE status = 'queued') AS waiting,
            (SELECT COUNT(*) FROM runs WHERE status = 'running') AS working,
            (SELECT created_at FROM runs WHERE status = 'queued' ORDER BY ordinal LIMIT 1) AS oldest";
        let row = self.reader().query_one_raw(sql(text, [])).await?;
        let row = row.ok_or_else(|| Error::Corrupt { table: TABLE, reason: "no counts".into() })?;
        let oldest: Option<i64> = get(&row, "oldest")?;
        Ok(QueueFigures {
            waiting: count(TABLE, get(&row, "waiting")?)?,
            working: count(TABLE, get(&row, "working")?)?,
            oldest_waiting_at: oldest.map(|ms| at(TABLE, ms)).transpose()?,
        })
    }

    /// How many processes use this database, this one among them.
    pub async fn processes(&self) -> Result<u32> {
        self.presence().count().await
    }
}
