//! The fold from events to what a person reads. The server renders with it and
//! the browser continues with it, so a reload shows what the stream showed.

mod call;
mod note;
mod step;

use serde::{Deserialize, Serialize};

pub use self::call::{ApprovalAnswer, ApprovalAsked, CallResult, CallStage, CallView, ChildRun};
pub use self::note::{AfterFault, Note, NoteKind};
use self::note::{Place, note};
pub use self::step::Step;
use crate::{
    BEFORE_STEPS, CallId, Event, LiveEvent, PictureView, RunError, RunId, RunStatus, Spent,
    Timestamp,
};

/// One question and the work on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// The run that works on it; the key of the turn on a page.
    pub run_id: RunId,
    /// What was asked.
    pub question: String,
    /// The pictures that were sent with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pictures: Vec<PictureView>,
    /// The agent's name.
    pub agent: String,
    /// Where the run is.
    pub status: RunStatus,
    /// What happened before the first step, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<Note>,
    /// The exchanges with the model so far.
    pub steps: Vec<Step>,
    /// The tokens of all exchanges together, and what they cost.
    pub spent: Spent,
    /// Why there is no proper answer.
    pub error: Option<RunError>,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// When a worker took it.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// The number of the newest event in here; older ones are not applied again.
    pub seq: u64,
    /// After how many days the steps of an ended run are cleared, where those
    /// of this one were.
    #[serde(default)]
    pub cleared_days: Option<u32>,
}

/// What an event changed in a turn, beside its figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touched {
    /// Nothing at all: the event was in there already.
    Nothing,
    /// The turn as a whole.
    Turn,
    /// The step of a number.
    Step(u32),
}

impl Turn {
    /// A question that nothing has happened to yet.
    pub fn new(run_id: RunId, question: String, agent: String, asked_at: Timestamp) -> Self {
        Self {
            run_id,
            question,
            pictures: Vec::new(),
            agent,
            status: RunStatus::Queued,
            before: Vec::new(),
            steps: Vec::new(),
            spent: Spent::default(),
            error: None,
            asked_at,
            started_at: None,
            ended_at: None,
            seq: 0,
            cleared_days: None,
        }
    }

    /// Takes in one event, and says what it changed. An event that is in here
    /// already changes nothing, so a snapshot and a stream may overlap.
    pub fn apply(&mut self, live: &LiveEvent) -> Touched {
        if live.run_id != self.run_id || live.seq <= self.seq {
            return Touched::Nothing;
        }
        self.seq = live.seq;
        if let Some((place, note)) = note(live) {
            return self.take_note(place, note);
        }
        match &live.event {
            Event::RunStatus { status } => {
                self.status = *status;
                if *status == RunStatus::Running && self.started_at.is_none() {
                    self.started_at = Some(live.at);
                }
                Touched::Turn
            }
            Event::RunEnd { status, error } => {
                self.status = *status;
                self.error.clone_from(error);
                self.ended_at = Some(live.at);
                self.say_once()
            }
            Event::StepStart { step, model } => self.begin(*step, model, live.at),
            Event::TextDelta { step, .. } => {
                self.in_step(*step, |step| step.write(live.prose.as_ref()))
            }
            // Thinking stands beside the answer and is no part of it.
            Event::ThinkingDelta { step, text } => {
                self.in_step(*step, |step| step.thinking.push_str(text))
            }
            Event::StepEnd { step, thinking, finish, duration_ms, .. } => {
                self.in_step(*step, |step| {
                    step.write(live.prose.as_ref());
                    if let Some(thinking) = thinking {
                        step.thinking.clone_from(thinking);
                    }
                    step.duration_ms = Some(*duration_ms);
                    step.finish = Some(*finish);
                })
            }
            Event::Usage { step, input_tokens, output_tokens, cached_tokens, cost } => {
                let spent = Spent {
                    input_tokens: *input_tokens,
                    output_tokens: *output_tokens,
                    cached_tokens: *cached_tokens,
                    cost: *cost,
                };
                self.spent += spent;
                self.in_step(*step, |step| step.spent += spent)
            }
            Event::ToolHeld { step, .. } | Event::ToolStart { step, .. } => {
                if *step == BEFORE_STEPS && self.steps.is_empty() {
                    self.steps.push(Step::new(BEFORE_STEPS, String::new(), live.at));
                }
                self.in_step(*step, |step| step.call_opens(live))
            }
            Event::ToolEnd {
                step,
                tool_call_id,
                summary,
                output,
                error_code,
                duration_ms,
                reused_from,
                ..
            } => self.in_step(*step, |step| {
                if let Some(call) = step.call(*tool_call_id) {
                    call.result = Some(CallResult {
                        summary: summary.clone(),
                        output: output.clone(),
                        error_code: *error_code,
                        duration_ms: *duration_ms,
                        reused_from: *reused_from,
                    });
                }
            }),
            Event::ApprovalAsked { approval_id, tool_call_id, reason, expires_at, .. } => self
                .in_call(*tool_call_id, |call| {
                    call.approval = Some(ApprovalAsked {
                        id: *approval_id,
                        reason: reason.clone(),
                        expires_at: *expires_at,
                        answer: None,
                    });
                }),
            Event::ApprovalAnswered { tool_call_id, decision, note, .. } => {
                self.in_call(*tool_call_id, |call| {
                    if let Some(approval) = &mut call.approval {
                        let note = note.clone();
                        approval.answer = Some(ApprovalAnswer { decision: *decision, note });
                    }
                })
            }
            Event::AgentChild { tool_call_id, child, agent, status } => {
                self.in_call(*tool_call_id, |call| {
                    let (agent, status) = (agent.clone(), *status);
                    call.child = Some(ChildRun { run_id: *child, agent, status });
                })
            }
            // Notes were taken in above; the opening is for traces.
            Event::Opening { .. }
            | Event::ModelFault { .. }
            | Event::Recovery { .. }
            | Event::Compaction { .. }
            | Event::Nudge { .. }
            | Event::Steering { .. }
            | Event::GuidanceAsked { .. }
            | Event::GuidanceAnswered { .. } => Touched::Turn,
        }
    }

