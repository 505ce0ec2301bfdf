//! Questions to people about exact calls: read, answered once, lapsed.

use domain::{
    AgentId, ApprovalId, ApprovalStatus, ApprovalView, AuditKind, CallId, Decision, Event,
    GrantOrigin, GrantTerms, Limit, Page, RunId, RunStatus, SessionId, Timestamp, UserId, Verdict,
};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::audit::{Actor, Record, name};
use crate::connection::Durability;
use crate::events::Head;
use crate::grants::give;
use crate::link::Tx;
use crate::pause::resume;
use crate::row::{at, count, get, ms, sql, word};
use crate::users::word_name;
use crate::{Error, News, Result, Store, cursor};

const TABLE: &str = "approvals";

/// How many questions lapse in one write at most.
const LAPSES: u32 = 100;

/// What a question is shown with.
pub(crate) const COLUMNS: &str = "a.*, s.title AS session_title, u.name AS answered_name,
    COALESCE(g.deleted_name || ' (deleted)', g.name) AS agent
    FROM approvals a JOIN sessions s ON s.id = a.session_id JOIN agents g ON g.id = a.agent_id
    LEFT JOIN users u ON u.id = a.answered_by";

/// What became of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// It counts; the run goes on. The same answer, given again by the same
    /// person, counts once.
    Taken,
    /// It came too late: the question stands so.
    Settled(ApprovalStatus),
}

/// What was decided about a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The decision.
    pub decision: Decision,
    /// What the person added.
    pub note: Option<String>,
}

impl Store {
    /// Answers a question of a person's own run.
    pub async fn answer_approval(
        &self,
        owner: UserId,
        id: ApprovalId,
        verdict: Verdict,
        note: Option<&str>,
    ) -> Result<Answered> {
        self.answer_and_grant(owner, id, verdict, note, None).await
    }

    /// Answers a question of a person's own run, and gives its agent a grant
    /// that answers the same for it from now on; both or neither.
    pub async fn answer_and_grant(
        &self,
        owner: UserId,
        id: ApprovalId,
        verdict: Verdict,
        note: Option<&str>,
        grant: Option<GrantTerms>,
    ) -> Result<Answered> {
        let now = self.clock().now();
        let mut write = self.write(Durability::Full).await?;
        let text = "SELECT a.* FROM approvals a JOIN sessions s ON s.id = a.session_id
            WHERE a.id = $1 AND a.owner_id = $2 AND s.state <> 'deleted'";
        let values: [Value; 2] = [id.as_uuid().into(), owner.as_uuid().into()];
        let row = write.tx.query_one_raw(sql(text, values)).await?;
        let row = row.ok_or(Error::NotFound("approval"))?;
        let (status, expires_at) = (status(&row)?, time(&row, "expires_at")?);
        if status != ApprovalStatus::Waiting {
            let by: Option<Uuid> = get(&row, "answered_by")?;
            let before: Option<String> = get(&row, "note")?;
            let same = status.decision() == Some(verdict.decision())
                && by == Some(owner.as_uuid())
                && before.as_deref() == note;
            return Ok(if same { Answered::Taken } else { Answered::Settled(status) });
        }
        let (answer, answered) = if expires_at <= now {
            (Answer::Lapsed, Answered::Settled(ApprovalStatus::Expired))
        } else {
            (Answer::Given { verdict, by: owner, note }, Answered::Taken)
        };
        if let (Some(terms), Answered::Taken) = (grant, answered) {
            let agent = AgentId::from_uuid(get(&row, "agent_id")?);
            let origin = GrantOrigin::Remembered(id);
            give(self, &write.tx, agent, (origin, terms), owner).await?;
        }
        let head = settle(&write.tx, &row, answer, now).await?;
        write.announce(head.change(News::Status));
        write.commit().await?;
        Ok(answered)
    }

