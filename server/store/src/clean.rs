//! Clean-up of what has outlived its age limit, in small steps.
//!
//! A step is one short write transaction, so nobody waits for it longer than
//! for any other write. Which rows go is decided by the time and the age limits
//! that are handed in; a step that is repeated finds nothing more to do.

use std::collections::BTreeMap;

use domain::{Retention, Timestamp};
use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use crate::audit::{Chain, cut};
use crate::connection::Durability;
use crate::link::Tx;
use crate::prompts::NOTED_MS;
use crate::row::{get, ms, sql};
use crate::submit::KEY_AGE_MS;
use crate::{Result, Store};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// How many rows one step removes at most.
const ROWS: u64 = 500;

/// How many rows a message counts for: the search gives up its words too.
const MESSAGE_WEIGHT: u64 = 10;

/// How many rows a picture counts for: its bytes fill many pages.
const PICTURE_WEIGHT: u64 = 50;

/// How many days back it is kept what agents used.
const USAGE_DAYS: i64 = 400;

/// How many days the record of decisions goes back, and grants that hold no more.
const RECORD_DAYS: i64 = 400;

/// A run that something still happens to.
const AT_WORK: &str = "SELECT 1 FROM runs w WHERE w.session_id = s.id
    AND w.status IN ('queued', 'running', 'waiting_approval', 'waiting_guidance')";

/// A session that a run of this one began. It is cleared before what it hangs on.
const BELOW: &str = "SELECT 1 FROM runs p JOIN sessions c ON c.parent_run_id = p.id
    WHERE p.session_id = s.id";

/// What a session consists of, in an order that leaves no row without what it
/// refers to. `$1` is the session.
const PARTS: &[(&str, &str, &str)] = &[
    ("idempotency_keys", "run_id", "run_id IN (SELECT id FROM runs WHERE session_id = $1)"),
    ("grants", "id", "run_id IN (SELECT id FROM runs WHERE session_id = $1)"),
    ("approvals", "id", "session_id = $1"),
    ("steers", "id", "session_id = $1"),
    ("outbox", "id", "run_id IN (SELECT id FROM runs WHERE session_id = $1)"),
    ("pictures", "id", "session_id = $1"),
    ("messages", "id", "session_id = $1"),
    ("run_events", "position", "session_id = $1"),
    ("runs", "id", "session_id = $1"),
    ("sessions", "id", "id = $1"),
];

/// What one step did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// How many rows went, by table.
    pub rows: BTreeMap<&'static str, u64>,
    /// Whether the step ended because it had done enough, not because there was
    /// nothing more to do.
    pub more: bool,
}

impl Cleaned {
    /// Counts another step in.
    pub fn add(&mut self, step: &Self) {
        for (table, rows) in &step.rows {
            *self.rows.entry(table).or_default() += rows;
        }
        self.more = step.more;
    }

    /// The rows of all tables.
    pub fn total(&self) -> u64 {
        self.rows.values().sum()
    }
}

impl Store {
    /// Removes up to 500 rows that are too old at a moment, or that belong to a
    /// deleted session.
    pub async fn clean_step(&self, now: Timestamp, kept: &Retention) -> Result<Cleaned> {
        let write = self.write(Durability::Batched).await?;
        let chain = self.chain();
        let mut step = Step { tx: &write.tx, chain, room: ROWS, cleaned: Cleaned::default() };
        let now = ms(now);
        let days_ago = |days: u32| now - i64::from(days) * DAY_MS;
        step.expired(now, days_ago(kept.outbox_days)).await?;
        step.unused(now, days_ago(kept.events_days)).await?;
        step.records(now - RECORD_DAYS * DAY_MS, now).await?;
        if let Some(days) = kept.sessions_days {
            step.give_up_sessions(days_ago(days)).await?;
        }
        step.deleted_sessions().await?;
        step.events(days_ago(kept.events_days)).await?;
        step.deltas(days_ago(kept.deltas_days)).await?;
        let cleaned = Cleaned { more: step.room == 0, ..step.cleaned };
        write.commit().await?;
        Ok(cleaned)
    }
}

/// A step under way: what it may still remove, and what it has removed.
struct Step<'a> {
    tx: &'a Tx,
    chain: &'a Chain,
    room: u64,
    cleaned: Cleaned,
}

