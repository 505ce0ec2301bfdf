//! Running the calls of a step.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use domain::{CallId, Decision, Event, ToolErrorCode};
use futures_util::stream::{FuturesUnordered, StreamExt};
use tools::{Output, Registry, Room, ToolError};

use crate::errands::Errands;
use crate::recorder::{LogClosed, Safety};
use crate::since;
use crate::work::course::{Answer, Call};
use crate::work::log::Log;

/// How many calls run at once.
const AT_ONCE: usize = 8;

/// What calls run with.
pub(crate) struct Bench<'a> {
    pub(crate) tools: &'a Registry,
    pub(crate) room: &'a Room,
    /// What tasks are given away through, where the run may.
    pub(crate) errands: Option<Errands>,
    pub(crate) timeout: Duration,
}

/// What became of the calls of a step.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ran {
    /// Each has its result.
    All,
    /// A person has to be asked about this one. It and those after it are held.
    Asks {
        /// The call.
        call: Call,
        /// Why.
        reason: String,
    },
}

impl Bench<'_> {
    /// Runs calls in their order; those that may run beside each other
    /// do. Dropping the future ends what runs.
    pub(crate) async fn run(
        &self,
        log: &mut Log<'_>,
        step: u32,
        calls: Vec<Call>,
    ) -> Result<Ran, LogClosed> {
        let mut left = VecDeque::from(calls);
        while let Some(call) = left.pop_front() {
            let answer = log.course().answers.get(&call.id).cloned();
            match answer {
                Some(Answer { decision: Decision::Approved, .. }) => {}
                Some(answer) => {
                    log.record(refused(step, &call, &answer)).await?;
                    continue;
                }
                None => {
                    if let Some(reason) = self.tools.asks(&call.tool, &call.arguments) {
                        self.hold(log, step, &call, left).await?;
                        return Ok(Ran::Asks { call, reason });
                    }
                }
            }
            let mut group = vec![call];
            while group.len() < AT_ONCE
                && let Some(next) = left.pop_front_if(|next| {
                    self.run_together(&group[0], next)
                        && !log.course().answers.contains_key(&next.id)
                        && self.tools.asks(&next.tool, &next.arguments).is_none()
                })
            {
                group.push(next);
            }
            self.together(log, step, group).await?;
        }
        Ok(Ran::All)
    }

    fn run_together(&self, one: &Call, other: &Call) -> bool {
        let classes = (self.tools.class(&one.tool), self.tools.class(&other.tool));
        matches!(classes, (Some(one), Some(other)) if one.runs_beside(other))
    }

    /// Notes that a call and those behind it wait; those already held stay so.
    async fn hold(
        &self,
        log: &mut Log<'_>,
        step: u32,
        call: &Call,
        behind: VecDeque<Call>,
    ) -> Result<(), LogClosed> {
        let known: Vec<_> = log.course().held.iter().map(|call| call.id).collect();
        let mut waiting = vec![call.clone()];
        waiting.extend(behind);
        for call in waiting.into_iter().filter(|call| !known.contains(&call.id)) {
            let Call { id: tool_call_id, wire_id, tool, arguments, repair } = call;
            let held = Event::ToolHeld { step, tool_call_id, wire_id, tool, arguments, repair };
            log.record(held).await?;
        }
        Ok(())
    }

    async fn together(
        &self,
        log: &mut Log<'_>,
        step: u32,
        group: Vec<Call>,
    ) -> Result<(), LogClosed> {
        let mut running = FuturesUnordered::new();
        let mut twins = Vec::new();
        for call in &group {
            log.record(start(step, call)).await?;
            let is_twin = |other: &&Call| {
                other.id != call.id && other.tool == call.tool && other.arguments == call.arguments
            };
            if log.course().reuse.find(&call.tool, &call.arguments).is_some()
                || group.iter().take_while(|other| other.id != call.id).any(|other| is_twin(&other))
                    && self.tools.class(&call.tool) == Some(tools::Class::Pure)
            {
                twins.push(call);
            } else {
                running.push(self.one(call));
            }
        }
        log.flush(self.safety(&group)).await?;
        while let Some((call, result, duration_ms)) = running.next().await {
            let (output, error_code) = self.told(result);
            log.record(end(step, call, output, error_code, duration_ms, None)).await?;
        }
        drop(running);
        for call in twins {
            match log.course().reuse.find(&call.tool, &call.arguments).cloned() {
                Some(known) => {
                    let output =
                        Output { summary: known.summary, content: known.output, truncated: false };
                    log.record(end(step, call, output, None, 0, Some(known.call))).await?;
                }
                // The one before it failed.
                None => {
                    let (_, result, duration_ms) = self.one(call).await;
                    let (output, error_code) = self.told(result);
                    log.record(end(step, call, output, error_code, duration_ms, None)).await?;
                }
            }
        }
        Ok(())
    }

    /// How safely the beginning of calls is stored before they are done. What a
    /// crash cuts off must be known to have begun; what has an effect outside is
    /// not done again after a power cut either.
    fn safety(&self, group: &[Call]) -> Safety {
        let is_harmless = group.iter().all(|call| {
            self.tools.class(&call.tool).is_some_and(|class| !class.may_change_answers())
        });
        if is_harmless { Safety::Process } else { Safety::Power }
    }

    async fn one<'c>(&self, call: &'c Call) -> (&'c Call, Timed, u64) {
        let begun = Instant::now();
        let delegates = self.tools.class(&call.tool) == Some(tools::Class::Delegates);
        let room = match &self.errands {
            Some(errands) if delegates => &self.room.with_delegate(errands.for_call(call.id)),
            _ => self.room,
        };
        let work = self.tools.call(room, &call.tool, &call.arguments);
        let result = tokio::time::timeout(self.timeout, work).await;
        (call, result, since(begun))
    }

    fn told(&self, result: Timed) -> (Output, Option<ToolErrorCode>) {
        match result {
            // A cut output is still a success, and says itself that it was cut.
            Ok(Ok(mut output)) => {
                // Providers refuse an empty result.
                if output.content.is_empty() {
                    output.content.push_str("(no output)");
                }
                (output, None)
            }
            Ok(Err(error)) => (failure(error.code, &error.message), Some(error.code)),
            Err(_) => {
                let code = ToolErrorCode::Timeout;
                let seconds = self.timeout.as_secs();
                let message = format!("The call ran past its limit of {seconds} s and was ended.");
                (failure(code, &message), Some(code))
            }
        }
    }
}

