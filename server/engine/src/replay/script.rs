//! What a run's log says of everything that came from outside: replies and
//! faults of models, results of tools, words of people.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use domain::{
    CallId, Decision, Event, FinishReason, ModelFaultKind, RunErrorCode, RunStatus, ToolErrorCode,
    Verdict,
};
use llm::{Delta, LlmError, ToolCall, Usage};
use tools::{Origin, Output, ToolError};

use super::decisions;
use crate::work::policy::Decided;

/// How the ids of calls begin that were read from text. The reader finds them
/// there again; see `llm::reading`.
const READ_FROM_TEXT: &str = "text_";

/// How far a run can be played again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Extent {
    /// To its end.
    #[default]
    Whole,
    /// Up to where it was stopped from outside, or a question lapsed.
    Part,
}

/// Everything that came from outside, in order.
#[derive(Default)]
pub(super) struct Script {
    pub(super) answers: VecDeque<Answer>,
    /// Summaries that models gave, each with its step.
    pub(super) summaries: Vec<(u32, String)>,
    pub(super) results: Vec<Recorded>,
    pub(super) decisions: VecDeque<decisions::Recorded>,
    pub(super) words: VecDeque<Words>,
    /// What was said to the run at work, with the step that heard it first.
    pub(super) steering: VecDeque<(u32, String)>,
    /// The models, the first one first, then those that stood in.
    pub(super) models: Vec<String>,
    pub(super) extent: Extent,
}

/// What a model gave when it was asked.
pub(super) struct Answer {
    pub(super) step: u32,
    pub(super) deltas: Vec<Delta>,
    pub(super) calls: Vec<ToolCall>,
    pub(super) usage: Option<Usage>,
    pub(super) end: Result<FinishReason, LlmError>,
}

/// What a call gave.
pub(super) struct Recorded {
    pub(super) tool: String,
    pub(super) arguments: String,
    pub(super) result: Result<Output, ToolError>,
}

/// What a person answered.
pub(super) enum Words {
    /// To a question about a call.
    Verdict(Verdict, Option<String>),
    /// To the question how to go on.
    Guidance(String),
}

impl Script {
    /// Reads a log.
    pub(super) fn read<'e>(events: impl IntoIterator<Item = &'e Event>) -> Self {
        let mut reading = Reading::default();
        for event in events {
            reading.take(event);
        }
        reading.script
    }
}

/// A log half read.
#[derive(Default)]
struct Reading {
    script: Script,
    /// The fault that ended a step, until its end comes.
    fault: Option<LlmError>,
    usage: Option<Usage>,
    /// The calls that have begun, or are held.
    begun: HashMap<CallId, (String, String)>,
    /// The rules by which calls were denied, until their results come.
    denied: HashMap<CallId, String>,
    /// The calls that were decided about.
    decided: HashSet<CallId>,
}

impl Reading {
    fn take(&mut self, event: &Event) {
        match event {
            Event::StepStart { model, .. } => self.model(model),
            Event::ModelFault { step, fault, message, retry_after_ms, next_model, .. } => {
                if let Some(next) = next_model {
                    self.model(next);
                }
                let Some(error) = error(*fault, message, retry_after_ms.is_some()) else { return };
                // After an overflow the loop may ask once more by itself.
                let overflows = *fault == ModelFaultKind::ContextOverflow;
                if retry_after_ms.is_some() || next_model.is_some() || overflows {
                    let end = Err(error);
                    self.script.answers.push_back(Answer { step: *step, end, ..Answer::default() });
                } else {
                    self.fault = Some(error);
                }
            }
            Event::Usage { input_tokens, output_tokens, cached_tokens, .. } => {
                self.usage = Some(Usage {
                    input_tokens: *input_tokens,
                    output_tokens: *output_tokens,
                    cached_tokens: *cached_tokens,
                });
            }
            Event::StepEnd { step, text, thinking, raw, carried, finish, .. } => {
                let mut deltas = Vec::new();
                // Thinking that stands in the text is found there again.
                if let (Some(thinking), None) = (thinking, raw) {
                    deltas.push(Delta::Thinking(thinking.clone()));
                }
                deltas.push(Delta::Text(raw.as_ref().unwrap_or(text).clone()));
                deltas.extend(carried.clone().map(Delta::Carried));
                self.script.answers.push_back(Answer {
                    step: *step,
                    deltas,
                    calls: Vec::new(),
                    usage: self.usage.take(),
                    end: match (self.fault.take(), finish) {
                        (Some(fault), _) => Err(fault),
                        (None, FinishReason::Cut) => Err(over()),
                        (None, finish) => Ok(*finish),
                    },
                });
            }
            Event::ToolHeld { tool_call_id, wire_id, tool, arguments, .. }
            | Event::ToolStart { tool_call_id, wire_id, tool, arguments, .. } => {
                let call = (tool.clone(), arguments.clone());
                let is_new = self.begun.insert(*tool_call_id, call).is_none();
                if is_new
                    && !wire_id.starts_with(READ_FROM_TEXT)
                    && let Some(answer) = self.script.answers.back_mut()
                {
                    answer.calls.push(ToolCall {
                        id: wire_id.clone(),
                        tool: tool.clone(),
                        arguments: arguments.clone(),
                        repair: None,
                    });
                }
                match event {
                    Event::ToolHeld { denied_by: Some(rule), .. } => {
                        self.denied.insert(*tool_call_id, rule.clone());
                    }
                    Event::ToolStart { allowed_by, .. } => {
                        let rule = allowed_by.clone().unwrap_or_default();
                        self.decide(*tool_call_id, Decided::Runs { rule });
                    }
                    _ => {}
                }
            }
            Event::ApprovalAsked { tool_call_id, reason, .. } => {
                self.decide(*tool_call_id, Decided::Asks { reason: reason.clone() });
            }
            Event::ToolEnd {
                tool_call_id, summary, output, error_code, reused_from: None, ..
            } => {
                let result = result(summary, output, *error_code);
                if let (Some(rule), Err(error)) = (self.denied.remove(tool_call_id), &result) {
                    let sentence = error.message.clone();
                    self.decide(*tool_call_id, Decided::Denied { rule, sentence });
                    return;
                }
                let Some((tool, arguments)) = self.begun.remove(tool_call_id) else { return };
                self.script.results.push(Recorded { tool, arguments, result });
            }
            Event::ApprovalAnswered { decision, note, .. } => match decision {
                Decision::Approved => self.verdict(Verdict::Approve, note),
                Decision::Denied => self.verdict(Verdict::Deny, note),
                Decision::Expired => self.script.extent = Extent::Part,
            },
            Event::GuidanceAnswered { message } => {
                self.script.words.push_back(Words::Guidance(message.clone()));
            }
            Event::Steering { step, message } => {
                self.script.steering.push_back((*step, message.clone()));
            }
            Event::Compaction { step, summary, .. } if !summary.is_empty() => {
                self.script.summaries.push((*step, summary.clone()));
            }
            Event::RunEnd { status, error } => {
                let code = error.as_ref().map(|error| error.code);
                if is_from_outside(*status, code) {
                    self.script.extent = Extent::Part;
                }
            }
            _ => {}
        }
    }