    /// Lets the questions lapse that nobody answered in time, at most 100, and
    /// their runs go on. Returns how many those were.
    pub async fn expire_approvals(&self) -> Result<usize> {
        let now = self.clock().now();
        let text = "SELECT * FROM approvals WHERE status = 'waiting' AND expires_at <= $1
            ORDER BY expires_at LIMIT $2";
        let due = || sql(text, [ms(now).into(), LAPSES.into()]);
        if self.reader().query_one_raw(due()).await?.is_none() {
            return Ok(0);
        }
        let mut write = self.write(Durability::Full).await?;
        // Read again: another process may have been quicker.
        let rows = write.tx.query_all_raw(due()).await?;
        for row in &rows {
            let head = settle(&write.tx, row, Answer::Lapsed, now).await?;
            write.announce(head.change(News::Status));
        }
        write.commit().await?;
        Ok(rows.len())
    }

    /// What was decided about a call with exactly this tool and these arguments.
    /// `None` where nobody decided, or about another call.
    pub async fn approval_of(
        &self,
        call: CallId,
        tool: &str,
        arguments: &str,
    ) -> Result<Option<Settled>> {
        let text = "SELECT status, note, call_hash FROM approvals WHERE tool_call_id = $1";
        let row = self.reader().query_one_raw(sql(text, [call.as_uuid().into()])).await?;
        let Some(row) = row else { return Ok(None) };
        let hash: Vec<u8> = get(&row, "call_hash")?;
        if hash != call_hash(tool, arguments) {
            return Ok(None);
        }
        let Some(decision) = status(&row)?.decision() else { return Ok(None) };
        Ok(Some(Settled { decision, note: get(&row, "note")? }))
    }

    /// A person's questions, newest first.
    pub async fn approvals(
        &self,
        owner: UserId,
        status: Option<ApprovalStatus>,
        limit: Limit,
        cursor: Option<&str>,
    ) -> Result<Page<ApprovalView>> {
        let (before, id) = match cursor {
            Some(cursor) => cursor::read_time_and_id(cursor)?,
            None => (i64::MAX, Uuid::max()),
        };
        let mut values: Vec<Value> = vec![owner.as_uuid().into(), before.into(), id.into()];
        let mut fits = "";
        if let Some(status) = status {
            values.push(status.as_str().into());
            fits = "AND a.status = $4";
        }
        let rows = limit.rows() as usize;
        let text = format!(
            "SELECT {COLUMNS} WHERE a.owner_id = $1 AND (a.asked_at, a.id) < ($2, $3)
             AND s.state <> 'deleted' {fits} ORDER BY a.asked_at DESC, a.id DESC LIMIT {}",
            rows + 1
        );
        let found = self.reader().query_all_raw(sql(&text, values)).await?;
        let mut items = found.iter().map(read).collect::<Result<Vec<_>>>()?;
        let more = items.len() > rows;
        items.truncate(rows);
        let last = items.last().filter(|_| more);
        let next_cursor = last.map(|a| cursor::time_and_id(ms(a.asked_at), a.id.as_uuid()));
        Ok(Page { items, next_cursor })
    }

    /// One question of a person.
    pub async fn approval(&self, owner: UserId, id: ApprovalId) -> Result<ApprovalView> {
        let text = format!(
            "SELECT {COLUMNS} WHERE a.id = $1 AND a.owner_id = $2 AND s.state <> 'deleted'"
        );
        let values: [Value; 2] = [id.as_uuid().into(), owner.as_uuid().into()];
        let row = self.reader().query_one_raw(sql(&text, values)).await?;
        read(&row.ok_or(Error::NotFound("approval"))?)
    }

    /// How many of a person's runs wait for an answer, to a question about a
    /// call or about how to go on.
    pub async fn questions(&self, owner: UserId) -> Result<u64> {
        let text = "SELECT
            (SELECT COUNT(*) FROM runs WHERE owner_id = $1 AND status = 'waiting_approval')
            + (SELECT COUNT(*) FROM runs WHERE owner_id = $1 AND status = 'waiting_guidance')
            AS waiting";
        let row = self.reader().query_one_raw(sql(text, [owner.as_uuid().into()])).await?;
        row.map_or(Ok(0), |row| count("runs", get(&row, "waiting")?))
    }
}

/// What a question is tied to: SHA-256 over the tool's name, a zero byte and the
/// arguments. No tool's name holds a zero byte.
pub(crate) fn call_hash(tool: &str, arguments: &str) -> Vec<u8> {
    Sha256::new().chain_update(tool).chain_update([0]).chain_update(arguments).finalize().to_vec()
}

