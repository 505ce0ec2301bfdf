//! Runs that runs begin: taken in, counted together, and stopped with the run
//! that began them.
//!
//! A child is a run like any other, in a session of its own that hangs on the run
//! whose call began it. It begins at work, held by the process that works on its
//! parent, so that it takes no place of the queue and needs no worker.

use std::pin::Pin;
use std::time::Duration;

use domain::{
    AgentId, AgentStatus, CallId, Event, RunId, RunStatus, SessionId, Timestamp, UserId,
    first_title,
};
use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use crate::connection::{Durability, Write};
use crate::events::{Head, ParentCall, advance, insert};
use crate::link::Tx;
use crate::queue::{lease_ms, read_open};
use crate::row::{count, get, ms, sql, word};
use crate::{ClaimedRun, Error, News, Result, Store};

const TABLE: &str = "runs";

/// How many runs may stand above one, at most: the deepest begin no others.
pub const DEEPEST: u32 = 2;

/// The events that brought words from outside. No text in an event can look like
/// this mark: its quotes would stand behind backslashes.
const FROM_OUTSIDE: &str = r#"WHERE e.kind = 'tool.end' AND e.payload LIKE '%,"taint":{%'"#;

/// How many children a run may have that have not ended, and in all.
const MOST_OPEN: i64 = 8;
const MOST: i64 = 32;

/// A task that a run gives to another.
#[derive(Debug, Clone)]
pub struct NewChild {
    /// The run that gives it, which this process holds.
    pub parent: ClaimedRun,
    /// Its call.
    pub call: CallId,
    /// Who gets it.
    pub whom: Whom,
    /// The task.
    pub message: String,
}

/// Who gets a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whom {
    /// An agent, in a session of its own.
    Agent(AgentId),
    /// A session that a run of the same conversation began before.
    Session(SessionId),
}

/// What became of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// A run has it, and this process holds that run.
    Started(ClaimedRun),
    /// The agent takes no messages.
    AgentNotActive(AgentStatus),
    /// No run of this conversation began that session.
    NoSession,
    /// Something works or waits in the session.
    Busy,
    /// So many children have not ended; there may be no more at a time.
    TooManyOpen(u32),
    /// So many children were begun; there may be no more at all.
    TooMany(u32),
}

/// What a run and everything below it used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TreeUse {
    /// Tokens sent and written.
    pub tokens: u64,
    /// What they cost, in millionths of a US dollar, as far as prices are known.
    pub cost: u64,
}