    /// Tool calls that have ended.
    pub fn calls_ended(&self) -> usize {
        self.calls().filter(|call| call.result.is_some()).count()
    }

    /// One line about the newest ended tool call.
    pub fn last_summary(&self) -> Option<&str> {
        let results = self.calls().filter_map(|call| call.result.as_ref());
        results.last().map(|result| result.summary.as_str())
    }

    /// Whether nothing can happen in a step any more. To the last one of a turn
    /// at work a call may still be added, however complete it looks.
    pub fn is_settled(&self, step: &Step) -> bool {
        let open = self.steps.last().filter(|_| !self.status.is_end());
        let called = step.calls.iter().all(|call| call.result.is_some());
        let has_ended = step.finish.is_some() || step.number == BEFORE_STEPS;
        has_ended && called && open.is_none_or(|open| open.number != step.number)
    }

    /// All tool calls, in order.
    pub fn calls(&self) -> impl Iterator<Item = &CallView> {
        self.steps.iter().flat_map(|step| &step.calls)
    }

    /// Begins a step. One that begins again, with another model say, is the same
    /// step.
    fn begin(&mut self, number: u32, model: &str, at: Timestamp) -> Touched {
        match self.step(number) {
            Some(step) => {
                step.model = model.to_owned();
                step.blocks.clear();
                step.thinking.clear();
            }
            None => self.steps.push(Step::new(number, model.to_owned(), at)),
        }
        Touched::Step(number)
    }

    /// What ended the run is said as its end; the note that says the same goes.
    fn say_once(&mut self) -> Touched {
        let Some(error) = &self.error else { return Touched::Turn };
        let Some(step) = self.steps.last_mut() else { return Touched::Turn };
        let number = step.number;
        let same = |note: &mut Note| {
            matches!(&note.what, NoteKind::Fault { message, next: AfterFault::Stop, .. }
                if *message == error.message)
        };
        match step.after.pop_if(same) {
            Some(_) => Touched::Step(number),
            None => Touched::Turn,
        }
    }

    fn take_note(&mut self, place: Place, note: Note) -> Touched {
        if let NoteKind::Fault { next: AfterFault::Failover(model), .. } = &note.what
            && let Place::Before(number) = place
            && let Some(step) = self.step(number)
        {
            step.model.clone_from(model);
        }
        let (notes, touched) = self.notes(place);
        notes.push(note);
        touched
    }

