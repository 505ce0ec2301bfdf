//! The run queue: rows, claimed with a lease.

use std::time::Duration;

use domain::{
    AgentId, AgentStatus, Channel, Event, RunId, RunStatus, SessionId, Timestamp, UserId,
};
use sea_orm::{ConnectionTrait, QueryResult, Value};

use crate::connection::Durability;
use crate::ending::FromState;
use crate::events::{Head, insert};
use crate::link::Tx;
use crate::row::{count, get, ms, sql, word};
use crate::{Backend, Ending, Error, News, ProcessId, Result, Store};

const TABLE: &str = "runs";

/// How long an idempotency key counts, in milliseconds: a day.
pub(crate) const KEY_AGE_MS: i64 = 24 * 60 * 60 * 1000;

/// A run to be stored.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// Whose it is.
    pub owner_id: UserId,
    /// The session it continues; `None` begins one.
    pub session_id: Option<SessionId>,
    /// The agent of a new session; a session that exists has its own.
    pub agent_id: AgentId,
    /// The title of a new session.
    pub title: String,
    /// Where the message came from.
    pub source: Channel,
    /// The message.
    pub message: String,
    /// What makes a repeated request the same request.
    pub idempotency: Option<Idempotency>,
}

/// A client's key for a request, so that a retry does not do it twice.
#[derive(Debug, Clone)]
pub struct Idempotency {
    /// The route that was called.
    pub route: &'static str,
    /// The client's key.
    pub key: String,
    /// SHA-256 of the body that came with it.
    pub body_hash: Vec<u8>,
}

/// How much work may be in hand.
#[derive(Debug, Clone, Copy)]
pub struct Admission {
    /// Runs that work at once.
    pub workers: u32,
    /// Runs that may wait beyond them.
    pub waiting_places: u32,
}

/// What became of a new run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Submitted {
    /// It is stored, or was already under the same key.
    Accepted {
        /// The run.
        run_id: RunId,
        /// Its session.
        session_id: SessionId,
        /// Its state.
        status: RunStatus,
        /// How many runs wait up to and with it; 0 once it no longer waits.
        position: u32,
    },
    /// The key was used with another body.
    KeyConflict,
    /// The session's agent takes no messages.
    AgentNotActive(AgentStatus),
    /// Waiting plus running is at its bound.
    Full {
        /// How many runs wait.
        waiting: u32,
    },
}

/// A run that this process holds the lease of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedRun {
    /// The run.
    pub id: RunId,
    /// Its session.
    pub session_id: SessionId,
    /// Its agent.
    pub agent_id: AgentId,
    /// Whose it is.
    pub owner_id: UserId,
    /// The message that started it.
    pub message: String,
}

impl Store {
    /// Takes in a run, together with its message, if there is room.
    pub async fn submit(&self, new: NewRun, admission: Admission) -> Result<Submitted> {
        let now = self.clock().now();
        let mut write = self.write(Durability::Full).await?;
        if let Some(idempotency) = &new.idempotency
            && let Some(known) = self.known(&write.tx, new.owner_id, idempotency, now).await?
        {
            return Ok(known);
        }
        let Room { waiting, running, agent } = room(&write.tx, &new).await?;
        if waiting + running >= u64::from(admission.workers + admission.waiting_places) {
            return Ok(Submitted::Full { waiting: u32::try_from(waiting).unwrap_or(u32::MAX) });
        }
        match agent {
            AgentStatus::Active => {}
            status => return Ok(Submitted::AgentNotActive(status)),
        }
        let session_id = self.session_for(&write.tx, &new, now).await?;
        let run_id = RunId::from_uuid(self.clock().uuid());
        let run = "INSERT INTO runs
            (id, owner_id, session_id, agent_id, source, status, message, last_seq, created_at)
            SELECT $1, $2, s.id, s.agent_id, $3, 'queued', $4, 1, $5 FROM sessions s WHERE s.id = $6";
        let values: [Value; 6] = [
            run_id.as_uuid().into(),
            new.owner_id.as_uuid().into(),
            new.source.as_str().into(),
            new.message.as_str().into(),
            ms(now).into(),
            session_id.as_uuid().into(),
        ];
        write.tx.later(sql(run, values)).await?;
        self.say(&write.tx, new.owner_id, session_id, run_id, "user", &new.message, now).await?;
        let head = Head {
            run_id: run_id.as_uuid(),
            session_id: session_id.as_uuid(),
            owner_id: new.owner_id.as_uuid(),
            last_seq: 1,
            title_from: None,
        };
        insert(&write.tx, &head, &[Event::RunStatus { status: RunStatus::Queued }], ms(now))
            .await?;
        if let Some(idempotency) = new.idempotency {
            remember(&write.tx, new.owner_id, idempotency, run_id, now).await?;
        }
        write.announce(head.change(News::Status));
        write.commit().await?;
        let position = u32::try_from(waiting + 1).unwrap_or(u32::MAX);
        Ok(Submitted::Accepted { run_id, session_id, status: RunStatus::Queued, position })
    }

