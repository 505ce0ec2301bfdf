//! Running the calls of a step.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::{CallId, Decision, Event, TaintOrigin, TaintSource, ToolClass, ToolErrorCode};
use futures_util::stream::{FuturesUnordered, StreamExt};
use store::Clock;
use tools::{Network, Origin, Output, Registry, Room, ToolError};

use crate::errands::Errands;
use crate::recorder::{LogClosed, Safety};
use crate::since;
use crate::work::Halt;
use crate::work::course::{Answer, Call};
use crate::work::log::Log;
use crate::work::policy::{BY_APPROVAL, Bar, Decided, NoSecrets, Policy};

/// How many calls run at once.
const AT_ONCE: usize = 8;

/// What calls run with.
pub(crate) struct Bench<'a> {
    pub(crate) clock: &'a dyn Clock,
    pub(crate) tools: &'a Registry,
    pub(crate) room: &'a Room,
    /// What tasks are given away through, where the run may.
    pub(crate) errands: Option<Errands>,
    pub(crate) timeout: Duration,
    /// What decides whether a call runs.
    pub(crate) policy: Policy<'a>,
    /// What other machines are reached through.
    pub(crate) client: network::Client,
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

/// A call that runs, and the rule that lets it.
struct Allowed {
    call: Call,
    rule: String,
    /// What it may reach, where it reaches out.
    network: Option<Arc<Network>>,
}

impl Bench<'_> {
    /// Runs calls in their order; those that may run beside each other
    /// do. Dropping the future ends what runs.
    pub(crate) async fn run(
        &self,
        log: &mut Log<'_>,
        step: u32,
        calls: Vec<Call>,
    ) -> Result<Ran, Halt> {
        let mut left = VecDeque::from(calls);
        while let Some(call) = left.pop_front() {
            // Decided when its turn comes: what ran before it counts.
            let bar = self.policy.now(log.course()).await?;
            let rule = match self.decide(&bar, log, step, &call).await? {
                Some(Decided::Runs { rule }) => rule,
                Some(Decided::Asks { reason }) => {
                    self.hold(log, step, &call, left).await?;
                    return Ok(Ran::Asks { call, reason });
                }
                Some(Decided::Denied { .. }) | None => continue,
            };
            let network = self.network(&bar, &call);
            let mut group = vec![Allowed { call, rule, network }];
            while group.len() < AT_ONCE
                && let Some(next) = left.front()
                && self.run_together(&group[0].call, next)
                && !log.course().answers.contains_key(&next.id)
                && let Decided::Runs { rule } = bar.decide(self.tools, next)
                && let Some(call) = left.pop_front()
            {
                let network = self.network(&bar, &call);
                group.push(Allowed { call, rule, network });
            }
            self.together(log, step, group).await?;
        }
        Ok(Ran::All)
    }

    /// What becomes of a call: by a person's answer, or by the rules. One that
    /// does not run gets its result at once; `None` where a person said no.
    async fn decide(
        &self,
        bar: &Bar,
        log: &mut Log<'_>,
        step: u32,
        call: &Call,
    ) -> Result<Option<Decided>, LogClosed> {
        let decided = match log.course().answers.get(&call.id).cloned() {
            Some(Answer { decision: Decision::Approved, .. }) => {
                Decided::Runs { rule: BY_APPROVAL.to_owned() }
            }
            Some(answer) => {
                log.record(refused(step, call, &answer)).await?;
                return Ok(None);
            }
            None => bar.decide(self.tools, call),
        };
        if let Decided::Denied { rule, sentence } = &decided {
            log.record(held(step, call, Some(rule))).await?;
            let code = ToolErrorCode::PolicyDenied;
            let output = failure(code, sentence);
            log.record(end(step, call, output, Some(code), 0, None)).await?;
        }
        Ok(Some(decided))
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
        for call in waiting.iter().filter(|call| !known.contains(&call.id)) {
            log.record(held(step, call, None)).await?;
        }
        Ok(())
    }

    async fn together(
        &self,
        log: &mut Log<'_>,
        step: u32,
        group: Vec<Allowed>,
    ) -> Result<(), LogClosed> {
        let mut running = FuturesUnordered::new();
        let mut twins = Vec::new();
        let calls: Vec<_> = group.iter().map(|one| &one.call).collect();
        for allowed in &group {
            let call = &allowed.call;
            log.record(start(step, call, &allowed.rule)).await?;
            let is_twin = |other: &&&Call| {
                other.id != call.id && other.tool == call.tool && other.arguments == call.arguments
            };
            if log.course().reuse.find(&call.tool, &call.arguments).is_some()
                || calls.iter().take_while(|other| other.id != call.id).any(|other| is_twin(&other))
                    && self.tools.class(&call.tool) == Some(ToolClass::Pure)
            {
                twins.push(allowed);
            } else {
                running.push(self.one(allowed));
            }
        }
        log.flush(safety(self.tools, &calls)).await?;
        while let Some((call, result, duration_ms)) = running.next().await {
            log.record(self.ended(step, call, result, duration_ms).await).await?;
        }
        drop(running);
        for allowed in twins {
            let call = &allowed.call;
            match log.course().reuse.find(&call.tool, &call.arguments).cloned() {
                Some(known) => {
                    let output =
                        Output { truncated: false, ..Output::new(&known.summary, known.output) };
                    log.record(end(step, call, output, None, 0, Some(known.call))).await?;
                }
                // The one before it failed.
                None => {
                    let (_, result, duration_ms) = self.one(allowed).await;
                    log.record(self.ended(step, call, result, duration_ms).await).await?;
                }
            }
        }
        Ok(())
    }

    async fn one<'c>(&self, allowed: &'c Allowed) -> (&'c Call, Result<Output, ToolError>, u64) {
        let begun = Instant::now();
        let Allowed { call, network, .. } = allowed;
        let info = self.tools.info(&call.tool);
        let delegates = info.is_some_and(|info| info.class == ToolClass::Delegates);
        let own = info.and_then(|info| info.timeout);
        let limit = own.map_or(self.timeout, |own| own.min(self.timeout));
        let room = match (&self.errands, network) {
            (Some(errands), _) if delegates => &self.room.with_delegate(errands.for_call(call.id)),
            (_, Some(network)) => &self.room.with_network(Arc::clone(network)),
            _ => self.room,
        };
        let work = self.tools.call(room, &call.tool, &call.arguments);
        let result = tokio::time::timeout(limit, work).await.unwrap_or_else(|_| {
            let seconds = limit.as_secs();
            let message = format!("The call ran past its limit of {seconds} s and was ended.");
            Err(ToolError::new(ToolErrorCode::Timeout, message))
        });
        (call, result, since(begun))
    }

    /// What a call may reach, where it is one that reaches out.
    fn network(&self, bar: &Bar, call: &Call) -> Option<Arc<Network>> {
        let reaches = self.tools.class(&call.tool) == Some(ToolClass::Network);
        let hosts = reaches.then(|| bar.hosts(self.tools, call))?;
        let secrets = Arc::new(NoSecrets);
        Some(Arc::new(Network { client: self.client.clone(), hosts, secrets }))
    }

    /// The end of a call that ran, with what of it came from outside.
    async fn ended(
        &self,
        step: u32,
        call: &Call,
        result: Result<Output, ToolError>,
        duration_ms: u64,
    ) -> Event {
        let (output, error_code) = told(result);
        let taint = self.taint(call, output.origin).await;
        let mut ended = end(step, call, output, error_code, duration_ms, None);
        if let Event::ToolEnd { taint: place, .. } = &mut ended {
            *place = taint;
        }
        ended
    }

    /// What a result brought in from outside.
    async fn taint(&self, call: &Call, origin: Origin) -> Option<TaintSource> {
        let origin = match (origin, self.tools.class(&call.tool)?) {
            (Origin::Outside, _) => {
                let touches = self.tools.touches(&call.tool, &call.arguments);
                let host = touches.and_then(|touches| touches.hosts.into_iter().next());
                TaintOrigin::Web(host.map_or(call.tool.clone(), |host| host.name))
            }
            // What those that it began have read, their answers may carry on.
            (Origin::Inside, ToolClass::Delegates)
                if self.policy.has_read_outside(call.id).await =>
            {
                TaintOrigin::Agent(call.tool.clone())
            }
            (Origin::Inside, _) => return None,
        };
        Some(TaintSource { origin, call: Some(call.id), at: self.clock.now() })
    }
}