type Timed = Result<Result<Output, ToolError>, tokio::time::error::Elapsed>;

fn failure(code: ToolErrorCode, message: &str) -> Output {
    Output::new(message, format!("error {code}: {message}"))
}

fn start(step: u32, call: &Call) -> Event {
    Event::ToolStart {
        step,
        tool_call_id: call.id,
        wire_id: call.wire_id.clone(),
        tool: call.tool.clone(),
        arguments: call.arguments.clone(),
        repair: call.repair.clone(),
    }
}

fn end(
    step: u32,
    call: &Call,
    output: Output,
    error_code: Option<ToolErrorCode>,
    duration_ms: u64,
    reused_from: Option<CallId>,
) -> Event {
    Event::ToolEnd {
        step,
        tool_call_id: call.id,
        tool: call.tool.clone(),
        summary: output.summary,
        output: output.content,
        error_code,
        duration_ms,
        reused_from,
    }
}

/// The result of a call that a person did not allow.
fn refused(step: u32, call: &Call, answer: &Answer) -> Event {
    let (code, sentence) = match answer.decision {
        Decision::Expired => (
            ToolErrorCode::ApprovalExpired,
            "Nobody answered in time whether this call may run. It did not run.",
        ),
        Decision::Denied | Decision::Approved => {
            (ToolErrorCode::ApprovalDenied, "A person did not allow this call. It did not run.")
        }
    };
    let note = answer.note.as_ref().map(|note| format!(" The person says: {note}"));
    let message = format!("{sentence}{}", note.unwrap_or_default());
    end(step, call, failure(code, &message), Some(code), 0, None)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "this is how a test fails")]

    use std::sync::Arc;

    use domain::Timestamp;

    use super::*;

    #[test]
    fn a_call_that_may_change_something_waits_for_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let room = Room::open(folder.path(), Arc::new(|| Timestamp::UNIX_EPOCH)).unwrap();
        let (tools, errands) = (Registry::builtin(), None);
        let bench = Bench { tools: &tools, room: &room, errands, timeout: Duration::ZERO };
        let safety = |names: &[&str]| {
            let call = |tool: &&str| Call {
                id: CallId::from_uuid(uuid::Uuid::nil()),
                wire_id: String::new(),
                tool: (*tool).to_owned(),
                arguments: String::new(),
                repair: None,
            };
            bench.safety(&names.iter().map(call).collect::<Vec<_>>())
        };
        for harmless in [&["fs.read"][..], &["fs.list", "fs.read"], &["time.now"]] {
            assert_eq!(safety(harmless), Safety::Process, "{harmless:?}");
        }
        for risky in [&["fs.write"][..], &["fs.read", "fs.write"], &["agent.run"], &["unheard.of"]]
        {
            assert_eq!(safety(risky), Safety::Power, "{risky:?}");
        }
    }
}