    /// Takes the next run that may work, or one certain run if it may. A run
    /// may work when nothing else of its session works or stands before it.
    pub async fn claim(&self, lease: Duration, only: Option<RunId>) -> Result<Option<ClaimedRun>> {
        // Whoever looks for work asks often and finds nothing: no write for that.
        let waits = "SELECT 1 AS one FROM runs WHERE status = 'queued' LIMIT 1";
        if self.reader().query_one_raw(sql(waits, [])).await?.is_none() {
            return Ok(None);
        }
        // On PostgreSQL a row that somebody holds is passed over, not waited for.
        let lock = match self.backend() {
            Backend::Sqlite => "",
            Backend::Postgres => "FOR UPDATE OF q SKIP LOCKED",
        };
        let text = format!(
            "UPDATE runs SET status = 'running', lease_owner = $1, lease_until = $2,
                started_at = COALESCE(started_at, $3), last_seq = last_seq + 1
            WHERE ordinal = (
                SELECT q.ordinal FROM runs q
                WHERE q.status = 'queued' AND ($4 IS NULL OR q.id = $4)
                AND NOT EXISTS (SELECT 1 FROM runs a WHERE a.session_id = q.session_id
                    AND a.status IN ('running', 'waiting_approval', 'waiting_guidance'))
                AND NOT EXISTS (SELECT 1 FROM runs e WHERE e.session_id = q.session_id
                    AND e.status = 'queued' AND e.ordinal < q.ordinal)
                ORDER BY q.ordinal LIMIT 1 {lock})
            RETURNING id, session_id, agent_id, owner_id, message, last_seq"
        );
        let now = self.clock().now();
        let mut write = self.write(Durability::Batched).await?;
        let values: [Value; 4] = [
            self.process().0.into(),
            (ms(now) + lease_ms(lease)).into(),
            ms(now).into(),
            only.map(RunId::as_uuid).into(),
        ];
        let Some(row) = write.tx.query_one_raw(sql(&text, values)).await? else {
            return Ok(None);
        };
        let head = Head {
            run_id: get(&row, "id")?,
            session_id: get(&row, "session_id")?,
            owner_id: get(&row, "owner_id")?,
            last_seq: get(&row, "last_seq")?,
            title_from: None,
        };
        let event = Event::RunStatus { status: RunStatus::Running };
        insert(&write.tx, &head, &[event], ms(now)).await?;
        write.announce(head.change(News::Status));
        write.commit().await?;
        Ok(Some(ClaimedRun {
            id: RunId::from_uuid(head.run_id),
            session_id: SessionId::from_uuid(head.session_id),
            agent_id: AgentId::from_uuid(get(&row, "agent_id")?),
            owner_id: UserId::from_uuid(head.owner_id),
            message: get(&row, "message")?,
        }))
    }

    /// Whether a run still waits for a worker.
    pub async fn is_queued(&self, run: RunId) -> Result<bool> {
        let text = "SELECT 1 AS one FROM runs WHERE id = $1 AND status = 'queued'";
        let row = self.reader().query_one_raw(sql(text, [run.as_uuid().into()])).await?;
        Ok(row.is_some())
    }

    /// Extends the leases of this process, and its sign of life.
    pub async fn heartbeat(&self, lease: Duration) -> Result<()> {
        self.presence().renew().await?;
        let text = "UPDATE runs SET lease_until = $2 WHERE status = 'running' AND lease_owner = $1";
        let until = ms(self.clock().now()) + lease_ms(lease);
        let write = self.write(Durability::Batched).await?;
        write.tx.execute_raw(sql(text, [self.process().0.into(), until.into()])).await?;
        write.commit().await
    }

    /// Runs of this process that somebody asked to stop.
    pub async fn cancel_requests(&self) -> Result<Vec<RunId>> {
        let text = "SELECT id FROM runs
            WHERE status = 'running' AND lease_owner = $1 AND cancel_requested_at IS NOT NULL";
        let rows = self.reader().query_all_raw(sql(text, [self.process().0.into()])).await?;
        rows.iter().map(|row| Ok(RunId::from_uuid(get(row, "id")?))).collect()
    }

