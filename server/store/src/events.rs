//! The event log: appended by whoever holds a run's lease, read by everybody.

use domain::{CallId, Event, RunId, SessionId, Timestamp, UserId};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use uuid::Uuid;

use crate::audit::{END, note_events, tells};
use crate::connection::Durability;
use crate::link::Tx;
use crate::row::{at, count, get, ms, sql};
use crate::usage_days::use_on_day;
use crate::{Change, ClaimedRun, Error, News, Result, Store};

const TABLE: &str = "run_events";

/// How many events one statement inserts: five values each, well under
/// SQLite's 32,766.
const ROWS_PER_INSERT: usize = 500;

const COLUMNS: &str = "position, run_id, session_id, seq, payload, created_at";

/// A condition: the event's session was not deleted.
const THERE: &str = "EXISTS (SELECT 1 FROM sessions s
    WHERE s.id = run_events.session_id AND s.state <> 'deleted')";

/// An event as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRecord {
    /// The run it is about.
    pub run_id: RunId,
    /// That run's session.
    pub session_id: SessionId,
    /// Its number in the run, from 1, without gaps.
    pub seq: u64,
    /// Its place in the order of all events.
    pub position: u64,
    /// When it was stored.
    pub at: Timestamp,
    /// The fact.
    pub event: Event,
}

impl Store {
    /// Appends events to a run that this process holds the lease of, and keeps
    /// the run's counters in step with them. They survive the end of the process.
    pub async fn append(&self, run: &ClaimedRun, events: &[Event]) -> Result<()> {
        self.append_as(Durability::Batched, run, events).await
    }

    /// The same; when this returns, they and all before them are on the disk.
    /// Without events, those before them are.
    pub async fn append_safely(&self, run: &ClaimedRun, events: &[Event]) -> Result<()> {
        self.append_as(Durability::Full, run, events).await
    }

    async fn append_as(
        &self,
        durability: Durability,
        run: &ClaimedRun,
        events: &[Event],
    ) -> Result<()> {
        let mut write = self.write(durability).await?;
        let now = ms(self.clock().now());
        let head = advance(&write.tx, run.id, Some(self.process().0), events).await?;
        insert(&write.tx, &head, events, now).await?;
        use_on_day(&write.tx, run.id, now, events).await?;
        write.announce(head.change(News::Log));
        write.commit().await
    }

    /// The place of the newest event of all, 0 before the first.
    pub async fn position(&self) -> Result<u64> {
        let text = "SELECT COALESCE(MAX(position), 0) AS position FROM run_events";
        let row = self.reader().query_one_raw(sql(text, [])).await?;
        row.map_or(Ok(0), |row| count(TABLE, get(&row, "position")?))
    }

    /// Events of a run after a number, in order.
    pub async fn events_after(&self, run: RunId, seq: u64, limit: u32) -> Result<Vec<EventRecord>> {
        let text = format!(
            "SELECT {COLUMNS} FROM run_events WHERE run_id = $1 AND seq > $2 AND {THERE}
             ORDER BY seq LIMIT $3"
        );
        self.events(&text, [run.as_uuid().into(), signed(seq).into(), limit.into()]).await
    }

    /// Events of a run after a number, in order, without deltas.
    pub async fn log_after(&self, run: RunId, seq: u64, limit: u32) -> Result<Vec<EventRecord>> {
        let text = format!(
            "SELECT {COLUMNS} FROM run_events WHERE run_id = $1 AND seq > $2
             AND kind NOT IN ('text.delta', 'thinking.delta') ORDER BY seq LIMIT $3"
        );
        self.events(&text, [run.as_uuid().into(), signed(seq).into(), limit.into()]).await
    }

    /// Events of a session after a position, in order.
    pub async fn session_events_after(
        &self,
        session: SessionId,
        position: u64,
        limit: u32,
    ) -> Result<Vec<EventRecord>> {
        let text = format!(
            "SELECT {COLUMNS} FROM run_events WHERE session_id = $1 AND position > $2 AND {THERE}
             ORDER BY position LIMIT $3"
        );
        self.events(&text, [session.as_uuid().into(), signed(position).into(), limit.into()]).await
    }

    /// A person's events after a position that change what lists show, in
    /// order.
    pub async fn list_events_after(
        &self,
        owner: UserId,
        position: u64,
        limit: u32,
    ) -> Result<Vec<EventRecord>> {
        let text = format!(
            "SELECT {COLUMNS} FROM run_events WHERE position > $2 AND owner_id = $1
             AND kind IN ('run.status', 'tool.end', 'run.end') AND {THERE}
             ORDER BY position LIMIT $3"
        );
        self.events(&text, [owner.as_uuid().into(), signed(position).into(), limit.into()]).await
    }

