//! Waits for a person: how a run goes into one, and how it comes out.
//!
//! A run that waits holds no lease and no worker. The answer puts it back into
//! the queue, where any process takes it up again from its log.

use domain::{ApprovalId, Attempt, AuditKind, CallId, Event, RunId, RunStatus, Timestamp};
use sea_orm::{ConnectionTrait, Value};

use crate::approvals::call_hash;
use crate::audit::{Actor, Record, name, words};
use crate::connection::Durability;
use crate::ending::FromState;
use crate::events::{Head, advance, insert};
use crate::link::Tx;
use crate::row::{get, ms, sql};
use crate::{ClaimedRun, Ending, Error, News, Result, Store};

/// Why a run waits for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pause {
    /// One exact call needs a yes.
    Approval {
        /// The step of the call.
        step: u32,
        /// The call.
        tool_call_id: CallId,
        /// The tool's name.
        tool: String,
        /// The arguments as JSON text, as the model gave them.
        arguments: String,
        /// Why it is asked, in one sentence.
        reason: String,
        /// When the question lapses.
        expires_at: Timestamp,
    },
    /// The run does not know how to go on.
    Guidance {
        /// The question, as Markdown.
        question: String,
        /// What was tried and failed, oldest first.
        attempts: Vec<Attempt>,
    },
}

impl Store {
    /// Puts a run that this process holds into its wait, and gives up its lease.
    /// A run that somebody has asked to stop ends instead.
    pub async fn pause(&self, run: &ClaimedRun, pause: Pause) -> Result<()> {
        let now = self.clock().now();
        let mut write = self.write(Durability::Full).await?;
        let held = "SELECT cancel_requested_at FROM runs
            WHERE id = $1 AND status = 'running' AND lease_owner = $2";
        let values: [Value; 2] = [run.id.as_uuid().into(), self.process().0.into()];
        let row = write.tx.query_one_raw(sql(held, values)).await?.ok_or(Error::LeaseLost)?;
        let stop: Option<i64> = get(&row, "cancel_requested_at")?;
        if stop.is_some() {
            let from = FromState::of(RunStatus::Running);
            self.end_in(&mut write, run.id, from, Ending::cancelled(), now).await?;
        } else {
            let head = self.pause_in(&write.tx, run, pause, now).await?;
            write.announce(head.change(News::Status));
        }
        write.commit().await
    }

    async fn pause_in(
        &self,
        tx: &Tx,
        run: &ClaimedRun,
        pause: Pause,
        now: Timestamp,
    ) -> Result<Head> {
        let (status, asked) = match pause {
            Pause::Approval { step, tool_call_id, tool, arguments, reason, expires_at } => {
                let approval_id = ApprovalId::from_uuid(self.clock().uuid());
                let text = "INSERT INTO approvals (id, run_id, session_id, owner_id, agent_id, step,
                        tool_call_id, tool, arguments, reason, call_hash, status, asked_at, expires_at)
                    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'waiting', $12, $13)";
                let values: [Value; 13] = [
                    approval_id.as_uuid().into(),
                    run.id.as_uuid().into(),
                    run.session_id.as_uuid().into(),
                    run.owner_id.as_uuid().into(),
                    run.agent_id.as_uuid().into(),
                    i64::from(step).into(),
                    tool_call_id.as_uuid().into(),
                    tool.as_str().into(),
                    arguments.as_str().into(),
                    reason.as_str().into(),
                    call_hash(&tool, &arguments).into(),
                    ms(now).into(),
                    ms(expires_at).into(),
                ];
                tx.later(sql(text, values)).await?;
                tx.audit.note(Record {
                    owner: Some(run.owner_id.as_uuid()),
                    session: Some(run.session_id.as_uuid()),
                    run: Some(run.id.as_uuid()),
                    call: Some(tool_call_id.as_uuid()),
                    agent: Some(run.agent_id.as_uuid()),
                    tool: Some(name(&tool)),
                    rule: Some(words(&reason)),
                    arguments_hash: Some(call_hash(&tool, &arguments)),
                    ..Record::new(ms(now), AuditKind::Asked, Actor::Agent)
                });
                let asked =
                    Event::ApprovalAsked { approval_id, tool_call_id, tool, reason, expires_at };
                (RunStatus::WaitingApproval, asked)
            }
            Pause::Guidance { question, attempts } => {
                (RunStatus::WaitingGuidance, Event::GuidanceAsked { question, attempts })
            }
        };
        let events = [asked, Event::RunStatus { status }];
        let head = advance(tx, run.id, None, &events).await?;
        insert(tx, &head, &events, ms(now)).await?;
        let text = "UPDATE runs SET status = $2, lease_owner = NULL, lease_until = NULL
            WHERE id = $1";
        tx.later(sql(text, [head.run_id.into(), status.as_str().into()])).await?;
        let seen = "UPDATE sessions SET updated_at = $2 WHERE id = $1";
        tx.later(sql(seen, [head.session_id.into(), ms(now).into()])).await?;
        Ok(head)
    }
}

/// Puts a run that waited back into the queue, inside a write that has made sure
/// of the state it is in.
pub(crate) async fn resume(
    tx: &Tx,
    run: RunId,
    from: RunStatus,
    answered: Event,
    now: Timestamp,
) -> Result<Head> {
    let status = from.to(RunStatus::Queued)?;
    let events = [answered, Event::RunStatus { status }];
    let head = advance(tx, run, None, &events).await?;
    insert(tx, &head, &events, ms(now)).await?;
    let text = "UPDATE runs SET status = $2 WHERE id = $1";
    tx.later(sql(text, [head.run_id.into(), status.as_str().into()])).await?;
    Ok(head)
}
