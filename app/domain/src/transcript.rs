//! The fold from events to what a person reads. The server renders with it and
//! the browser continues with it, so a reload shows what the stream showed.

use serde::{Deserialize, Serialize};

use crate::{
    CallId, Event, FinishReason, LiveEvent, Prose, RunError, RunId, RunStatus, Timestamp,
    ToolErrorCode,
};

/// One question and the work on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// The run that works on it; the key of the turn on a page.
    pub run_id: RunId,
    /// What was asked.
    pub question: String,
    /// The agent's name.
    pub agent: String,
    /// Where the run is.
    pub status: RunStatus,
    /// The exchanges with the model so far.
    pub steps: Vec<Step>,
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

/// One exchange with the model: what it wrote, then the tools it called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Counted from 1.
    pub number: u32,
    /// Provider and model, as `provider/model`.
    pub model: String,
    /// What the model thought before it wrote, where the mode shows it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub thinking: String,
    /// The text so far, as sanitised HTML blocks.
    pub blocks: Vec<String>,
    /// The tool calls, in order.
    pub calls: Vec<CallView>,
    /// When it began.
    pub started_at: Timestamp,
    /// How long the model took, in milliseconds, once it ended.
    pub duration_ms: Option<u64>,
    /// Why the model stopped, once it did.
    pub finish: Option<FinishReason>,
    /// Tokens sent.
    pub input_tokens: u64,
    /// Tokens written.
    pub output_tokens: u64,
}

/// One tool call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallView {
    /// Our id; the key of the call on a page.
    pub id: CallId,
    /// The tool's name.
    pub tool: String,
    /// The arguments as JSON text.
    pub arguments: String,
    /// When it began.
    pub started_at: Timestamp,
    /// What came out, once it ended.
    pub result: Option<CallResult>,
}

/// How a tool call ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallResult {
    /// One line about what came out.
    pub summary: String,
    /// What the model was told; long texts are cut for the page.
    pub output: String,
    /// Why there is no ordinary result.
    pub error_code: Option<ToolErrorCode>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

impl Turn {
    /// A question that nothing has happened to yet.
    pub fn new(run_id: RunId, question: String, agent: String, asked_at: Timestamp) -> Self {
        Self {
            run_id,
            question,
            agent,
            status: RunStatus::Queued,
            steps: Vec::new(),
            error: None,
            asked_at,
            started_at: None,
            ended_at: None,
            seq: 0,
            cleared_days: None,
        }
    }

    /// Takes in one event. An event that is in here already changes nothing, so
    /// a snapshot and a stream may overlap.
    pub fn apply(&mut self, live: &LiveEvent) {
        if live.run_id != self.run_id || live.seq <= self.seq {
            return;
        }
        self.seq = live.seq;
        match &live.event {
            Event::RunStatus { status } => {
                self.status = *status;
                if *status == RunStatus::Running && self.started_at.is_none() {
                    self.started_at = Some(live.at);
                }
            }
            Event::StepStart { step, model } => self.steps.push(Step {
                number: *step,
                model: model.clone(),
                thinking: String::new(),
                blocks: Vec::new(),
                calls: Vec::new(),
                started_at: live.at,
                duration_ms: None,
                finish: None,
                input_tokens: 0,
                output_tokens: 0,
            }),
            // Thinking stands beside the answer and is no part of it.
            Event::ThinkingDelta { step, text } => {
                if let Some(step) = self.step(*step) {
                    step.thinking.push_str(text);
                }
            }
            Event::TextDelta { step, .. } => self.write(*step, live.prose.as_ref()),
            Event::ToolStart { step, tool_call_id, tool, arguments, .. } => {
                if let Some(step) = self.step(*step) {
                    step.calls.push(CallView {
                        id: *tool_call_id,
                        tool: tool.clone(),
                        arguments: arguments.clone(),
                        started_at: live.at,
                        result: None,
                    });
                }
            }
            Event::ToolEnd {
                step, tool_call_id, summary, output, error_code, duration_ms, ..
            } => {
                let calls = self.step(*step).map(|step| &mut step.calls);
                let call = calls.and_then(|c| c.iter_mut().find(|c| c.id == *tool_call_id));
                if let Some(call) = call {
                    call.result = Some(CallResult {
                        summary: summary.clone(),
                        output: output.clone(),
                        error_code: *error_code,
                        duration_ms: *duration_ms,
                    });
                }
            }
            Event::Usage { step, input_tokens, output_tokens, .. } => {
                if let Some(step) = self.step(*step) {
                    step.input_tokens = *input_tokens;
                    step.output_tokens = *output_tokens;
                }
            }
            Event::StepEnd { step, thinking, finish, duration_ms, .. } => {
                self.write(*step, live.prose.as_ref());
                if let Some(step) = self.step(*step) {
                    if let Some(thinking) = thinking {
                        step.thinking.clone_from(thinking);
                    }
                    step.duration_ms = Some(*duration_ms);
                    step.finish = Some(*finish);
                }
            }
            Event::Opening { .. }
            | Event::ModelFault { .. }
            | Event::ToolHeld { .. }
            | Event::ApprovalAsked { .. }
            | Event::ApprovalAnswered { .. }
            | Event::GuidanceAsked { .. }
            | Event::GuidanceAnswered { .. }
            | Event::Recovery { .. }
            | Event::Compaction { .. }
            | Event::Steering { .. }
            | Event::AgentChild { .. }
            | Event::Nudge { .. } => {}
            Event::RunEnd { status, error } => {
                self.status = *status;
                self.error = error.clone();
                self.ended_at = Some(live.at);
            }
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
        step.finish.is_some() && called && open.is_none_or(|open| open.number != step.number)
    }

    /// All tool calls, in order.
    pub fn calls(&self) -> impl Iterator<Item = &CallView> {
        self.steps.iter().flat_map(|step| &step.calls)
    }

    fn step(&mut self, number: u32) -> Option<&mut Step> {
        self.steps.iter_mut().rev().find(|step| step.number == number)
    }

    fn write(&mut self, step: u32, prose: Option<&Prose>) {
        if let (Some(step), Some(prose)) = (self.step(step), prose) {
            step.blocks.truncate(prose.from);
            step.blocks.extend(prose.blocks.iter().cloned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SessionId;
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
        let mut turn = turn();
        let run = |status| Event::RunStatus { status };
        turn.apply(&live(1, run(RunStatus::Running), None));
        for step in [1, 2] {
            let number = turn.seq;
            let begin = Event::StepStart { step, model: "demo/guide".into() };
            turn.apply(&live(number + 1, begin, None));
            let end = Event::StepEnd {
                step,
                text: String::new(),
                thinking: None,
                raw: None,
                carried: None,
                finish: FinishReason::ToolCalls,
                duration_ms: 5,
            };
            turn.apply(&live(number + 2, end, None));
        }
        let settled =
            |turn: &Turn| turn.steps.iter().map(|s| turn.is_settled(s)).collect::<Vec<_>>();
        assert_eq!(settled(&turn), [true, false]);
        let end = Event::RunEnd { status: RunStatus::Done, error: None };
        turn.apply(&live(6, end, None));
        assert_eq!(settled(&turn), [true, true]);
    }
}
