//! What people say to runs that are under way.

use domain::{Event, RunId, RunStatus, Timestamp};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use uuid::Uuid;

use crate::connection::Durability;
use crate::events::{Head, advance, insert};
use crate::link::Tx;
use crate::row::{get, ms, sql};
use crate::{ClaimedRun, Result, Store};

/// How much a run may have been told that it has not heard: so many messages,
/// with so many bytes together. Both fit into one message, which they become
/// when the run ends before it hears them.
const UNHEARD: usize = 32;
const UNHEARD_BYTES: usize = 256 * 1024;

/// Between messages that became one.
const BETWEEN: &str = "\n\n";

impl Store {
    /// What people said to this run since it last listened: one `steering` event
    /// each, and heard from now on.
    pub async fn hear(&self, run: &ClaimedRun, step: u32) -> Result<Vec<String>> {
        // Most runs are told nothing, and need not wait for their turn to write.
        if unheard(self.reader(), run.id).await?.is_empty() {
            return Ok(Vec::new());
        }
        let now = ms(self.clock().now());
        let mut write = self.write(Durability::Batched).await?;
        let said = unheard(&write.tx, run.id).await?;
        let event = |message: &String| Event::Steering { step, message: message.clone() };
        let events: Vec<_> = said.iter().map(event).collect();
        let head = advance(&write.tx, run.id, Some(self.process().0), &events).await?;
        insert(&write.tx, &head, &events, now).await?;
        let text = "UPDATE steers SET heard_at = $2 WHERE run_id = $1 AND heard_at IS NULL";
        write.tx.later(sql(text, [run.id.as_uuid().into(), now.into()])).await?;
        write.announce(head.change(crate::News::Log));
        write.commit().await?;
        Ok(said)
    }

    /// Turns what a run was told and never heard into a run of its own, inside
    /// the write that ends it. A session that is deleted, or whose agent takes no
    /// messages, keeps the words and does nothing about them.
    pub(crate) async fn hand_on(&self, tx: &Tx, ended: &Head, now: Timestamp) -> Result<()> {
        let said = unheard(tx, RunId::from_uuid(ended.run_id)).await?;
        if said.is_empty() {
            return Ok(());
        }
        let run_id = self.clock().uuid();
        let text = "INSERT INTO runs
            (id, owner_id, session_id, agent_id, source, status, message, last_seq, created_at)
            SELECT $1, r.owner_id, r.session_id, r.agent_id, r.source, 'queued', $2, 1, $3
            FROM runs r JOIN sessions s ON s.id = r.session_id JOIN agents a ON a.id = r.agent_id
            WHERE r.id = $4 AND s.state <> 'deleted' AND a.status = 'active'";
        let values: [Value; 4] =
            [run_id.into(), said.join(BETWEEN).into(), ms(now).into(), ended.run_id.into()];
        if tx.execute_raw(sql(text, values)).await?.rows_affected() == 0 {
            return Ok(());
        }
        let head = Head::new(run_id, ended.session_id, ended.owner_id, 1);
        insert(tx, &head, &[Event::RunStatus { status: RunStatus::Queued }], ms(now)).await?;
        // The words are there already; they belong to the run that answers them.
        let moved = "UPDATE messages SET run_id = $2 WHERE id IN (
            SELECT id FROM steers WHERE run_id = $1 AND heard_at IS NULL)";
        tx.later(sql(moved, [ended.run_id.into(), run_id.into()])).await?;
        let text = "DELETE FROM steers WHERE run_id = $1 AND heard_at IS NULL";
        tx.later(sql(text, [ended.run_id.into()])).await?;
        Ok(())
    }
}

/// Notes what a person says to a run, inside a write; false if the run has been
/// told too much already. `message_id` is the message that these words are.
pub(crate) async fn steer(
    tx: &Tx,
    run: RunId,
    message_id: Uuid,
    message: &str,
    now: Timestamp,
) -> Result<bool> {
    let before = unheard(tx, run).await?;
    let bytes: usize = before.iter().map(|said| said.len() + BETWEEN.len()).sum();
    if before.len() >= UNHEARD || bytes + message.len() > UNHEARD_BYTES {
        return Ok(false);
    }
    let text = "INSERT INTO steers (id, run_id, session_id, owner_id, message, created_at)
        SELECT $1, r.id, r.session_id, r.owner_id, $2, $3 FROM runs r WHERE r.id = $4";
    let values: [Value; 4] =
        [message_id.into(), message.into(), ms(now).into(), run.as_uuid().into()];
    tx.later(sql(text, values)).await?;
    Ok(true)
}

/// What a run has not heard, oldest first; the bound is kept by `steer`.
async fn unheard<C: ConnectionTrait>(connection: &C, run: RunId) -> Result<Vec<String>> {
    let text = "SELECT message FROM steers WHERE run_id = $1 AND heard_at IS NULL ORDER BY id";
    let rows = connection.query_all_raw(sql(text, [run.as_uuid().into()])).await?;
    rows.iter().map(|row: &QueryResult| get(row, "message")).collect()
}