impl Store {
    /// Begins a run for a task of another run, at work at once.
    pub async fn begin_child(&self, new: NewChild, lease: Duration) -> Result<Begun> {
        let NewChild { parent, call, whom, message } = new;
        let now = self.clock().now();
        let mut write = self.write(Durability::Full).await?;
        if let Some(full) = full(&write.tx, parent.id).await? {
            return Ok(full);
        }
        let session_id = match whom {
            Whom::Agent(agent) => self.hang(&write.tx, &parent, agent, &message, now).await?,
            Whom::Session(session) => match go_on(&write.tx, &parent, session, now).await? {
                None => session,
                Some(refused) => return Ok(refused),
            },
        };
        let (agent, status) = agent_of(&write.tx, session_id).await?;
        if status != AgentStatus::Active {
            return Ok(Begun::AgentNotActive(status));
        }
        let id = RunId::from_uuid(self.clock().uuid());
        let events = [RunStatus::Queued, RunStatus::Running];
        let events = events.map(|status| Event::RunStatus { status });
        let text = "INSERT INTO runs
                (id, owner_id, session_id, agent_id, source, status, message, last_seq, created_at,
                 started_at, lease_owner, lease_until, parent_id, parent_call_id, depth)
            SELECT $1, p.owner_id, s.id, s.agent_id, p.source, 'running', $2, 2, $3, $3, $4, $5,
                p.id, $6, p.depth + 1
            FROM runs p CROSS JOIN sessions s WHERE p.id = $7 AND s.id = $8
            RETURNING agent_id, depth, source";
        let values: [Value; 8] = [
            id.as_uuid().into(),
            message.as_str().into(),
            ms(now).into(),
            self.process().0.into(),
            (ms(now) + lease_ms(lease)).into(),
            call.as_uuid().into(),
            parent.id.as_uuid().into(),
            session_id.as_uuid().into(),
        ];
        let row = write.tx.query_one_raw(sql(text, values)).await?.ok_or(Error::NotFound("run"))?;
        let agent_id = AgentId::from_uuid(get(&row, "agent_id")?);
        let depth = count(TABLE, get(&row, "depth")?)?;
        self.say(&write.tx, parent.owner_id, session_id, id, "user", &message, now).await?;
        let (session, owner) = (session_id.as_uuid(), parent.owner_id.as_uuid());
        let head = Head::new(id.as_uuid(), session, owner, 2);
        insert(&write.tx, &head, &events, ms(now)).await?;
        write.announce(head.change(News::Status));
        let told = [Event::AgentChild {
            tool_call_id: call,
            child: id,
            agent,
            status: RunStatus::Running,
        }];
        let above = advance(&write.tx, parent.id, Some(self.process().0), &told).await?;
        insert(&write.tx, &above, &told, ms(now)).await?;
        write.announce(above.change(News::Log));
        write.commit().await?;
        Ok(Begun::Started(ClaimedRun {
            id,
            session_id,
            agent_id,
            owner_id: parent.owner_id,
            parent_id: Some(parent.id),
            depth,
            source: word(TABLE, &get::<String>(&row, "source")?)?,
            message,
            last_seq: 2,
        }))
    }

