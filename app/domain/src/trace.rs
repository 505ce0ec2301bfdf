//! A run read as a whole: the fold from its stored events to steps with all that
//! was sent, said, called and counted.
//!
//! A page shows a [`Turn`](crate::Turn), cut to what a person reads; this is for
//! whoever wants to know exactly.

use serde::{Deserialize, Serialize};

use crate::{
    BEFORE_STEPS, CallId, CallResult, Event, FinishReason, RunId, RunStatus, Spent, Timestamp,
    ToolSummary, tool_summaries,
};

/// What a run was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceOpening {
    /// The SHA-256 of instructions and tools, in hex.
    pub prompt: String,
    /// The earlier runs whose turns the model was shown, oldest first.
    pub history: Vec<RunId>,
    /// Of these, those whose steps were cleared since. Requests are told with
    /// what is left of them.
    pub cleared: Vec<RunId>,
    /// The tools as the model was told of them, as JSON; `None` if that was
    /// cleared.
    pub tools: Option<Vec<TraceTool>>,
}

/// A tool, as a model was told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceTool {
    /// The name to call it by.
    pub name: String,
    /// When and how to use it.
    pub description: String,
    /// The JSON Schema of its arguments, as text.
    pub parameters: String,
}

/// A part of a trace, in order: steps, then the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TracePart {
    /// One exchange with the model and the calls that came of it.
    Step(Box<TraceStep>),
    /// What is said about all of them. Comes once, last.
    End(TraceEnd),
}

/// One exchange with the model and the calls that came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceStep {
    /// Counted from 1; [`BEFORE_STEPS`] for what a person called before the first.
    pub step: u32,
    /// Provider and model that were asked first, as `provider/model`.
    pub model: String,
    /// When it began.
    pub started_at: Timestamp,
    /// What was sent, where it can be told.
    pub request: Option<TraceRequest>,
    /// What came back, once it was whole.
    pub reply: Option<TraceReply>,
    /// The tool calls, in order.
    pub calls: Vec<TraceCall>,
    /// The tokens and what they cost.
    pub spent: Spent,
    /// What else happened, in order: faults, recovery, questions, and so on.
    pub notes: Vec<TraceNote>,
}

/// What a model was sent. Requests of a run mostly repeat the one before, so a
/// request tells only what is new in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceRequest {
    /// How many messages at its beginning are those of the step before.
    pub kept: usize,
    /// The messages that follow these.
    pub messages: Vec<TraceMessage>,
}

/// One message of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "role", rename_all = "snake_case")]
pub enum TraceMessage {
    /// Standing instructions.
    System {
        /// The words.
        text: String,
    },
    /// What a person said, or what was said in a person's place.
    User {
        /// The words.
        text: String,
        /// How many pictures stood before them.
        images: usize,
    },
    /// What the model had said and called.
    Assistant {
        /// The words.
        text: String,
        /// The calls.
        calls: Vec<TraceSentCall>,
    },
    /// What a tool had given back.
    Tool {
        /// The id of the call, as it was sent.
        call_id: String,
        /// The tool's name.
        tool: String,
        /// What the model was told.
        text: String,
    },
}

/// A call as a later request repeats it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceSentCall {
    /// The id, as it was sent.
    pub call_id: String,
    /// The tool's name.
    pub tool: String,
    /// The arguments as JSON text.
    pub arguments: String,
}

/// What a model gave back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceReply {
    /// The text.
    pub text: String,
    /// The thinking, where the mode shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thinking: Option<String>,
    /// Why the model stopped.
    pub finish: FinishReason,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

/// One tool call, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceCall {
    /// Our id.
    pub tool_call_id: CallId,
    /// The model's id.
    pub wire_id: String,
    /// The tool's name, as the model gave it.
    pub tool: String,
    /// The arguments as JSON text, as the model gave them.
    pub arguments: String,
    /// What was mended in them, where the model wrote them slightly broken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repair: Option<String>,
    /// The rule that let it through or denied it, where the log names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// When it began; `None` if it never did.
    pub started_at: Option<Timestamp>,
    /// How it ended, once it did.
    #[serde(flatten)]
    pub result: Option<CallResult>,
}

/// Something else that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceNote {
    /// The number of the event.
    pub seq: u64,
    /// When it was stored.
    pub at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// What is said about all steps of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceEnd {
    /// What happened outside of any step.
    pub notes: Vec<TraceNote>,
    /// What was done with each tool.
    pub tools: Vec<ToolSummary>,
    /// The tokens of all steps, and what they cost.
    pub spent: Spent,
}

/// The fold. It holds one step at a time, and of the ones before it only what
/// the end sums up.
#[derive(Debug, Default)]
pub struct TraceFold {
    open: Option<TraceStep>,
    /// What happened for a step that has not begun.
    early: Vec<TraceNote>,
    results: Vec<(String, Option<CallResult>)>,
    spent: Spent,
}