    /// A person's events after a position: all of one session, and of the others
    /// those that change what lists show; in order.
    pub async fn chat_events_after(
        &self,
        owner: UserId,
        session: SessionId,
        position: u64,
        limit: u32,
    ) -> Result<Vec<EventRecord>> {
        let text = format!(
            "SELECT {COLUMNS} FROM (SELECT {COLUMNS} FROM run_events
                WHERE session_id = $4 AND position > $2 AND {THERE}
                ORDER BY position LIMIT $3) one
            UNION ALL SELECT {COLUMNS} FROM (SELECT {COLUMNS} FROM run_events
                WHERE position > $2 AND owner_id = $1 AND session_id <> $4
                AND kind IN ('run.status', 'tool.end', 'run.end') AND {THERE}
                ORDER BY position LIMIT $3) others
            ORDER BY position LIMIT $3"
        );
        let values: [Value; 4] = [
            owner.as_uuid().into(),
            signed(position).into(),
            limit.into(),
            session.as_uuid().into(),
        ];
        self.events(&text, values).await
    }

    /// Whether a session was not deleted meanwhile.
    pub async fn is_there(&self, session: SessionId) -> Result<bool> {
        let text = "SELECT 1 AS one FROM sessions WHERE id = $1 AND state <> 'deleted'";
        let row = self.reader().query_one_raw(sql(text, [session.as_uuid().into()])).await?;
        Ok(row.is_some())
    }

    /// Events of a run from the beginning of the step that was open at `seq`,
    /// up to and with `seq`: what a reader needs to continue from there.
    pub async fn open_step(&self, run: RunId, seq: u64) -> Result<Vec<EventRecord>> {
        step_up_to(self.reader(), run, seq).await
    }

    /// All events of some runs, by run and in order; deltas only of those in
    /// `live`.
    pub async fn events_of(&self, ended: &[RunId], live: &[RunId]) -> Result<Vec<EventRecord>> {
        let mut found = Vec::new();
        if !ended.is_empty() {
            let text = format!(
                "SELECT {COLUMNS} FROM run_events WHERE run_id IN ({})
                 AND kind NOT IN ('text.delta', 'thinking.delta') ORDER BY run_id, seq",
                placeholders(1, ended.len())
            );
            found = self.events(&text, ended.iter().map(|id| id.as_uuid().into())).await?;
        }
        for run in live {
            let text = format!("SELECT {COLUMNS} FROM run_events WHERE run_id = $1 ORDER BY seq");
            found.extend(self.events(&text, [run.as_uuid().into()]).await?);
        }
        Ok(found)
    }

    /// What a run was made from, as its log says: the hash of its prompt and the
    /// earlier runs that the model was shown.
    pub async fn opening(&self, run: RunId) -> Result<Option<(String, Vec<RunId>)>> {
        let text = format!(
            "SELECT {COLUMNS} FROM run_events WHERE run_id = $1 AND kind = 'run.opening'
             ORDER BY seq LIMIT 1"
        );
        let found = self.events(&text, [run.as_uuid().into()]).await?.pop();
        Ok(found.and_then(|record| match record.event {
            Event::Opening { prompt, history } => Some((prompt, history)),
            _ => None,
        }))
    }

    async fn events<V>(&self, text: &str, values: V) -> Result<Vec<EventRecord>>
    where
        V: IntoIterator<Item = Value>,
    {
        // Words and steps under way were promised to nobody, and whoever reads
        // along does not wait for the disk.
        let rows = self.unsettled().reader().query_all_raw(sql(text, values)).await?;
        let events = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
        if events.iter().any(|record| is_promise(&record.event)) {
            self.wait_as_reading().await?;
        }
        Ok(events)
    }
}

/// Whether people rely on what an event tells: a message was taken in, a run is
/// in another state, somebody was asked or has answered.
fn is_promise(event: &Event) -> bool {
    matches!(
        event,
        Event::RunStatus { .. }
            | Event::RunEnd { .. }
            | Event::ApprovalAsked { .. }
            | Event::ApprovalAnswered { .. }
            | Event::GuidanceAsked { .. }
            | Event::GuidanceAnswered { .. }
            | Event::Steering { .. }
    )
}

