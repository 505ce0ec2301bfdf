//! Taking in messages: as runs of their own, as answers, or for runs at work to
//! hear.

use domain::{
    AgentId, AgentStatus, Channel, Delivery, Event, RunId, RunStatus, SessionId, Timestamp, UserId,
};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use uuid::Uuid;

use crate::connection::{Durability, Write};
use crate::events::{Head, insert};
use crate::link::Tx;
use crate::pause::resume;
use crate::pictures::{NewPicture, Sent};
use crate::queue::{OpenRun, read_load};
use crate::row::{get, ms, sql, word};
use crate::{Change, Error, News, Result, Store, steers};

const TABLE: &str = "runs";

/// How many places of the queue are taken, of everybody. Runs that runs began have
/// bounds of their own and take none.
const PLACES: &str = "(SELECT COUNT(*) FROM runs q
        WHERE q.status = 'queued' AND q.parent_id IS NULL) AS waiting,
    (SELECT COUNT(*) FROM runs q
        WHERE q.status = 'running' AND q.parent_id IS NULL) AS running";

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
    /// The pictures that came with it.
    pub pictures: Vec<NewPicture>,
    /// When it is heard, where something is at work in its session.
    pub delivery: Delivery,
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
        /// The run that answers it: a new one, or one that hears it.
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
    /// The run at work has not heard enough of what it was told before.
    SteeringFull,
    /// It came with pictures, and what would have heard it hears words only.
    WordsOnly,
    /// Waiting plus running is at its bound.
    Full {
        /// How many runs wait.
        waiting: u32,
    },
}

impl Store {
    /// Takes in a message: as a run of its own if there is room, or as the answer
    /// to a run of its session that asked how to go on, or for a run at work to
    /// hear, whichever it is meant for.
    pub async fn submit(&self, new: NewRun, admission: Admission) -> Result<Submitted> {
        let now = self.clock().now();
        let mut write = self.write(Durability::Full).await?;
        if let Some(idempotency) = &new.idempotency
            && let Some(known) = self.known(&write.tx, new.owner_id, idempotency, now).await?
        {
            drop(write);
            // It may be known from a request that still waits for the disk.
            self.settle().await?;
            return Ok(known);
        }
        let Room { waiting, running, agent, open } = room(&write.tx, &new).await?;
        match agent {
            AgentStatus::Active => {}
            status => return Ok(Submitted::AgentNotActive(status)),
        }
        let session_id = self.session_for(&write.tx, &new, now).await?;
        match (&open, new.delivery) {
            (Some(OpenRun { status: RunStatus::WaitingGuidance, .. }), Delivery::Queue)
            | (Some(_), Delivery::Steer)
                if !new.pictures.is_empty() =>
            {
                return Ok(Submitted::WordsOnly);
            }
            (
                Some(open @ OpenRun { status: RunStatus::WaitingGuidance, .. }),
                Delivery::Queue | Delivery::Steer,
            ) => return self.guide(write, new, open, now).await,
            (Some(open), Delivery::Steer) => return self.steer(write, new, open, now).await,
            _ => {}
        }
        if waiting + running >= u64::from(admission.workers + admission.waiting_places) {
            return Ok(Submitted::Full { waiting: u32::try_from(waiting).unwrap_or(u32::MAX) });
        }
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
        let message = self
            .say(&write.tx, new.owner_id, session_id, run_id, "user", &new.message, now)
            .await?;
        let sent = Sent { owner: new.owner_id, session: session_id, run: run_id, message };
        self.keep_pictures(&write.tx, &sent, new.pictures, now).await?;
        let (session, owner) = (session_id.as_uuid(), new.owner_id.as_uuid());
        let head = Head::new(run_id.as_uuid(), session, owner, 1);
        insert(&write.tx, &head, &[Event::RunStatus { status: RunStatus::Queued }], ms(now))
            .await?;
        if let Some(idempotency) = new.idempotency {
            remember(&write.tx, new.owner_id, idempotency, run_id, now).await?;
        }
        write.announce(head.change(News::Status));
        if let (Some(open), Delivery::Interrupt) = (open, new.delivery) {
            self.stop_in(&mut write, open, now).await?;
        }
        write.commit().await?;
        let position = u32::try_from(waiting + 1).unwrap_or(u32::MAX);
        Ok(Submitted::Accepted { run_id, session_id, status: RunStatus::Queued, position })
    }