    /// What was decided about a call first counts: a call that was asked about
    /// and then runs was asked about.
    fn decide(&mut self, call: CallId, decided: Decided) {
        if let Some((tool, arguments)) = self.begun.get(&call).cloned()
            && self.decided.insert(call)
        {
            let recorded = decisions::Recorded { tool, arguments, decided };
            self.script.decisions.push_back(recorded);
        }
    }

    fn model(&mut self, model: &str) {
        if !self.script.models.iter().any(|known| known == model) {
            self.script.models.push(model.to_owned());
        }
    }

    /// Nothing that is said after a question has lapsed is played.
    fn verdict(&mut self, verdict: Verdict, note: &Option<String>) {
        if self.script.extent == Extent::Whole {
            self.script.words.push_back(Words::Verdict(verdict, note.clone()));
        }
    }
}

/// Whether it was not the run's own doing that it ended.
fn is_from_outside(status: RunStatus, code: Option<RunErrorCode>) -> bool {
    match code {
        Some(
            RunErrorCode::DayLimit
            | RunErrorCode::Folder
            | RunErrorCode::AgentDisabled
            | RunErrorCode::Interrupted
            | RunErrorCode::Internal,
        ) => true,
        _ => status == RunStatus::Cancelled,
    }
}

/// What is said after the last recorded answer.
pub(super) fn over() -> LlmError {
    LlmError::BadRequest { status: 400, detail: "the record ends here".to_owned() }
}

/// A fault that has the same effect as the recorded one.
fn error(kind: ModelFaultKind, message: &str, is_asked_again: bool) -> Option<LlmError> {
    let retry_after = Some(if is_asked_again { Duration::ZERO } else { Duration::MAX });
    let detail = message.to_owned();
    Some(match kind {
        ModelFaultKind::RateLimited => LlmError::RateLimited { retry_after },
        ModelFaultKind::Overloaded => LlmError::Overloaded { status: 503, retry_after },
        ModelFaultKind::Auth => LlmError::Auth { status: 401 },
        ModelFaultKind::Quota => LlmError::Quota { detail },
        ModelFaultKind::ContextOverflow => LlmError::ContextOverflow { detail },
        ModelFaultKind::NotFound => LlmError::NotFound,
        ModelFaultKind::BadRequest => LlmError::BadRequest { status: 400, detail },
        ModelFaultKind::Network => LlmError::Network(detail),
        ModelFaultKind::Cut => LlmError::Cut(detail),
        ModelFaultKind::Format => LlmError::Format(detail),
        // The loop finds that out by itself.
        ModelFaultKind::Empty => return None,
    })
}

/// What the tool gave that a model was told this of.
fn result(summary: &str, output: &str, code: Option<ToolErrorCode>) -> Result<Output, ToolError> {
    match code {
        Some(code) => {
            let told = format!("error {code}: ");
            Err(ToolError::new(code, output.strip_prefix(&told).unwrap_or(output)))
        }
        None => Ok(Output {
            summary: summary.to_owned(),
            content: output.to_owned(),
            truncated: false,
            origin: Origin::Inside,
        }),
    }
}

impl Default for Answer {
    fn default() -> Self {
        let (deltas, calls) = (Vec::new(), Vec::new());
        Self { step: 0, deltas, calls, usage: None, end: Err(over()) }
    }
}