/// Takes back the question of a run that ends while it waits.
pub(crate) async fn withdraw(tx: &Tx, run: RunId, now: Timestamp) -> Result<()> {
    let text = "UPDATE approvals SET status = 'withdrawn', answered_at = $2
        WHERE run_id = $1 AND status = 'waiting'";
    Ok(tx.later(sql(text, [run.as_uuid().into(), ms(now).into()])).await?)
}

/// How a question stops waiting while its run goes on.
enum Answer<'a> {
    Given { verdict: Verdict, by: UserId, note: Option<&'a str> },
    Lapsed,
}

/// Ends the wait of a question, inside a write that has read it as waiting.
async fn settle(
    tx: &Tx,
    question: &QueryResult,
    answer: Answer<'_>,
    now: Timestamp,
) -> Result<Head> {
    let (decision, by, note) = match answer {
        Answer::Given { verdict, by, note } => (verdict.decision(), Some(by), note),
        Answer::Lapsed => (Decision::Expired, None, None),
    };
    let id: Uuid = get(question, "id")?;
    let text = "UPDATE approvals SET status = $2, note = $3, answered_at = $4, answered_by = $5
        WHERE id = $1";
    let values: [Value; 5] = [
        id.into(),
        ApprovalStatus::from(decision).as_str().into(),
        note.map(str::to_owned).into(),
        ms(now).into(),
        by.map(UserId::as_uuid).into(),
    ];
    tx.later(sql(text, values)).await?;
    tx.audit.note(record(question, decision, by, now)?);
    let answered = Event::ApprovalAnswered {
        approval_id: ApprovalId::from_uuid(id),
        tool_call_id: CallId::from_uuid(get(question, "tool_call_id")?),
        decision,
        note: note.map(str::to_owned),
    };
    let run = RunId::from_uuid(get(question, "run_id")?);
    resume(tx, run, RunStatus::WaitingApproval, answered, now).await
}

/// What an answer, or that there was none, has to say to the record.
fn record(
    question: &QueryResult,
    decision: Decision,
    by: Option<UserId>,
    now: Timestamp,
) -> Result<Record> {
    let kind = match decision {
        Decision::Approved => AuditKind::Approved,
        Decision::Denied => AuditKind::Refused,
        Decision::Expired => AuditKind::Expired,
    };
    let tool: String = get(question, "tool")?;
    Ok(Record {
        owner: get(question, "owner_id")?,
        session: get(question, "session_id")?,
        run: get(question, "run_id")?,
        call: get(question, "tool_call_id")?,
        agent: get(question, "agent_id")?,
        tool: Some(name(&tool)),
        arguments_hash: get(question, "call_hash")?,
        ..Record::new(ms(now), kind, by.map_or(Actor::System, Actor::User))
    })
}

fn status(row: &QueryResult) -> Result<ApprovalStatus> {
    let status: String = get(row, "status")?;
    word(TABLE, &status)
}

fn time(row: &QueryResult, column: &str) -> Result<Timestamp> {
    at(TABLE, get(row, column)?)
}

/// Reads a question as lists and pages show it.
pub(crate) fn read(row: &QueryResult) -> Result<ApprovalView> {
    let answered_at: Option<i64> = get(row, "answered_at")?;
    let by: Option<String> = get(row, "answered_name")?;
    Ok(ApprovalView {
        id: ApprovalId::from_uuid(get(row, "id")?),
        run_id: RunId::from_uuid(get(row, "run_id")?),
        session_id: SessionId::from_uuid(get(row, "session_id")?),
        session_title: get(row, "session_title")?,
        agent_id: AgentId::from_uuid(get(row, "agent_id")?),
        agent: get(row, "agent")?,
        step: count(TABLE, get(row, "step")?)?,
        tool_call_id: CallId::from_uuid(get(row, "tool_call_id")?),
        tool: get(row, "tool")?,
        arguments: get(row, "arguments")?,
        reason: get(row, "reason")?,
        status: status(row)?,
        note: get(row, "note")?,
        asked_at: time(row, "asked_at")?,
        expires_at: time(row, "expires_at")?,
        answered_at: answered_at.map(|ms| at(TABLE, ms)).transpose()?,
        answered_by: by.map(word_name).transpose()?,
    })
}