    /// The notes of a place. Where its step has not begun, those at the end of all
    /// that happened so far: that is where a reader looks for them.
    fn notes(&mut self, place: Place) -> (&mut Vec<Note>, Touched) {
        let wanted = match place {
            Place::Before(number) | Place::After(number) => Some(number),
            Place::Newest => None,
        };
        let there = self.steps.iter().rposition(|step| Some(step.number) == wanted);
        let Some(at) = there.or(self.steps.len().checked_sub(1)) else {
            return (&mut self.before, Touched::Turn);
        };
        let step = &mut self.steps[at];
        let touched = Touched::Step(step.number);
        match place {
            Place::Before(_) if there.is_some() => (&mut step.before, touched),
            Place::Before(_) | Place::After(_) | Place::Newest => (&mut step.after, touched),
        }
    }

    fn step(&mut self, number: u32) -> Option<&mut Step> {
        self.steps.iter_mut().rev().find(|step| step.number == number)
    }

    fn in_step(&mut self, number: u32, change: impl FnOnce(&mut Step)) -> Touched {
        if let Some(step) = self.step(number) {
            change(step);
        }
        Touched::Step(number)
    }

    fn in_call(&mut self, id: CallId, change: impl FnOnce(&mut CallView)) -> Touched {
        for step in self.steps.iter_mut().rev() {
            let number = step.number;
            if let Some(call) = step.call(id) {
                change(call);
                return Touched::Step(number);
            }
        }
        Touched::Turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ApprovalId, Decision, FinishReason, ModelFaultKind, Prose, RecoveryState, SessionId,
    };
    use uuid::Uuid;

    fn turn() -> Turn {
        let run_id = RunId::from_uuid(Uuid::from_u128(7));
        Turn::new(run_id, "Hello".into(), "guide".into(), Timestamp::UNIX_EPOCH)
    }

    fn live(seq: u64, event: Event, prose: Option<Prose>) -> LiveEvent {
        let run_id = RunId::from_uuid(Uuid::from_u128(7));
        let session_id = SessionId::from_uuid(Uuid::nil());
        let at = Timestamp::UNIX_EPOCH;
        LiveEvent { run_id, session_id, seq, position: seq, at, event, prose }
    }

    fn text(seq: u64, from: usize, html: &str) -> LiveEvent {
        let prose = Prose { from, blocks: vec![html.into()] };
        live(seq, Event::TextDelta { step: 1, text: String::new() }, Some(prose))
    }

    #[test]
    fn an_event_counts_once_however_often_it_comes() {
        let mut turn = turn();
        turn.apply(&live(1, Event::StepStart { step: 1, model: "demo/guide".into() }, None));
        turn.apply(&text(2, 0, "<p>a</p>"));
        turn.apply(&text(3, 1, "<p>b</p>"));
        let once = turn.clone();
        for seq in 1..=3 {
            turn.apply(&text(seq, 0, "<p>again</p>"));
        }
        assert_eq!(turn, once);
        assert_eq!(turn.steps[0].blocks, ["<p>a</p>", "<p>b</p>"]);
    }

    #[test]
    fn what_ended_the_run_is_said_once() {
        let fault = |seq, step, message: &str| {
            let event = Event::ModelFault {
                step,
                model: "demo/guide".into(),
                fault: ModelFaultKind::Auth,
                message: message.into(),
                retry_after_ms: None,
                next_model: None,
            };
            live(seq, event, None)
        };
        let end = |seq, message: &str| {
            let code = crate::RunErrorCode::Provider;
            let error = Some(RunError { code, message: message.into() });
            live(seq, Event::RunEnd { status: RunStatus::Failed, error }, None)
        };
        for (said, notes) in [("Check the key.", 1), ("Something else.", 2)] {
            let mut turn = turn();
            turn.apply(&live(1, Event::StepStart { step: 1, model: "demo/guide".into() }, None));
            turn.apply(&fault(2, 1, "Too large."));
            turn.apply(&fault(3, 1, "Check the key."));
            let touched = if notes == 1 { Touched::Step(1) } else { Touched::Turn };
            assert_eq!(turn.apply(&end(4, said)), touched);
            assert_eq!((turn.steps[0].after.len(), turn.status), (notes, RunStatus::Failed));
            assert_eq!(turn.error.unwrap().message, said);
        }
    }