/// A result as the model is told of it.
fn told(result: Result<Output, ToolError>) -> (Output, Option<ToolErrorCode>) {
    match result {
        // A cut output is still a success, and says itself that it was cut.
        Ok(mut output) => {
            // Providers refuse an empty result.
            if output.content.is_empty() {
                output.content.push_str("(no output)");
            }
            (output, None)
        }
        Err(error) => (failure(error.code, &error.message), Some(error.code)),
    }
}

fn failure(code: ToolErrorCode, message: &str) -> Output {
    Output::new(message, format!("error {code}: {message}"))
}

fn start(step: u32, call: &Call, rule: &str) -> Event {
    Event::ToolStart {
        step,
        tool_call_id: call.id,
        wire_id: call.wire_id.clone(),
        tool: call.tool.clone(),
        arguments: call.arguments.clone(),
        repair: call.repair.clone(),
        allowed_by: Some(rule.to_owned()),
    }
}

fn held(step: u32, call: &Call, denied_by: Option<&str>) -> Event {
    Event::ToolHeld {
        step,
        tool_call_id: call.id,
        wire_id: call.wire_id.clone(),
        tool: call.tool.clone(),
        arguments: call.arguments.clone(),
        repair: call.repair.clone(),
        denied_by: denied_by.map(str::to_owned),
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
        taint: None,
    }
}

/// How safely the beginning of calls is stored before they are done. What a
/// crash cuts off must be known to have begun; what has an effect outside is
/// not done again after a power cut either.
fn safety(tools: &Registry, group: &[&Call]) -> Safety {
    let is_harmless =
        |call: &&Call| tools.class(&call.tool).is_some_and(|class| !class.may_change_answers());
    if group.iter().all(is_harmless) { Safety::Process } else { Safety::Power }
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
    use super::*;

    #[test]
    fn a_call_that_may_change_something_waits_for_the_disk() {
        let tools = Registry::builtin();
        let stored = |names: &[&str]| {
            let call = |tool: &&str| Call {
                id: CallId::from_uuid(uuid::Uuid::nil()),
                wire_id: String::new(),
                tool: (*tool).to_owned(),
                arguments: String::new(),
                repair: None,
            };
            let calls: Vec<_> = names.iter().map(call).collect();
            safety(&tools, &calls.iter().collect::<Vec<_>>())
        };
        for harmless in [&["fs.read"][..], &["fs.list", "fs.read"], &["time.now"]] {
            assert_eq!(stored(harmless), Safety::Process, "{harmless:?}");
        }
        for risky in [&["fs.write"][..], &["fs.read", "fs.write"], &["agent.run"], &["unheard.of"]]
        {
            assert_eq!(stored(risky), Safety::Power, "{risky:?}");
        }
    }
}