    /// Asks that a run of a person stop. One that waits ends here and now; one
    /// that works is ended by whoever holds it.
    pub async fn request_cancel(&self, owner: UserId, run: RunId) -> Result<RunStatus> {
        let mut write = self.write(Durability::Full).await?;
        let text = "UPDATE runs SET cancel_requested_at = COALESCE(cancel_requested_at, $3)
            WHERE id = $1 AND owner_id = $2
            AND session_id IN (SELECT s.id FROM sessions s WHERE s.state <> 'deleted')
            RETURNING status, session_id";
        let now = self.clock().now();
        let values: [Value; 3] = [run.as_uuid().into(), owner.as_uuid().into(), ms(now).into()];
        let row = write.tx.query_one_raw(sql(text, values)).await?;
        let row = row.ok_or(Error::NotFound("run"))?;
        let status: String = get(&row, "status")?;
        let status: RunStatus = word(TABLE, &status)?;
        if status.is_end() {
            // Nothing was asked of it that it could still do.
            return Ok(status);
        }
        if status == RunStatus::Running {
            write.announce(crate::Change::Run {
                run_id: run,
                session_id: SessionId::from_uuid(get(&row, "session_id")?),
                owner_id: owner,
                news: News::Stop,
            });
            write.commit().await?;
            return Ok(status);
        }
        let head =
            self.end_in(&write.tx, run, FromState::of(status), Ending::cancelled(), now).await?;
        write.announce(head.change(News::Status));
        write.commit().await?;
        Ok(RunStatus::Cancelled)
    }