    #[test]
    fn the_end_of_a_step_settles_its_text() {
        let mut turn = turn();
        turn.apply(&live(1, Event::StepStart { step: 1, model: "demo/guide".into() }, None));
        turn.apply(&text(2, 0, "<p>half</p>"));
        let end = Event::StepEnd {
            step: 1,
            text: "whole".into(),
            thinking: None,
            raw: None,
            carried: None,
            finish: FinishReason::Stop,
            duration_ms: 5,
        };
        turn.apply(&live(3, end, Some(Prose { from: 0, blocks: vec!["<p>whole</p>".into()] })));
        assert_eq!(turn.steps[0].blocks, ["<p>whole</p>"]);
        assert_eq!(turn.steps[0].finish, Some(FinishReason::Stop));
    }

    #[test]
    fn only_the_last_step_of_a_turn_at_work_is_open() {
        let end = |step| Event::StepEnd {
            step,
            text: String::new(),
            thinking: None,
            raw: None,
            carried: None,
            finish: FinishReason::ToolCalls,
            duration_ms: 5,
        };
        let running = Event::RunStatus { status: RunStatus::Running };
        let mut events = vec![running, start(1), end(1), start(2), end(2)];
        let settled =
            |turn: &Turn| turn.steps.iter().map(|s| turn.is_settled(s)).collect::<Vec<_>>();
        assert_eq!(settled(&fold(events.clone())), [true, false]);
        events.push(Event::RunEnd { status: RunStatus::Done, error: None });
        assert_eq!(settled(&fold(events)), [true, true]);
    }

    fn fold(events: Vec<Event>) -> Turn {
        let mut turn = turn();
        for (event, seq) in events.into_iter().zip(1..) {
            turn.apply(&live(seq, event, None));
        }
        turn
    }

    fn start(step: u32) -> Event {
        Event::StepStart { step, model: "a/b".into() }
    }

    fn call_id() -> CallId {
        CallId::from_uuid(Uuid::from_u128(9))
    }

    fn held() -> Event {
        Event::ToolHeld {
            step: 1,
            tool_call_id: call_id(),
            wire_id: "c1".into(),
            tool: "t".into(),
            arguments: "{}".into(),
            repair: Some("a bracket was closed".into()),
            denied_by: None,
        }
    }

    fn begun() -> Event {
        Event::ToolStart {
            step: 1,
            tool_call_id: call_id(),
            wire_id: "c1".into(),
            tool: "t".into(),
            arguments: "{}".into(),
            repair: None,
            allowed_by: None,
        }
    }

    #[test]
    fn a_typed_call_stands_before_the_first_step() {
        let typed = Event::ToolStart {
            step: BEFORE_STEPS,
            tool_call_id: call_id(),
            wire_id: "typed".into(),
            tool: "t".into(),
            arguments: "{}".into(),
            repair: None,
            allowed_by: None,
        };
        let ended = Event::ToolEnd {
            step: BEFORE_STEPS,
            tool_call_id: call_id(),
            tool: "t".into(),
            summary: "s".into(),
            output: "o".into(),
            error_code: None,
            duration_ms: 1,
            reused_from: None,
            taint: None,
        };
        let turn = fold(vec![typed, ended, start(1)]);
        let numbers: Vec<_> = turn.steps.iter().map(|step| step.number).collect();
        assert_eq!((numbers, turn.calls_ended()), (vec![BEFORE_STEPS, 1], 1));
        assert!(turn.is_settled(&turn.steps[0]) && !turn.is_settled(&turn.steps[1]));
    }