impl Step<'_> {
    async fn expired(&mut self, now: i64, outbox: i64) -> Result<()> {
        for (table, key, condition, limit) in [
            ("login_sessions", "token_hash", "expires_at <= $1", now),
            ("form_notes", "id_hash", "expires_at <= $1", now),
            ("idempotency_keys", "run_id", "created_at <= $1", now - KEY_AGE_MS),
            ("outbox", "id", "delivered_at IS NOT NULL AND delivered_at <= $1", outbox),
            ("grants", "id", "expires_at <= $1", now - RECORD_DAYS * DAY_MS),
            ("grants", "id", "removed_at <= $1", now - RECORD_DAYS * DAY_MS),
        ] {
            self.delete(table, key, condition, limit.into()).await?;
        }
        Ok(())
    }

    /// What agents used on days long past, and prompts that no steps that are
    /// still there were sent. Their use is noted once a day.
    async fn unused(&mut self, now: i64, events: i64) -> Result<()> {
        self.delete("prompts", "hash", "used_at <= $1", (events - NOTED_MS).into()).await?;
        if self.room > 0 {
            self.days_before(now / DAY_MS - USAGE_DAYS).await?;
        }
        Ok(())
    }

    /// The beginning of the record of decisions.
    async fn records(&mut self, before: i64, now: i64) -> Result<()> {
        if self.room == 0 {
            return Ok(());
        }
        let gone = cut(self.chain, self.tx, before, now, self.room).await?;
        if gone > 0 {
            *self.cleaned.rows.entry("audit").or_default() += gone;
            self.use_up(gone);
        }
        Ok(())
    }

    async fn days_before(&mut self, day: i64) -> Result<()> {
        let text = "DELETE FROM usage_days WHERE (agent_id, day) IN (
            SELECT agent_id, day FROM usage_days WHERE day < $1 LIMIT $2)";
        let values: [Value; 2] = [day.into(), self.room.cast_signed().into()];
        let gone = self.tx.execute_raw(sql(text, values)).await?.rows_affected();
        if gone > 0 {
            *self.cleaned.rows.entry("usage_days").or_default() += gone;
            self.use_up(gone);
        }
        Ok(())
    }

    /// Deletes sessions for their age, as a person would.
    async fn give_up_sessions(&mut self, before: i64) -> Result<()> {
        let text = format!(
            "UPDATE sessions SET state = 'deleted' WHERE id IN (
                SELECT s.id FROM sessions s WHERE s.updated_at <= $1
                AND s.state IN ('active', 'archived') AND NOT EXISTS ({AT_WORK}) LIMIT $2)"
        );
        let values: [Value; 2] = [before.into(), self.room.cast_signed().into()];
        let given_up = self.tx.execute_raw(sql(&text, values)).await?.rows_affected();
        self.use_up(given_up);
        Ok(())
    }

    async fn deleted_sessions(&mut self) -> Result<()> {
        let text = format!(
            "SELECT s.id FROM sessions s WHERE s.state = 'deleted' AND NOT EXISTS ({AT_WORK})
             AND NOT EXISTS ({BELOW}) LIMIT 1"
        );
        while self.room > 0 {
            let Some(row) = self.tx.query_one_raw(sql(&text, [])).await? else { break };
            let session: Uuid = get(&row, "id")?;
            for (table, key, condition) in PARTS {
                if !self.delete(table, key, condition, session.into()).await? {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Clears whole logs. A run is marked before its first event goes, so nobody
    /// takes the rest for all of it.
    async fn events(&mut self, before: i64) -> Result<()> {
        for (cleared, before) in [("clearing", i64::MAX), ("deltas", before), ("nothing", before)] {
            while self.room > 0 {
                let Some(run) = self.next(cleared, before).await? else { break };
                self.mark(run, "clearing").await?;
                for (table, key) in [("pictures", "id"), ("run_events", "position")] {
                    if !self.delete(table, key, "run_id = $1", run.into()).await? {
                        return Ok(());
                    }
                }
                self.mark(run, "events").await?;
            }
        }
        Ok(())
    }

    async fn deltas(&mut self, before: i64) -> Result<()> {
        let deltas = "run_id = $1 AND kind IN ('text.delta', 'thinking.delta')";
        while self.room > 0 {
            let Some(run) = self.next("nothing", before).await? else { break };
            if !self.delete("run_events", "position", deltas, run.into()).await? {
                return Ok(());
            }
            self.mark(run, "deltas").await?;
        }
        Ok(())
    }

    /// A run that ended by a moment and has had this much cleared.
    async fn next(&self, cleared: &str, before: i64) -> Result<Option<Uuid>> {
        let text = "SELECT id FROM runs
            WHERE cleared = $1 AND ended_at IS NOT NULL AND ended_at <= $2 LIMIT 1";
        let values: [Value; 2] = [cleared.into(), before.into()];
        let row = self.tx.query_one_raw(sql(text, values)).await?;
        row.map(|row| get(&row, "id")).transpose()
    }

    async fn mark(&mut self, run: Uuid, cleared: &str) -> Result<()> {
        let text = "UPDATE runs SET cleared = $2 WHERE id = $1";
        self.tx.execute_raw(sql(text, [run.into(), cleared.into()])).await?;
        self.use_up(1);
        Ok(())
    }

    /// Removes as many rows as there is room for; true if those were all.
    async fn delete(
        &mut self,
        table: &'static str,
        key: &str,
        condition: &str,
        value: Value,
    ) -> Result<bool> {
        let weight = match table {
            "messages" => MESSAGE_WEIGHT,
            "pictures" => PICTURE_WEIGHT,
            _ => 1,
        };
        let limit = self.room / weight;
        if limit == 0 {
            self.room = 0;
            return Ok(false);
        }
        let text = format!(
            "DELETE FROM {table} WHERE {key} IN (
                SELECT {key} FROM {table} WHERE {condition} LIMIT $2)"
        );
        let values: [Value; 2] = [value, limit.cast_signed().into()];
        let gone = self.tx.execute_raw(sql(&text, values)).await?.rows_affected();
        if gone > 0 {
            *self.cleaned.rows.entry(table).or_default() += gone;
            self.use_up(gone * weight);
        }
        if gone >= limit {
            self.room = 0;
        }
        Ok(gone < limit)
    }

    fn use_up(&mut self, rows: u64) {
        self.room = self.room.saturating_sub(rows);
    }
}