    /// The run at the top of a run's family, and its agent.
    pub async fn root(&self, run: RunId) -> Result<(RunId, AgentId)> {
        let text = "WITH RECURSIVE few (id, parent_id, agent_id) AS (
                SELECT id, parent_id, agent_id FROM runs WHERE id = $1
                UNION ALL SELECT r.id, r.parent_id, r.agent_id
                FROM few JOIN runs r ON r.id = few.parent_id)
            SELECT id, agent_id FROM few WHERE parent_id IS NULL";
        let row = self.reader().query_one_raw(sql(text, [run.as_uuid().into()])).await?;
        let row = row.ok_or(Error::NotFound("run"))?;
        Ok((RunId::from_uuid(get(&row, "id")?), AgentId::from_uuid(get(&row, "agent_id")?)))
    }

    /// The agents of the runs above a run, the nearest first.
    pub async fn agents_above(&self, run: RunId) -> Result<Vec<AgentId>> {
        let text = "WITH RECURSIVE few (parent_id, agent_id, depth) AS (
                SELECT parent_id, agent_id, depth FROM runs WHERE id = $1
                UNION ALL SELECT r.parent_id, r.agent_id, r.depth
                FROM few JOIN runs r ON r.id = few.parent_id)
            SELECT agent_id FROM few ORDER BY depth DESC";
        let rows = self.reader().query_all_raw(sql(text, [run.as_uuid().into()])).await?;
        let agent = |row| Ok(AgentId::from_uuid(get(row, "agent_id")?));
        // The first is the run's own.
        rows.iter().skip(1).map(agent).collect()
    }

    /// Whether a run that a call of this one began has read words from outside,
    /// or what that one began.
    pub async fn children_read_outside(&self, run: RunId, call: CallId) -> Result<bool> {
        let text = format!(
            "WITH RECURSIVE few (id) AS (
                SELECT id FROM runs WHERE parent_id = $1 AND parent_call_id = $2
                UNION ALL SELECT r.id FROM few JOIN runs r ON r.parent_id = few.id)
            SELECT EXISTS (SELECT 1 FROM few JOIN run_events e ON e.run_id = few.id {FROM_OUTSIDE})
                AS has_read"
        );
        let values: [Value; 2] = [run.as_uuid().into(), call.as_uuid().into()];
        let row = self.reader().query_one_raw(sql(&text, values)).await?;
        get(&row.ok_or(Error::NotFound("run"))?, "has_read")
    }

    /// Whether a run above this one has read words from outside.
    pub async fn read_outside_above(&self, run: RunId) -> Result<bool> {
        let text = format!(
            "WITH RECURSIVE few (id, parent_id) AS (
                SELECT p.id, p.parent_id FROM runs r JOIN runs p ON p.id = r.parent_id
                WHERE r.id = $1
                UNION ALL SELECT p.id, p.parent_id FROM few JOIN runs p ON p.id = few.parent_id)
            SELECT EXISTS (SELECT 1 FROM few JOIN run_events e ON e.run_id = few.id {FROM_OUTSIDE})
                AS has_read"
        );
        let row = self.reader().query_one_raw(sql(&text, [run.as_uuid().into()])).await?;
        get(&row.ok_or(Error::NotFound("run"))?, "has_read")
    }

    /// What a run and everything below it used so far.
    pub async fn tree_use(&self, root: RunId) -> Result<TreeUse> {
        let text = "WITH RECURSIVE few (id, tokens, cost) AS (
                SELECT id, input_tokens + output_tokens, cost FROM runs WHERE id = $1
                UNION ALL SELECT r.id, r.input_tokens + r.output_tokens, r.cost
                FROM few JOIN runs r ON r.parent_id = few.id)
            SELECT CAST(COALESCE(SUM(tokens), 0) AS BIGINT) AS tokens,
                CAST(COALESCE(SUM(cost), 0) AS BIGINT) AS cost FROM few";
        let row = self.reader().query_one_raw(sql(text, [root.as_uuid().into()])).await?;
        let row = row.ok_or(Error::NotFound("run"))?;
        Ok(TreeUse {
            tokens: count(TABLE, get(&row, "tokens")?)?,
            cost: count(TABLE, get(&row, "cost")?)?,
        })
    }

    /// Begins a session that hangs on a run.
    async fn hang(
        &self,
        tx: &Tx,
        parent: &ClaimedRun,
        agent: AgentId,
        message: &str,
        now: Timestamp,
    ) -> Result<SessionId> {
        let id = SessionId::from_uuid(self.clock().uuid());
        let text = "INSERT INTO sessions (id, owner_id, agent_id, channel, title, created_at,
                updated_at, parent_run_id)
            SELECT $1, p.owner_id, $2, p.source, $3, $4, $4, p.id FROM runs p WHERE p.id = $5";
        let values: [Value; 5] = [
            id.as_uuid().into(),
            agent.as_uuid().into(),
            first_title(message).into(),
            ms(now).into(),
            parent.id.as_uuid().into(),
        ];
        tx.execute_raw(sql(text, values)).await?;
        Ok(id)
    }

    /// Stops what a run began and what has not ended, inside the write that ends
    /// the run: asks it to, if it works; ends it here and now, if it waits. A
    /// child that ends so takes its own children with it, hence the box.
    pub(crate) fn stop_children<'a>(
        &'a self,
        write: &'a mut Write<'_>,
        run: RunId,
        now: Timestamp,
    ) -> Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>> {
        Box::pin(async move {
            let text = "SELECT id, session_id, owner_id, status, parent_call_id FROM runs
                WHERE parent_id = $1
                AND status IN ('queued', 'running', 'waiting_approval', 'waiting_guidance')";
            let rows = write.tx.query_all_raw(sql(text, [run.as_uuid().into()])).await?;
            for row in &rows {
                let open = read_open(row, UserId::from_uuid(get(row, "owner_id")?))?;
                let child = open.run_id;
                let call: Option<Uuid> = get(row, "parent_call_id")?;
                let stopped = self.stop_in(write, open, now).await?;
                // One that works ends later, when nobody is left to be told: so
                // what comes of it is told now.
                if let Some(call) = call.filter(|_| stopped == RunStatus::Running) {
                    let by = ParentCall { run, call: CallId::from_uuid(call) };
                    tell_parent(write, by, child, RunStatus::Cancelled, now).await?;
                }
            }
            Ok(())
        })
    }
}