    #[test]
    fn a_held_call_that_begins_is_one_call() {
        let asked = Event::ApprovalAsked {
            approval_id: ApprovalId::from_uuid(Uuid::from_u128(3)),
            tool_call_id: call_id(),
            tool: "t".into(),
            reason: "It writes.".into(),
            expires_at: Timestamp::UNIX_EPOCH,
        };
        let answered = Event::ApprovalAnswered {
            approval_id: ApprovalId::from_uuid(Uuid::from_u128(3)),
            tool_call_id: call_id(),
            decision: Decision::Approved,
            note: Some("go".into()),
        };
        let waiting = fold(vec![start(1), held(), asked.clone()]);
        let call = &waiting.steps[0].calls[0];
        assert_eq!(
            (call.stage, call.approval.as_ref().unwrap().answer.as_ref()),
            (CallStage::Held, None)
        );
        let going = fold(vec![start(1), held(), asked, answered, begun()]);
        let [call] = &going.steps[0].calls[..] else { panic!("{going:?}") };
        assert_eq!(
            (call.stage, call.repair.as_deref()),
            (CallStage::Begun, Some("a bracket was closed"))
        );
        let answer = call.approval.as_ref().unwrap().answer.as_ref().unwrap();
        assert_eq!((answer.decision, answer.note.as_deref()), (Decision::Approved, Some("go")));
    }

    #[test]
    fn a_child_stands_at_its_call_in_its_newest_state() {
        let child = |status| Event::AgentChild {
            tool_call_id: call_id(),
            child: RunId::from_uuid(Uuid::from_u128(8)),
            agent: "scribe".into(),
            status,
        };
        let events =
            vec![start(1), begun(), start(2), child(RunStatus::Queued), child(RunStatus::Done)];
        let turn = fold(events);
        let found = turn.calls().next().unwrap().child.clone().unwrap();
        assert_eq!((found.agent.as_str(), found.status), ("scribe", RunStatus::Done));
    }

    #[test]
    fn notes_stand_where_they_happened() {
        let fault = |next_model: Option<&str>, retry_after_ms| Event::ModelFault {
            step: 2,
            model: "a/b".into(),
            fault: ModelFaultKind::RateLimited,
            message: "Too many requests.".into(),
            retry_after_ms,
            next_model: next_model.map(str::to_owned),
        };
        let steer = |step| Event::Steering { step, message: "in French".into() };
        let turn = fold(vec![
            Event::Nudge { step: 1, text: "first".into() },
            start(1),
            steer(2),
            Event::Recovery { step: 1, state: RecoveryState::Entered },
            start(2),
            fault(None, Some(900)),
            fault(Some("c/d"), None),
            fault(None, None),
            steer(2),
            Event::GuidanceAnswered { message: "go on".into() },
        ]);
        let seqs = |notes: &[Note]| notes.iter().map(|note| note.seq).collect::<Vec<_>>();
        assert_eq!(seqs(&turn.before), [1], "nothing had begun");
        assert_eq!(seqs(&turn.steps[0].after), [3, 4], "its step had not begun");
        assert_eq!(seqs(&turn.steps[1].before), [6, 7, 9]);
        assert_eq!(seqs(&turn.steps[1].after), [8, 10]);
        assert_eq!(turn.steps[1].model, "c/d", "the one that took over");
        let next = |note: &Note| match &note.what {
            NoteKind::Fault { next, .. } => Some(next.clone()),
            _ => None,
        };
        let nexts: Vec<_> = turn.steps[1].before.iter().filter_map(next).collect();
        assert_eq!(nexts, [AfterFault::Retry(900), AfterFault::Failover("c/d".into())]);
    }

    #[test]
    fn a_step_that_begins_again_is_the_same_step() {
        let turn = fold(vec![start(1), Event::StepStart { step: 1, model: "c/d".into() }]);
        assert_eq!((turn.steps.len(), turn.steps[0].model.as_str()), (1, "c/d"));
    }

    #[test]
    fn what_was_spent_is_summed_whether_its_step_is_there_or_not() {
        let usage = |step, cost| Event::Usage {
            step,
            input_tokens: 10,
            output_tokens: 1,
            cached_tokens: 4,
            cost,
        };
        let turn = fold(vec![usage(1, Some(3)), start(1), usage(1, None), usage(1, Some(2))]);
        assert_eq!((turn.steps[0].spent.tokens(), turn.steps[0].spent.cost), (22, Some(2)));
        assert_eq!((turn.spent.tokens(), turn.spent.cost), (33, Some(5)));
    }
}
