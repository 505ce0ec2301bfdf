//! Reading runs.

use domain::{
    AgentId, Limit, Page, RunError, RunFilter, RunId, RunView, SessionId, Timestamp, UserId,
};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use uuid::Uuid;

use crate::row::{at, count, get, sql, word};
use crate::{Error, Result, Store, cursor};

const TABLE: &str = "runs";

const COLUMNS: &str = "r.*, s.title AS session_title,
    COALESCE(a.deleted_name || ' (deleted)', a.name) AS agent,
    CASE WHEN r.status = 'queued' THEN (SELECT COUNT(*) FROM runs q
        WHERE q.status = 'queued' AND q.ordinal <= r.ordinal) END AS queue_position
    FROM runs r JOIN sessions s ON s.id = r.session_id JOIN agents a ON a.id = r.agent_id";

impl Store {
    /// A person's runs, newest first.
    pub async fn runs(
        &self,
        owner: UserId,
        filter: &RunFilter,
        limit: Limit,
        cursor: Option<&str>,
    ) -> Result<Page<RunView>> {
        let before = cursor.map_or(Ok(i64::MAX), cursor::read_number)?;
        let mut values: Vec<Value> = vec![owner.as_uuid().into(), before.into()];
        let mut parts = ["r.owner_id = $1", "s.state <> 'deleted'", "r.ordinal < $2"]
            .map(str::to_owned)
            .to_vec();
        let mut fits = |column: &str, value: Value| {
            values.push(value);
            parts.push(format!("r.{column} = ${}", values.len()));
        };
        if let Some(status) = filter.status {
            fits("status", status.as_str().into());
        }
        if let Some(agent) = filter.agent_id {
            fits("agent_id", agent.as_uuid().into());
        }
        if let Some(source) = filter.source {
            fits("source", source.as_str().into());
        }
        if let Some(session) = filter.session_id {
            fits("session_id", session.as_uuid().into());
        }
        let rows = limit.rows() as usize;
        let text = format!(
            "SELECT {COLUMNS} WHERE {} ORDER BY r.ordinal DESC LIMIT {}",
            parts.join(" AND "),
            rows + 1
        );
        let found = self.reader().query_all_raw(sql(&text, values)).await?;
        let next_cursor = match found.get(rows) {
            Some(_) => found.get(rows - 1).map(|row| get(row, "ordinal")).transpose()?,
            None => None,
        };
        let items = found.iter().take(rows).map(read).collect::<Result<_>>()?;
        Ok(Page { items, next_cursor: next_cursor.map(cursor::number) })
    }

    /// One run of a person.
    pub async fn run(&self, owner: UserId, id: RunId) -> Result<RunView> {
        let text = format!(
            "SELECT {COLUMNS} WHERE r.id = $1 AND r.owner_id = $2 AND s.state <> 'deleted'"
        );
        let values: [Value; 2] = [id.as_uuid().into(), owner.as_uuid().into()];
        let row = self.reader().query_one_raw(sql(&text, values)).await?;
        read(&row.ok_or(Error::NotFound("run"))?)
    }

    pub(crate) async fn run_views<V>(&self, condition: &str, values: V) -> Result<Vec<RunView>>
    where
        V: IntoIterator<Item = Value>,
    {
        let text = format!("SELECT {COLUMNS} WHERE {condition}");
        let rows = self.reader().query_all_raw(sql(&text, values)).await?;
        rows.iter().map(read).collect()
    }
}

fn read(row: &QueryResult) -> Result<RunView> {
    let (status, source): (String, String) = (get(row, "status")?, get(row, "source")?);
    let cleared: String = get(row, "cleared")?;
    let error_code: Option<String> = get(row, "error_code")?;
    let message: Option<String> = get(row, "error_message")?;
    let error = match error_code {
        Some(code) => {
            Some(RunError { code: word(TABLE, &code)?, message: message.unwrap_or_default() })
        }
        None => None,
    };
    let position: Option<i64> = get(row, "queue_position")?;
    let parent: Option<Uuid> = get(row, "parent_id")?;
    Ok(RunView {
        id: RunId::from_uuid(get(row, "id")?),
        session_id: SessionId::from_uuid(get(row, "session_id")?),
        session_title: get(row, "session_title")?,
        agent_id: AgentId::from_uuid(get(row, "agent_id")?),
        agent: get(row, "agent")?,
        source: word(TABLE, &source)?,
        status: word(TABLE, &status)?,
        queue_position: position.map(|position| count(TABLE, position)).transpose()?,
        message: get(row, "message")?,
        answer: get(row, "answer")?,
        model: get(row, "model")?,
        steps: count(TABLE, get(row, "steps")?)?,
        calls: count(TABLE, get(row, "calls")?)?,
        failed_calls: count(TABLE, get(row, "failed_calls")?)?,
        input_tokens: count(TABLE, get(row, "input_tokens")?)?,
        output_tokens: count(TABLE, get(row, "output_tokens")?)?,
        cached_tokens: count(TABLE, get(row, "cached_tokens")?)?,
        cost: count(TABLE, get(row, "cost")?)?,
        parent_id: parent.map(RunId::from_uuid),
        depth: count(TABLE, get(row, "depth")?)?,
        last_summary: get(row, "last_summary")?,
        error,
        last_seq: count(TABLE, get(row, "last_seq")?)?,
        cleared: word(TABLE, &cleared)?,
        created_at: at(TABLE, get(row, "created_at")?)?,
        started_at: optional_time(row, "started_at")?,
        ended_at: optional_time(row, "ended_at")?,
    })
}

fn optional_time(row: &QueryResult, column: &str) -> Result<Option<Timestamp>> {
    let ms: Option<i64> = get(row, column)?;
    ms.map(|ms| at(TABLE, ms)).transpose()
}