    /// Takes a message as the answer to a run that asked how to go on.
    async fn guide(
        &self,
        mut write: Write<'_>,
        new: NewRun,
        open: &OpenRun,
        now: Timestamp,
    ) -> Result<Submitted> {
        let OpenRun { run_id, session_id, owner_id, status } = *open;
        self.say(&write.tx, owner_id, session_id, run_id, "user", &new.message, now).await?;
        let answered = Event::GuidanceAnswered { message: new.message };
        let head = resume(&write.tx, run_id, status, answered, now).await?;
        if let Some(idempotency) = new.idempotency {
            remember(&write.tx, owner_id, idempotency, run_id, now).await?;
        }
        write.announce(head.change(News::Status));
        write.commit().await?;
        Ok(Submitted::Accepted { run_id, session_id, status: RunStatus::Queued, position: 0 })
    }

    /// Takes a message for a run that is under way to hear.
    async fn steer(
        &self,
        mut write: Write<'_>,
        new: NewRun,
        open: &OpenRun,
        now: Timestamp,
    ) -> Result<Submitted> {
        let OpenRun { run_id, session_id, owner_id, status } = *open;
        let message_id =
            self.say(&write.tx, owner_id, session_id, run_id, "user", &new.message, now).await?;
        if !steers::steer(&write.tx, run_id, message_id, &new.message, now).await? {
            return Ok(Submitted::SteeringFull);
        }
        if let Some(idempotency) = new.idempotency {
            remember(&write.tx, owner_id, idempotency, run_id, now).await?;
        }
        write.announce(Change::Run { run_id, session_id, owner_id, news: News::Steering });
        write.commit().await?;
        Ok(Submitted::Accepted { run_id, session_id, status, position: 0 })
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
    ) -> Result<Uuid> {
        let id = self.clock().uuid();
        let text = "INSERT INTO messages
            (id, owner_id, session_id, run_id, role, content, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let values: [Value; 7] = [
            id.into(),
            owner.as_uuid().into(),
            session.as_uuid().into(),
            run.as_uuid().into(),
            role.into(),
            content.into(),
            ms(now).into(),
        ];
        tx.later(sql(text, values)).await?;
        Ok(id)
    }
}

/// What a message meets.
struct Room {
    /// How many places of the queue runs take that wait and that work.
    waiting: u64,
    running: u64,
    /// The state of the agent that it is for.
    agent: AgentStatus,
    /// The run of its session that works or waits for a person; there is one at
    /// most.
    open: Option<OpenRun>,
}

async fn room(tx: &Tx, new: &NewRun) -> Result<Room> {
    let owner = new.owner_id.as_uuid();
    let (text, values, missing) = match new.session_id {
        Some(session) => (
            format!(
                "SELECT {PLACES}, a.status AS agent, o.id AS open, o.status AS open_status
                FROM sessions s JOIN agents a ON a.id = s.agent_id
                LEFT JOIN runs o ON o.session_id = s.id
                    AND o.status IN ('running', 'waiting_approval', 'waiting_guidance')
                WHERE s.id = $1 AND s.owner_id = $2 AND s.state <> 'deleted'"
            ),
            vec![session.as_uuid().into(), owner.into()],
            "session",
        ),
        None => (
            format!("SELECT {PLACES}, a.status AS agent FROM agents a WHERE a.id = $1"),
            vec![new.agent_id.as_uuid().into()],
            "agent",
        ),
    };
    let row = tx.query_one_raw(sql(&text, values)).await?.ok_or(Error::NotFound(missing))?;
    let (waiting, running) = read_load(&row)?;
    let agent: String = get(&row, "agent")?;
    let open = match new.session_id {
        Some(session) => open_run(&row, session, new.owner_id)?,
        None => None,
    };
    Ok(Room { waiting, running, agent: word("agents", &agent)?, open })
}

fn open_run(row: &QueryResult, session_id: SessionId, owner_id: UserId) -> Result<Option<OpenRun>> {
    let run: Option<Uuid> = get(row, "open")?;
    let status: Option<String> = get(row, "open_status")?;
    let (Some(run), Some(status)) = (run, status) else { return Ok(None) };
    let run_id = RunId::from_uuid(run);
    Ok(Some(OpenRun { run_id, session_id, owner_id, status: word(TABLE, &status)? }))
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
