//! Calls of the past by their time: what rules would say of them today.

use domain::{AgentId, CallId, Channel, Event, Limit, Page, RunId, Timestamp};
use sea_orm::{ConnectionTrait, QueryResult, Value};

use crate::row::{at, get, ms, sql, word};
use crate::{Error, Result, Store, cursor};

const TABLE: &str = "run_events";

/// A call that began, as the log has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastCall {
    /// When it began.
    pub at: Timestamp,
    /// The call.
    pub call: CallId,
    /// The run that made it.
    pub run_id: RunId,
    /// That run's agent.
    pub agent_id: AgentId,
    /// The way in by which that run came.
    pub source: Channel,
    /// The tool's name, as the model gave it.
    pub tool: String,
    /// The arguments as JSON text, as the model gave them.
    pub arguments: String,
}

impl Store {
    /// The calls that began at a moment or later, of one agent or of all, oldest
    /// first. Of runs whose events were cleared nothing is known any more.
    pub async fn past_calls(
        &self,
        agent: Option<AgentId>,
        since: Timestamp,
        limit: Limit,
        cursor: Option<&str>,
    ) -> Result<Page<PastCall>> {
        let (from, position) = match cursor {
            Some(cursor) => cursor::read_two_numbers(cursor)?,
            None => (ms(since), 0),
        };
        let mut values: Vec<Value> = vec![from.into(), position.into()];
        let mut of = "";
        if let Some(agent) = agent {
            values.push(agent.as_uuid().into());
            of = "AND r.agent_id = $3";
        }
        let rows = limit.rows() as usize;
        // By their time whatever else is asked: SQLite keeps to the order of a
        // cross join.
        let text = format!(
            "SELECT e.position, e.created_at, e.payload, e.run_id, r.agent_id, r.source
             FROM run_events e CROSS JOIN runs r
             WHERE r.id = e.run_id AND e.kind = 'tool.start' AND (e.created_at, e.position) > ($1, $2) {of}
             ORDER BY e.created_at, e.position LIMIT {}",
            rows + 1
        );
        let mut found = self.reader().query_all_raw(sql(&text, values)).await?;
        let more = found.len() > rows;
        found.truncate(rows);
        let next_cursor = match found.last().filter(|_| more) {
            Some(row) => Some(cursor::two_numbers(get(row, "created_at")?, get(row, "position")?)),
            None => None,
        };
        Ok(Page { items: found.iter().map(read).collect::<Result<_>>()?, next_cursor })
    }
}

fn read(row: &QueryResult) -> Result<PastCall> {
    let corrupt = |reason: String| Error::Corrupt { table: TABLE, reason };
    let (payload, source): (String, String) = (get(row, "payload")?, get(row, "source")?);
    let event = serde_json::from_str(&payload).map_err(|error| corrupt(error.to_string()))?;
    let Event::ToolStart { tool_call_id, tool, arguments, .. } = event else {
        return Err(corrupt("its kind is not that of its event".to_owned()));
    };
    Ok(PastCall {
        at: at(TABLE, get(row, "created_at")?)?,
        call: tool_call_id,
        run_id: RunId::from_uuid(get(row, "run_id")?),
        agent_id: AgentId::from_uuid(get(row, "agent_id")?),
        source: word("runs", &source)?,
        tool,
        arguments,
    })
}
