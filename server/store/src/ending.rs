//! How a run ends: one way for all of done, failed, cancelled and interrupted.
//!
//! Whatever was open is closed first, so that every tool call has a result and
//! every step its text. A conversation that was cut anywhere can go on.

use domain::{
    CallId, Event, FinishReason, RunError, RunErrorCode, RunId, RunStatus, SessionId, Timestamp,
    ToolErrorCode, UserId,
};
use sea_orm::Value;

use crate::approvals::withdraw;
use crate::connection::{Durability, Write};
use crate::events::{advance, insert, move_on, step_up_to};
use crate::family::tell_parent;
use crate::row::{ms, sql};
use crate::session_life::title_by_exchange;
use crate::usage_days::use_on_day;
use crate::{ClaimedRun, News, ProcessId, Result, Store};

/// The end of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// The end state.
    pub status: RunStatus,
    /// Why there is no proper answer.
    pub error: Option<RunError>,
}

impl Ending {
    /// The model has answered.
    pub fn done() -> Self {
        Self { status: RunStatus::Done, error: None }
    }

    /// Something failed.
    pub fn failed(code: RunErrorCode, message: impl Into<String>) -> Self {
        let error = Some(RunError { code, message: message.into() });
        Self { status: RunStatus::Failed, error }
    }

    /// A person stopped it.
    pub fn cancelled() -> Self {
        Self { status: RunStatus::Cancelled, error: None }
    }

    /// The agent was disabled before a worker took it.
    pub fn agent_disabled() -> Self {
        let message = "The agent was disabled while this run waited.";
        let error = Some(RunError { code: RunErrorCode::AgentDisabled, message: message.into() });
        Self { status: RunStatus::Cancelled, error }
    }

    /// The server went away under it.
    pub fn interrupted() -> Self {
        let message = "The server stopped while this run was at work. Send the message again to go on from here.";
        let error = Some(RunError { code: RunErrorCode::Interrupted, message: message.into() });
        Self { status: RunStatus::Interrupted, error }
    }

    /// What an open tool call is told.
    fn call_result(&self) -> (ToolErrorCode, &'static str) {
        let code = self.error.as_ref().map(|error| error.code);
        match (self.status, code) {
            (RunStatus::Cancelled, _) => (
                ToolErrorCode::Cancelled,
                "The run was stopped before this call ended. It may or may not have taken effect.",
            ),
            (_, Some(RunErrorCode::TimeLimit)) => (
                ToolErrorCode::Timeout,
                "The run reached its limit of time before this call ended. It may or may not have taken effect.",
            ),
            _ => (
                ToolErrorCode::Interrupted,
                "The server stopped before this call ended. It may or may not have taken effect.",
            ),
        }
    }
}

impl Store {
    /// Ends a run that this process holds the lease of.
    pub async fn end(&self, run: &ClaimedRun, ending: Ending) -> Result<()> {
        self.end_with(run, Vec::new(), ending).await
    }

    /// Appends the last events of a run that this process holds the lease of,
    /// and ends it, in one.
    pub async fn end_with(&self, run: &ClaimedRun, last: Vec<Event>, ending: Ending) -> Result<()> {
        self.end_held(run.id, self.process(), last, ending).await
    }

    pub(crate) async fn end_held(
        &self,
        run: RunId,
        holder: ProcessId,
        last: Vec<Event>,
        ending: Ending,
    ) -> Result<()> {
        let now = self.clock().now();
        let mut write = self.write(Durability::Prompt).await?;
        let from = FromState { status: RunStatus::Running, holder: Some(holder), last };
        self.end_in(&mut write, run, from, ending, now).await?;
        write.commit().await
    }

