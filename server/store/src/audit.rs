//! The record of decisions and of what came of them: written with what it
//! tells of, in the same transaction, and never changed.
//!
//! Each row holds the hash of the one before it, and the end is signed anew with
//! each write (`chain`). A change anywhere shows (`check`). Rows go for their age
//! from the beginning alone, and where they began is signed too (`cut`).

mod chain;
mod check;
mod cut;
mod facts;
mod key;
mod record;
mod row;

use domain::{AgentId, AuditEntry, AuditFilter, CallId, Limit, Page, RunId, SessionId, UserId};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use uuid::Uuid;

pub(crate) use self::chain::{Chain, Draft, END};
pub(crate) use self::cut::cut;
pub(crate) use self::facts::{name, note_events, tells, words};
pub use self::key::AuditKey;
pub(crate) use self::record::{Actor, Record};
use crate::row::{at, count, get, ms, sql, word};
use crate::{Result, Store, cursor};

const TABLE: &str = "audit";

impl Store {
    /// The record, newest first: of one person's runs and doings, or of all.
    pub async fn audit(
        &self,
        of: Option<UserId>,
        filter: &AuditFilter,
        limit: Limit,
        cursor: Option<&str>,
    ) -> Result<Page<AuditEntry>> {
        let (time, seq) = cursor.map_or(Ok((i64::MAX, i64::MAX)), cursor::read_two_numbers)?;
        let mut values: Vec<Value> = vec![time.into(), seq.into()];
        let mut fits = "(a.created_at, a.seq) < ($1, $2)".to_owned();
        let mut narrow = |condition: &str, value: Value| {
            values.push(value);
            fits.push_str(" AND ");
            fits.push_str(&condition.replace('?', &format!("${}", values.len())));
        };
        let AuditFilter { tool, agent_id, kind, run_id, since, until } = filter;
        if let Some(owner) = of {
            narrow("a.owner_id = ?", owner.as_uuid().into());
        }
        if let Some(tool) = tool {
            narrow("a.tool = ?", tool.as_str().into());
        }
        if let Some(agent) = agent_id {
            narrow("a.agent_id = ?", agent.as_uuid().into());
        }
        if let Some(kind) = kind {
            narrow("a.kind = ?", kind.as_str().into());
        }
        if let Some(run) = run_id {
            narrow("a.run_id = ?", run.as_uuid().into());
        }
        if let Some(since) = since {
            narrow("a.created_at >= ?", ms(*since).into());
        }
        if let Some(until) = until {
            narrow("a.created_at <= ?", ms(*until).into());
        }
        let rows = limit.rows() as usize;
        let text = format!(
            "SELECT a.*, u.name AS user_name,
                COALESCE(g.deleted_name || ' (deleted)', g.name) AS agent_name
             FROM audit a LEFT JOIN users u ON u.id = a.actor_id
             LEFT JOIN agents g ON g.id = a.agent_id
             WHERE {fits} ORDER BY a.created_at DESC, a.seq DESC LIMIT {}",
            rows + 1
        );
        let found = self.reader().query_all_raw(sql(&text, values)).await?;
        let mut items = found.iter().map(read).collect::<Result<Vec<_>>>()?;
        let more = items.len() > rows;
        items.truncate(rows);
        let last = items.last().filter(|_| more);
        let number = |seq: u64| i64::try_from(seq).unwrap_or(i64::MAX);
        let next_cursor = last.map(|entry| cursor::two_numbers(ms(entry.at), number(entry.seq)));
        Ok(Page { items, next_cursor })
    }
}

fn read(row: &QueryResult) -> Result<AuditEntry> {
    let id = |column: &str| get::<Option<Uuid>>(row, column);
    let text = |column: &str| get::<Option<String>>(row, column);
    let hash = |column: &str| {
        Ok::<_, crate::Error>(get::<Option<Vec<u8>>>(row, column)?.map(|bytes| hex(&bytes)))
    };
    let (kind, actor): (String, String) = (get(row, "kind")?, get(row, "actor")?);
    Ok(AuditEntry {
        seq: count(TABLE, get(row, "seq")?)?,
        at: at(TABLE, get(row, "created_at")?)?,
        kind: word(TABLE, &kind)?,
        actor: word(TABLE, &actor)?,
        user: text("user_name")?,
        owner_id: id("owner_id")?.map(UserId::from_uuid),
        session_id: id("session_id")?.map(SessionId::from_uuid),
        run_id: id("run_id")?.map(RunId::from_uuid),
        tool_call_id: id("tool_call_id")?.map(CallId::from_uuid),
        agent_id: id("agent_id")?.map(AgentId::from_uuid),
        agent: text("agent_name")?,
        tool: text("tool")?,
        class: text("class")?,
        rule: text("rule")?,
        detail: text("detail")?,
        arguments_hash: hash("arguments_hash")?,
        result_hash: hash("result_hash")?,
        hash: hex(&get::<Vec<u8>>(row, "hash")?),
    })
}

/// Bytes as people read them.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