/// Whether a run has begun as many others as it may.
async fn full(tx: &Tx, parent: RunId) -> Result<Option<Begun>> {
    let text = "SELECT COUNT(*) AS begun, COUNT(*) FILTER (WHERE status IN
            ('queued', 'running', 'waiting_approval', 'waiting_guidance')) AS open
        FROM runs WHERE parent_id = $1";
    let row = tx.query_one_raw(sql(text, [parent.as_uuid().into()])).await?;
    let row = row.ok_or_else(|| Error::Corrupt { table: TABLE, reason: "no counts".into() })?;
    let (begun, open): (i64, i64) = (get(&row, "begun")?, get(&row, "open")?);
    Ok(if begun >= MOST {
        Some(Begun::TooMany(count(TABLE, begun)?))
    } else if open >= MOST_OPEN {
        Some(Begun::TooManyOpen(count(TABLE, open)?))
    } else {
        None
    })
}

/// Takes up a session that a run of the parent's session began; says why it
/// cannot be. Nobody waits for what stands before him in a session: with one
/// worker, that would never get its turn.
async fn go_on(
    tx: &Tx,
    parent: &ClaimedRun,
    session: SessionId,
    now: Timestamp,
) -> Result<Option<Begun>> {
    let text = "UPDATE sessions SET updated_at = $4, state = 'active'
        WHERE id = $1 AND owner_id = $2 AND state <> 'deleted'
        AND EXISTS (SELECT 1 FROM runs p WHERE p.id = sessions.parent_run_id AND p.session_id = $3)";
    let values: [Value; 4] = [
        session.as_uuid().into(),
        parent.owner_id.as_uuid().into(),
        parent.session_id.as_uuid().into(),
        ms(now).into(),
    ];
    if tx.execute_raw(sql(text, values)).await?.rows_affected() == 0 {
        return Ok(Some(Begun::NoSession));
    }
    let text = "SELECT 1 AS one FROM runs WHERE session_id = $1
        AND status IN ('queued', 'running', 'waiting_approval', 'waiting_guidance') LIMIT 1";
    let open = tx.query_one_raw(sql(text, [session.as_uuid().into()])).await?;
    Ok(open.map(|_| Begun::Busy))
}

/// The agent of a session: its name, and whether it takes messages.
async fn agent_of(tx: &Tx, session: SessionId) -> Result<(String, AgentStatus)> {
    let text = "SELECT a.name, a.status FROM sessions s JOIN agents a ON a.id = s.agent_id
        WHERE s.id = $1";
    let row = tx.query_one_raw(sql(text, [session.as_uuid().into()])).await?;
    let row = row.ok_or(Error::NotFound("session"))?;
    let status: String = get(&row, "status")?;
    Ok((get(&row, "name")?, word("agents", &status)?))
}

/// Lets a run that has not ended know that one it began has, inside the write
/// that ends that one.
pub(crate) async fn tell_parent(
    write: &mut Write<'_>,
    by: ParentCall,
    child: RunId,
    status: RunStatus,
    now: Timestamp,
) -> Result<()> {
    let text = "SELECT p.status, COALESCE(a.deleted_name, a.name) AS agent
        FROM runs c JOIN runs p ON p.id = c.parent_id JOIN agents a ON a.id = c.agent_id
        WHERE c.id = $1";
    let row = write.tx.query_one_raw(sql(text, [child.as_uuid().into()])).await?;
    let row = row.ok_or(Error::NotFound("run"))?;
    let (above, agent): (String, String) = (get(&row, "status")?, get(&row, "agent")?);
    if word::<RunStatus>(TABLE, &above)?.is_end() {
        return Ok(());
    }
    let told = [Event::AgentChild { tool_call_id: by.call, child, agent, status }];
    let head = advance(&write.tx, by.run, None, &told).await?;
    insert(&write.tx, &head, &told, ms(now)).await?;
    write.announce(head.change(News::Log));
    Ok(())
}