    /// Ends what dead processes left running: their leases ran out, or the
    /// process is known to be gone. Returns how many runs that were.
    pub async fn recover(&self) -> Result<usize> {
        let text = "SELECT id, lease_owner, lease_until FROM runs WHERE status = 'running'";
        let rows = self.reader().query_all_raw(sql(text, [])).await?;
        let now = ms(self.clock().now());
        let mut ended = 0;
        for row in &rows {
            let holder = ProcessId(get(row, "lease_owner")?);
            let until: i64 = get(row, "lease_until")?;
            let ours = holder == self.process();
            if ours || (until > now && self.presence().is_alive(holder).await) {
                continue;
            }
            let run = RunId::from_uuid(get(row, "id")?);
            match self.end_held(run, holder, Vec::new(), Ending::interrupted()).await {
                Ok(()) => ended += 1,
                // Its holder, or another process that recovers, was quicker.
                Err(Error::LeaseLost) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(ended)
    }

    /// How many runs wait and work, of everybody.
    pub async fn load(&self) -> Result<(u64, u64)> {
        let text = format!("SELECT {LOAD}");
        let row = self.reader().query_one_raw(sql(&text, [])).await?;
        read_load(&row.ok_or_else(no_counts)?)
    }

    async fn known(
        &self,
        tx: &Tx,
        owner: UserId,
        idempotency: &Idempotency,
        now: Timestamp,
    ) -> Result<Option<Submitted>> {
        let text = "SELECT k.body_hash, r.id, r.session_id, r.status FROM idempotency_keys k
            JOIN runs r ON r.id = k.run_id
            WHERE k.owner_id = $1 AND k.route = $2 AND k.key = $3 AND k.created_at > $4";
        let values: [Value; 4] = [
            owner.as_uuid().into(),
            idempotency.route.into(),
            idempotency.key.as_str().into(),
            (ms(now) - KEY_AGE_MS).into(),
        ];
        let Some(row) = tx.query_one_raw(sql(text, values)).await? else {
            return Ok(None);
        };
        let body_hash: Vec<u8> = get(&row, "body_hash")?;
        if body_hash != idempotency.body_hash {
            return Ok(Some(Submitted::KeyConflict));
        }
        let status: String = get(&row, "status")?;
        Ok(Some(Submitted::Accepted {
            run_id: RunId::from_uuid(get(&row, "id")?),
            session_id: SessionId::from_uuid(get(&row, "session_id")?),
            status: word(TABLE, &status)?,
            position: 0,
        }))
    }

    async fn session_for(&self, tx: &Tx, new: &NewRun, now: Timestamp) -> Result<SessionId> {
        if let Some(id) = new.session_id {
            // A session that was begun empty is titled by its first message.
            let text = "UPDATE sessions SET updated_at = $3, state = 'active',
                    title = CASE WHEN title_from = 'message' AND NOT EXISTS (
                        SELECT 1 FROM runs r WHERE r.session_id = sessions.id)
                        THEN $4 ELSE title END
                WHERE id = $1 AND owner_id = $2 AND state <> 'deleted'";
            let values: [Value; 4] = [
                id.as_uuid().into(),
                new.owner_id.as_uuid().into(),
                ms(now).into(),
                new.title.as_str().into(),
            ];
            tx.later(sql(text, values)).await?;
            return Ok(id);
        }
        let id = SessionId::from_uuid(self.clock().uuid());
        let text = "INSERT INTO sessions
            (id, owner_id, agent_id, channel, title, created_at, updated_at)
            VALUES ($1, $2, $3, $4, $5, $6, $6)";
        let values: [Value; 6] = [
            id.as_uuid().into(),
            new.owner_id.as_uuid().into(),
            new.agent_id.as_uuid().into(),
            new.source.as_str().into(),
            new.title.as_str().into(),
            ms(now).into(),
        ];
        tx.later(sql(text, values)).await?;
        Ok(id)
    }

    #[allow(clippy::too_many_arguments, reason = "the columns of one row")]
    pub(crate) async fn say(
        &self,
        tx: &Tx,
        owner: UserId,
        session: SessionId,
        run: RunId,
        role: &str,
        content: &str,
        now: Timestamp,
    ) -> Result<()> {
        let text = "INSERT INTO messages
            (id, owner_id, session_id, run_id, role, content, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let values: [Value; 7] = [
            self.clock().uuid().into(),
            owner.as_uuid().into(),
            session.as_uuid().into(),
            run.as_uuid().into(),
            role.into(),
            content.into(),
            ms(now).into(),
        ];
        Ok(tx.later(sql(text, values)).await?)
    }
}

/// What a new run meets: how many wait and work, of everybody, and the state of
/// the agent that it is for.
struct Room {
    waiting: u64,
    running: u64,
    agent: AgentStatus,
}

async fn room(tx: &Tx, new: &NewRun) -> Result<Room> {
    let (agent, missing) = match new.session_id {
        Some(_) => (
            "SELECT a.status FROM sessions s JOIN agents a ON a.id = s.agent_id
                WHERE s.id = $1 AND s.owner_id = $2 AND s.state <> 'deleted'",
            Error::NotFound("session"),
        ),
        None => ("SELECT a.status FROM agents a WHERE a.id = $1", Error::NotFound("agent")),
    };
    let text = format!("SELECT {LOAD}, ({agent}) AS agent");
    let values: Vec<Value> = match new.session_id {
        Some(session) => vec![session.as_uuid().into(), new.owner_id.as_uuid().into()],
        None => vec![new.agent_id.as_uuid().into()],
    };
    let row = tx.query_one_raw(sql(&text, values)).await?.ok_or_else(no_counts)?;
    let status: Option<String> = get(&row, "agent")?;
    let agent = word("agents", &status.ok_or(missing)?)?;
    let (waiting, running) = read_load(&row)?;
    Ok(Room { waiting, running, agent })
}

const LOAD: &str = "(SELECT COUNT(*) FROM runs WHERE status = 'queued') AS waiting,
    (SELECT COUNT(*) FROM runs WHERE status = 'running') AS running";

fn read_load(row: &QueryResult) -> Result<(u64, u64)> {
    Ok((count(TABLE, get(row, "waiting")?)?, count(TABLE, get(row, "running")?)?))
}

fn no_counts() -> Error {
    Error::Corrupt { table: TABLE, reason: "no counts".into() }
}

async fn remember(
    tx: &Tx,
    owner: UserId,
    idempotency: Idempotency,
    run: RunId,
    now: Timestamp,
) -> Result<()> {
    let old = "DELETE FROM idempotency_keys WHERE created_at <= $1";
    tx.later(sql(old, [(ms(now) - KEY_AGE_MS).into()])).await?;
    let text = "INSERT INTO idempotency_keys (owner_id, route, key, body_hash, run_id, created_at)
        VALUES ($1, $2, $3, $4, $5, $6)";
    let values: [Value; 6] = [
        owner.as_uuid().into(),
        idempotency.route.into(),
        idempotency.key.into(),
        idempotency.body_hash.into(),
        run.as_uuid().into(),
        ms(now).into(),
    ];
    Ok(tx.later(sql(text, values)).await?)
}

fn lease_ms(lease: Duration) -> i64 {
    i64::try_from(lease.as_millis()).unwrap_or(i64::MAX / 2)
}