impl TraceFold {
    /// Takes in one event; gives back the step that it ends by beginning another.
    pub fn take(&mut self, note: TraceNote) -> Option<TraceStep> {
        let TraceNote { at, event, .. } = &note;
        match event {
            Event::StepStart { step, model } => return self.begin(*step, model, *at),
            Event::StepEnd { step, text, thinking, finish, duration_ms, .. } => {
                if let Some(open) = self.open(*step) {
                    open.reply = Some(TraceReply {
                        text: text.clone(),
                        thinking: thinking.clone(),
                        finish: *finish,
                        duration_ms: *duration_ms,
                    });
                }
            }
            Event::Usage { step, input_tokens, output_tokens, cached_tokens, cost } => {
                let spent = Spent {
                    input_tokens: *input_tokens,
                    output_tokens: *output_tokens,
                    cached_tokens: *cached_tokens,
                    cost: *cost,
                };
                self.spent += spent;
                if let Some(open) = self.open(*step) {
                    open.spent += spent;
                }
            }
            Event::ToolHeld { .. } | Event::ToolStart { .. } => self.call(event, *at),
            Event::ToolEnd {
                step,
                tool_call_id,
                summary,
                output,
                error_code,
                duration_ms,
                reused_from,
                ..
            } => {
                let calls = self.open(*step).map(|open| &mut open.calls);
                let call = calls
                    .and_then(|calls| calls.iter_mut().find(|c| c.tool_call_id == *tool_call_id));
                if let Some(call) = call {
                    call.result = Some(CallResult {
                        summary: summary.clone(),
                        output: output.clone(),
                        error_code: *error_code,
                        duration_ms: *duration_ms,
                        reused_from: *reused_from,
                    });
                }
            }
            // The record and the opening tell these.
            Event::RunStatus { status: RunStatus::Queued | RunStatus::Running }
            | Event::RunEnd { .. }
            | Event::Opening { .. }
            | Event::TextDelta { .. }
            | Event::ThinkingDelta { .. } => {}
            Event::Compaction { step, .. }
            | Event::Steering { step, .. }
            | Event::Nudge { step, .. } => {
                let step = *step;
                match self.open(step) {
                    Some(open) => open.notes.push(note),
                    None => self.early.push(note),
                }
            }
            Event::RunStatus { .. }
            | Event::ModelFault { .. }
            | Event::ApprovalAsked { .. }
            | Event::ApprovalAnswered { .. }
            | Event::GuidanceAsked { .. }
            | Event::GuidanceAnswered { .. }
            | Event::Recovery { .. }
            | Event::AgentChild { .. } => match &mut self.open {
                Some(open) => open.notes.push(note),
                None => self.early.push(note),
            },
        }
        None
    }

    /// The step that is open, and the end.
    pub fn finish(mut self) -> (Option<TraceStep>, TraceEnd) {
        let last = self.open.take().map(|step| self.closed(step));
        let results = self.results.iter();
        let tools = tool_summaries(results.map(|(tool, result)| (tool.as_str(), result.as_ref())));
        (last, TraceEnd { notes: self.early, tools, spent: self.spent })
    }

    /// Tells what a step was sent, if it is the one that is open.
    pub fn requested(&mut self, step: u32, request: TraceRequest) {
        if let Some(open) = self.open(step) {
            open.request = Some(request);
        }
    }

    /// Begins a step. One that begins again is the same step.
    fn begin(&mut self, step: u32, model: &str, started_at: Timestamp) -> Option<TraceStep> {
        if self.open(step).is_some() {
            return None;
        }
        let begun = TraceStep {
            step,
            model: model.to_owned(),
            started_at,
            request: None,
            reply: None,
            calls: Vec::new(),
            spent: Spent::default(),
            notes: std::mem::take(&mut self.early),
        };
        let ended = self.open.replace(begun);
        ended.map(|step| self.closed(step))
    }

    fn closed(&mut self, step: TraceStep) -> TraceStep {
        // Of a result only its figures count here.
        let figures = |result: &CallResult| CallResult {
            summary: String::new(),
            output: String::new(),
            ..result.clone()
        };
        let results = step.calls.iter();
        self.results
            .extend(results.map(|call| (call.tool.clone(), call.result.as_ref().map(figures))));
        step
    }

