//! The run queue: rows, claimed with a lease.

use std::time::Duration;

use domain::{AgentId, Channel, Event, RunId, RunStatus, SessionId, Timestamp, UserId};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use uuid::Uuid;

use crate::connection::{Durability, Write};
use crate::ending::FromState;
use crate::events::{Head, insert};
use crate::row::{count, get, ms, sql, word};
use crate::{Backend, Change, Ending, Error, News, ProcessId, Result, Store};

const TABLE: &str = "runs";

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
    /// The run whose call began it.
    pub parent_id: Option<RunId>,
    /// How many runs stand above it.
    pub depth: u32,
    /// The way in of the run at the top.
    pub source: Channel,
    /// The message that started it.
    pub message: String,
    /// The number of its newest event, the claim's own counted in.
    pub last_seq: u64,
}

/// A run that has not ended.
pub(crate) struct OpenRun {
    pub(crate) run_id: RunId,
    pub(crate) session_id: SessionId,
    pub(crate) owner_id: UserId,
    pub(crate) status: RunStatus,
}

impl Store {
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
            RETURNING id, session_id, agent_id, owner_id, parent_id, depth, source, message, last_seq"
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
        let (run, session) = (get(&row, "id")?, get(&row, "session_id")?);
        let head = Head::new(run, session, get(&row, "owner_id")?, get(&row, "last_seq")?);
        let event = Event::RunStatus { status: RunStatus::Running };
        insert(&write.tx, &head, &[event], ms(now)).await?;
        write.announce(head.change(News::Status));
        write.commit().await?;
        let parent: Option<Uuid> = get(&row, "parent_id")?;
        Ok(Some(ClaimedRun {
            id: RunId::from_uuid(head.run_id),
            session_id: SessionId::from_uuid(head.session_id),
            agent_id: AgentId::from_uuid(get(&row, "agent_id")?),
            owner_id: UserId::from_uuid(head.owner_id),
            parent_id: parent.map(RunId::from_uuid),
            depth: count(TABLE, get(&row, "depth")?)?,
            source: word(TABLE, &get::<String>(&row, "source")?)?,
            message: get(&row, "message")?,
            last_seq: count(TABLE, head.last_seq)?,
        }))
    }

    /// The state that a run is in.
    pub async fn run_status(&self, run: RunId) -> Result<RunStatus> {
        let text = "SELECT status FROM runs WHERE id = $1";
        let row = self.reader().query_one_raw(sql(text, [run.as_uuid().into()])).await?;
        let status: String = get(&row.ok_or(Error::NotFound("run"))?, "status")?;
        word(TABLE, &status)
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
        let text = "SELECT id, session_id, status FROM runs WHERE id = $1 AND owner_id = $2
            AND session_id IN (SELECT s.id FROM sessions s WHERE s.state <> 'deleted')";
        let values: [Value; 2] = [run.as_uuid().into(), owner.as_uuid().into()];
        let row = write.tx.query_one_raw(sql(text, values)).await?;
        let open = read_open(&row.ok_or(Error::NotFound("run"))?, owner)?;
        if open.status.is_end() {
            // There is nothing left that could be stopped.
            return Ok(open.status);
        }
        let now = self.clock().now();
        let status = self.stop_in(&mut write, open, now).await?;
        write.commit().await?;
        Ok(status)
    }

    /// Stops an open run inside a write: asks it to, if it works; ends it here
    /// and now, if it waits. Returns the state it is in then.
    pub(crate) async fn stop_in(
        &self,
        write: &mut Write<'_>,
        open: OpenRun,
        now: Timestamp,
    ) -> Result<RunStatus> {
        let OpenRun { run_id, session_id, owner_id, status } = open;
        if status == RunStatus::Running {
            let text = "UPDATE runs SET cancel_requested_at = COALESCE(cancel_requested_at, $2)
                WHERE id = $1";
            write.tx.later(sql(text, [run_id.as_uuid().into(), ms(now).into()])).await?;
            write.announce(Change::Run { run_id, session_id, owner_id, news: News::Stop });
            return Ok(status);
        }
        self.end_in(write, run_id, FromState::of(status), Ending::cancelled(), now).await?;
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
        let row = self.reader().query_one_raw(sql(&format!("SELECT {LOAD}"), [])).await?;
        let nothing = || Error::Corrupt { table: TABLE, reason: "no counts".into() };
        read_load(&row.ok_or_else(nothing)?)
    }
}

/// Reads `id`, `session_id` and `status` of a run of a person.
pub(crate) fn read_open(row: &QueryResult, owner_id: UserId) -> Result<OpenRun> {
    let status: String = get(row, "status")?;
    Ok(OpenRun {
        run_id: RunId::from_uuid(get(row, "id")?),
        session_id: SessionId::from_uuid(get(row, "session_id")?),
        owner_id,
        status: word(TABLE, &status)?,
    })
}

/// Selects how many runs wait and work, of everybody.
const LOAD: &str = "(SELECT COUNT(*) FROM runs WHERE status = 'queued') AS waiting,
    (SELECT COUNT(*) FROM runs WHERE status = 'running') AS running";

/// Reads how many runs wait and work.
pub(crate) fn read_load(row: &QueryResult) -> Result<(u64, u64)> {
    Ok((count(TABLE, get(row, "waiting")?)?, count(TABLE, get(row, "running")?)?))
}

pub(crate) fn lease_ms(lease: Duration) -> i64 {
    i64::try_from(lease.as_millis()).unwrap_or(i64::MAX / 2)
}