/// Events of a run from the beginning of the step that was open at `seq`, up to
/// and with `seq`.
pub(crate) async fn step_up_to<C: ConnectionTrait>(
    connection: &C,
    run: RunId,
    seq: u64,
) -> Result<Vec<EventRecord>> {
    let text = format!(
        "SELECT {COLUMNS} FROM run_events WHERE run_id = $1 AND seq <= $2 AND seq >= (
            SELECT COALESCE(MAX(seq), 0) FROM run_events
            WHERE run_id = $1 AND seq <= $2 AND kind = 'step.start'
            AND kind NOT IN ('text.delta', 'thinking.delta'))
         ORDER BY seq"
    );
    let values: [Value; 2] = [run.as_uuid().into(), signed(seq).into()];
    let rows = connection.query_all_raw(sql(&text, values)).await?;
    rows.iter().map(read).collect()
}

/// What a run's row says when its log grows.
pub(crate) struct Head {
    pub(crate) run_id: Uuid,
    pub(crate) session_id: Uuid,
    pub(crate) owner_id: Uuid,
    /// The agent, where that was read.
    pub(crate) agent_id: Option<Uuid>,
    /// The number of the newest event, the appended ones counted in.
    pub(crate) last_seq: i64,
    /// Where its session's title is from, where that was read.
    pub(crate) title_from: Option<String>,
    /// Whether it was told something that it has not heard.
    pub(crate) has_unheard: bool,
    /// The call that began it, where one did.
    pub(crate) begun_by: Option<ParentCall>,
    /// Whether it began runs that have not ended.
    pub(crate) has_children: bool,
}

/// A call that began a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ParentCall {
    pub(crate) run: RunId,
    pub(crate) call: CallId,
}

impl Head {
    /// The head of a run whose log has only what is about to be inserted.
    pub(crate) fn new(run_id: Uuid, session_id: Uuid, owner_id: Uuid, last_seq: i64) -> Self {
        Self {
            run_id,
            session_id,
            owner_id,
            agent_id: None,
            last_seq,
            title_from: None,
            has_unheard: false,
            begun_by: None,
            has_children: false,
        }
    }

    pub(crate) fn change(&self, news: News) -> Change {
        Change::Run {
            run_id: RunId::from_uuid(self.run_id),
            session_id: SessionId::from_uuid(self.session_id),
            owner_id: UserId::from_uuid(self.owner_id),
            news,
        }
    }
}

/// Makes room in a run for events, and counts them. With a holder only if it
/// still holds the lease; without one the caller has made sure that it may.
pub(crate) async fn advance(
    tx: &Tx,
    run: RunId,
    holder: Option<Uuid>,
    events: &[Event],
) -> Result<Head> {
    let sum = Counters::of(events);
    let mut text = "UPDATE runs SET last_seq = last_seq + $3, steps = steps + $4,
            model = COALESCE($5, model), calls = calls + $6, failed_calls = failed_calls + $7,
            input_tokens = input_tokens + $8, output_tokens = output_tokens + $9,
            cached_tokens = cached_tokens + $11, cost = cost + $12,
            last_summary = COALESCE($10, last_summary)
        WHERE id = $1 AND ($2 IS NULL OR (lease_owner = $2 AND status = 'running'))
        RETURNING session_id, owner_id, agent_id, last_seq,
            (SELECT s.title_from FROM sessions s WHERE s.id = runs.session_id) AS title_from,
            EXISTS (SELECT 1 FROM steers t WHERE t.run_id = runs.id AND t.heard_at IS NULL)
                AS has_unheard,
            parent_id, parent_call_id,
            EXISTS (SELECT 1 FROM runs c WHERE c.parent_id = runs.id AND c.status IN
                ('queued', 'running', 'waiting_approval', 'waiting_guidance')) AS has_children"
        .to_owned();
    // Where the record of decisions ends comes along, so that nobody has to ask.
    let records = events.iter().any(tells);
    if records {
        text.push(',');
        text.push_str(END);
    }
    let values: [Value; 12] = [
        run.as_uuid().into(),
        holder.into(),
        signed(events.len() as u64).into(),
        sum.steps.into(),
        sum.model.into(),
        sum.calls.into(),
        sum.failed_calls.into(),
        sum.input_tokens.into(),
        sum.output_tokens.into(),
        sum.last_summary.into(),
        sum.cached_tokens.into(),
        sum.cost.into(),
    ];
    let row = tx.query_one_raw(sql(&text, values)).await?.ok_or(Error::LeaseLost)?;
    if records {
        tx.audit.learn(&row)?;
    }
    let parent: Option<Uuid> = get(&row, "parent_id")?;
    let call: Option<Uuid> = get(&row, "parent_call_id")?;
    Ok(Head {
        run_id: run.as_uuid(),
        session_id: get(&row, "session_id")?,
        owner_id: get(&row, "owner_id")?,
        agent_id: get(&row, "agent_id")?,
        last_seq: get(&row, "last_seq")?,
        title_from: get(&row, "title_from")?,
        has_unheard: get(&row, "has_unheard")?,
        begun_by: parent.zip(call).map(|(run, call)| ParentCall {
            run: RunId::from_uuid(run),
            call: CallId::from_uuid(call),
        }),
        has_children: get(&row, "has_children")?,
    })
}