    /// A call is held, or begins. One that was held and begins is the same call.
    fn call(&mut self, event: &Event, at: Timestamp) {
        let (started_at, rule, step, id, wire_id, tool, arguments, repair) = match event {
            Event::ToolHeld {
                step,
                tool_call_id,
                wire_id,
                tool,
                arguments,
                repair,
                denied_by: rule,
            } => (None, rule, *step, *tool_call_id, wire_id, tool, arguments, repair),
            Event::ToolStart {
                step,
                tool_call_id,
                wire_id,
                tool,
                arguments,
                repair,
                allowed_by: rule,
            } => (Some(at), rule, *step, *tool_call_id, wire_id, tool, arguments, repair),
            _ => return,
        };
        if step == BEFORE_STEPS && self.open.is_none() {
            self.begin(BEFORE_STEPS, "", at);
        }
        let Some(open) = self.open(step) else { return };
        match open.calls.iter_mut().find(|call| call.tool_call_id == id) {
            Some(known) => {
                known.started_at = started_at;
                known.rule.clone_from(rule);
            }
            None => open.calls.push(TraceCall {
                tool_call_id: id,
                wire_id: wire_id.clone(),
                tool: tool.clone(),
                arguments: arguments.clone(),
                repair: repair.clone(),
                rule: rule.clone(),
                started_at,
                result: None,
            }),
        }
    }

    fn open(&mut self, step: u32) -> Option<&mut TraceStep> {
        self.open.as_mut().filter(|open| open.step == step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ModelFaultKind;
    use uuid::Uuid;

    fn fold(events: Vec<Event>) -> (Vec<TraceStep>, TraceEnd) {
        let mut fold = TraceFold::default();
        let mut steps = Vec::new();
        for (event, seq) in events.into_iter().zip(1..) {
            steps.extend(fold.take(TraceNote { seq, at: Timestamp::UNIX_EPOCH, event }));
        }
        let (last, end) = fold.finish();
        steps.extend(last);
        (steps, end)
    }

    fn start(step: u32) -> Event {
        Event::StepStart { step, model: "a/b".into() }
    }

    fn nudge(step: u32) -> Event {
        Event::Nudge { step, text: "look again".into() }
    }

    fn call(step: u32) -> Vec<Event> {
        let tool_call_id = CallId::from_uuid(Uuid::from_u128(step.into()));
        let (wire_id, tool, arguments) = ("c".to_owned(), "t".to_owned(), "{}".to_owned());
        vec![
            Event::ToolStart {
                step,
                tool_call_id,
                wire_id,
                tool,
                arguments,
                repair: None,
                allowed_by: Some("grt_1".into()),
            },
            Event::ToolEnd {
                step,
                tool_call_id,
                tool: "t".into(),
                summary: "s".into(),
                output: "o".into(),
                error_code: None,
                duration_ms: 4,
                reused_from: None,
                taint: None,
            },
        ]
    }

    #[test]
    fn steps_come_whole_and_the_end_sums_them_up() {
        let usage = Event::Usage {
            step: 1,
            input_tokens: 7,
            output_tokens: 2,
            cached_tokens: 0,
            cost: Some(3),
        };
        let fault = Event::ModelFault {
            step: 1,
            model: "a/b".into(),
            fault: ModelFaultKind::Network,
            message: "No connection.".into(),
            retry_after_ms: Some(5),
            next_model: None,
        };
        let mut events = vec![nudge(1), start(1), fault, start(1), usage];
        events.extend(call(1));
        events.extend([nudge(2), start(2)]);
        events.extend(call(2));
        let (steps, end) = fold(events);
        let [first, second] = &steps[..] else { panic!("{steps:?}") };
        assert_eq!(first.calls[0].result.as_ref().unwrap().output, "o");
        assert_eq!((first.spent.cost, first.reply.as_ref()), (Some(3), None));
        let seqs = |step: &TraceStep| step.notes.iter().map(|note| note.seq).collect::<Vec<_>>();
        assert_eq!((seqs(first), seqs(second)), (vec![1, 3], vec![8]));
        assert_eq!((end.tools[0].calls, end.tools[0].total_ms, end.spent.tokens()), (2, 8, 9));
    }

    #[test]
    fn a_typed_call_is_a_step_without_a_model() {
        let (steps, end) = fold([call(BEFORE_STEPS), vec![start(1)]].concat());
        let [typed, first] = &steps[..] else { panic!("{steps:?}") };
        assert_eq!((typed.step, typed.model.as_str(), typed.calls.len()), (BEFORE_STEPS, "", 1));
        assert_eq!((first.step, end.tools[0].calls), (1, 1));
    }

    #[test]
    fn what_happened_before_a_run_failed_at_once_is_told() {
        let (steps, end) = fold(vec![nudge(1)]);
        assert_eq!((steps.len(), end.notes.len()), (0, 1));
    }

    #[test]
    fn a_call_reads_back_from_its_json() {
        let (steps, _) = fold([vec![start(1)], call(1)].concat());
        let json = serde_json::to_string(&steps[0]).unwrap();
        assert!(json.contains(r#""output":"o""#), "{json}");
        assert_eq!(serde_json::from_str::<TraceStep>(&json).unwrap(), steps[0]);
    }
}