    /// Ends a run inside a write. What it began is stopped with it, and what
    /// began it is told.
    pub(crate) async fn end_in(
        &self,
        write: &mut Write<'_>,
        run: RunId,
        from: FromState,
        ending: Ending,
        now: Timestamp,
    ) -> Result<()> {
        from.status.to(ending.status)?;
        let tx = &write.tx;
        let mut events = from.last;
        // What is open was opened in the newest step.
        let has_step = events.iter().any(|event| matches!(event, Event::StepStart { .. }));
        let tail = if has_step { Vec::new() } else { step_up_to(tx, run, u64::MAX).await? };
        let told = tail.iter().map(|record| (&record.event, record.at));
        let closing = closing(told.chain(events.iter().map(|event| (event, now))), &ending, now);
        events.extend(closing);
        let answer = answer(tail.iter().map(|record| &record.event).chain(&events));
        events.push(Event::RunEnd { status: ending.status, error: ending.error.clone() });
        let holder = from.holder.map(|holder| holder.0);
        let mut head = advance(tx, run, holder, &events).await?;
        if head.has_children {
            // What their ends have to tell stands before the end of the run.
            let room = i64::try_from(events.len()).unwrap_or(i64::MAX);
            move_on(tx, run, -room).await?;
            self.stop_children(write, run, now).await?;
            head.last_seq = move_on(&write.tx, run, room).await?;
        }
        let tx = &write.tx;
        insert(tx, &head, &events, ms(now)).await?;
        use_on_day(tx, run, ms(now), &events).await?;
        let text = "UPDATE runs SET status = $2, answer = $3, error_code = $4, error_message = $5,
                ended_at = $6, lease_owner = NULL, lease_until = NULL
            WHERE id = $1";
        let values: [Value; 6] = [
            run.as_uuid().into(),
            ending.status.as_str().into(),
            answer.clone().into(),
            ending.error.as_ref().map(|error| error.code.as_str()).into(),
            ending.error.as_ref().map(|error| error.message.clone()).into(),
            ms(now).into(),
        ];
        tx.later(sql(text, values)).await?;
        let (owner, session) =
            (UserId::from_uuid(head.owner_id), SessionId::from_uuid(head.session_id));
        if let Some(answer) = answer {
            self.say(tx, owner, session, run, "assistant", &answer, now).await?;
            if ending.status == RunStatus::Done && head.title_from.as_deref() == Some("message") {
                title_by_exchange(tx, session, run, &answer).await?;
            }
        }
        let seen = "UPDATE sessions SET updated_at = $2 WHERE id = $1";
        tx.later(sql(seen, [head.session_id.into(), ms(now).into()])).await?;
        if from.status == RunStatus::WaitingApproval {
            withdraw(tx, run, now).await?;
        }
        if head.has_unheard {
            self.hand_on(tx, &head, now).await?;
        }
        write.announce(head.change(News::Status));
        if let Some(call) = head.begun_by {
            tell_parent(write, call, run, ending.status, now).await?;
        }
        Ok(())
    }
}

/// What a run ends from.
pub(crate) struct FromState {
    /// The state it is in.
    pub(crate) status: RunStatus,
    /// Who must still hold its lease; without one the caller has made sure of
    /// the state.
    pub(crate) holder: Option<ProcessId>,
    /// Events that are not stored yet.
    pub(crate) last: Vec<Event>,
}

impl FromState {
    /// A state that the caller has made sure of.
    pub(crate) fn of(status: RunStatus) -> Self {
        Self { status, holder: None, last: Vec::new() }
    }
}

/// The events that close what a step left open.
fn closing<'a>(
    told: impl Iterator<Item = (&'a Event, Timestamp)>,
    ending: &Ending,
    now: Timestamp,
) -> Vec<Event> {
    let (mut text, mut thinking) = (String::new(), String::new());
    let mut open_step: Option<(u32, Timestamp)> = None;
    let mut open_calls: Vec<(u32, CallId, &str, Timestamp)> = Vec::new();
    for (event, at) in told {
        match event {
            Event::StepStart { step, .. } => open_step = Some((*step, at)),
            Event::TextDelta { text: new, .. } => text.push_str(new),
            Event::ThinkingDelta { text: new, .. } => thinking.push_str(new),
            Event::StepEnd { .. } => open_step = None,
            Event::ToolHeld { step, tool_call_id, tool, .. }
            | Event::ToolStart { step, tool_call_id, tool, .. } => {
                open_calls.retain(|(_, id, ..)| id != tool_call_id);
                open_calls.push((*step, *tool_call_id, tool, at));
            }
            Event::ToolEnd { tool_call_id, .. } => {
                open_calls.retain(|(_, id, ..)| id != tool_call_id);
            }
            _ => {}
        }
    }
    let since = |begun: Timestamp| {
        u64::try_from(now.as_millisecond() - begun.as_millisecond()).unwrap_or(0)
    };
    let mut events = Vec::new();
    if let Some((step, begun)) = open_step {
        let finish = FinishReason::Cut;
        let thinking = Some(thinking).filter(|text| !text.is_empty());
        let duration_ms = since(begun);
        events.push(Event::StepEnd {
            step,
            text,
            thinking,
            raw: None,
            carried: None,
            finish,
            duration_ms,
        });
    }
    let (code, sentence) = ending.call_result();
    for (step, tool_call_id, tool, begun) in open_calls {
        events.push(Event::ToolEnd {
            step,
            tool_call_id,
            tool: tool.to_owned(),
            summary: sentence.to_owned(),
            output: format!("error {code}: {sentence}"),
            error_code: Some(code),
            duration_ms: since(begun),
            reused_from: None,
            taint: None,
        });
    }
    events
}

/// The text of the newest step, if it has any.
fn answer<'a>(events: impl DoubleEndedIterator<Item = &'a Event>) -> Option<String> {
    let mut texts = events.filter_map(|event| match event {
        Event::StepEnd { text, .. } => Some(text),
        _ => None,
    });
    texts.next_back().filter(|text| !text.trim().is_empty()).cloned()
}