/// Makes more room in a run, or gives back what `advance` made, so that others'
/// events can stand before those it was made for. Returns the newest number.
pub(crate) async fn move_on(tx: &Tx, run: RunId, by: i64) -> Result<i64> {
    let text = "UPDATE runs SET last_seq = last_seq + $2 WHERE id = $1 RETURNING last_seq";
    let row = tx.query_one_raw(sql(text, [run.as_uuid().into(), by.into()])).await?;
    get(&row.ok_or(Error::NotFound("run"))?, "last_seq")
}

/// Writes events that a head has made room for.
/// What they tell of decisions is noted for the record.
pub(crate) async fn insert(tx: &Tx, head: &Head, events: &[Event], now: i64) -> Result<()> {
    note_events(&tx.audit, head, events, now);
    let mut seq = head.last_seq - signed(events.len() as u64);
    for chunk in events.chunks(ROWS_PER_INSERT) {
        let mut values: Vec<Value> =
            vec![head.run_id.into(), head.session_id.into(), head.owner_id.into(), now.into()];
        let mut rows = Vec::with_capacity(chunk.len());
        for event in chunk {
            seq += 1;
            let payload = serde_json::to_string(event)
                .map_err(|error| Error::Corrupt { table: TABLE, reason: error.to_string() })?;
            let n = values.len();
            rows.push(format!("($1, $2, $3, $4, ${}, ${}, ${})", n + 1, n + 2, n + 3));
            values.extend([seq.into(), event.kind().as_str().into(), payload.into()]);
        }
        let text = format!(
            "INSERT INTO run_events
                (run_id, session_id, owner_id, created_at, seq, kind, payload) VALUES {}",
            rows.join(", ")
        );
        tx.later(sql(&text, values)).await?;
    }
    Ok(())
}

fn read(row: &QueryResult) -> Result<EventRecord> {
    let payload: String = get(row, "payload")?;
    let event = serde_json::from_str(&payload)
        .map_err(|error| Error::Corrupt { table: TABLE, reason: error.to_string() })?;
    Ok(EventRecord {
        run_id: RunId::from_uuid(get(row, "run_id")?),
        session_id: SessionId::from_uuid(get(row, "session_id")?),
        seq: count(TABLE, get(row, "seq")?)?,
        position: count(TABLE, get(row, "position")?)?,
        at: at(TABLE, get(row, "created_at")?)?,
        event,
    })
}

/// `$from, …` for a list of values.
pub(crate) fn placeholders(from: usize, values: usize) -> String {
    (from..from + values).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// What events add to their run's row.
#[derive(Default)]
struct Counters {
    steps: i64,
    model: Option<String>,
    calls: i64,
    failed_calls: i64,
    input_tokens: i64,
    output_tokens: i64,
    cached_tokens: i64,
    cost: i64,
    last_summary: Option<String>,
}

impl Counters {
    fn of(events: &[Event]) -> Self {
        let mut sum = Self::default();
        for event in events {
            match event {
                Event::StepStart { model, .. } => {
                    sum.steps += 1;
                    sum.model = Some(model.clone());
                }
                Event::ToolStart { .. } => sum.calls += 1,
                Event::ToolEnd { summary, error_code, .. } => {
                    sum.failed_calls += i64::from(error_code.is_some());
                    sum.last_summary = Some(summary.clone());
                }
                Event::Usage { input_tokens, output_tokens, cached_tokens, cost, .. } => {
                    sum.input_tokens += signed(*input_tokens);
                    sum.output_tokens += signed(*output_tokens);
                    sum.cached_tokens += signed(*cached_tokens);
                    sum.cost += signed(cost.unwrap_or_default());
                }
                _ => {}
            }
        }
        sum
    }
}
