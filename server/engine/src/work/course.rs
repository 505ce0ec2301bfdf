//! Where a run stands, as its log says.
//!
//! Everything that the loop decides by is a fold over the run's events. So a
//! run that waited for a person goes on from its log in any process, and a
//! replay decides as the run did.

use std::collections::HashMap;

use domain::{Attempt, CallId, Decision, Event, RecoveryState, RunErrorCode, Taint, ToolErrorCode};
use serde_json::{Map, Value};
use store::Ending;
use tools::{Class, Registry};

use crate::compaction::Remedies;
use crate::found::Found;
use crate::text::middle_out;
use crate::work::guard::{Circle, Guard};
use crate::work::recovery::{Recovery, Trial};
use crate::work::reuse::{Known, Reuse};

/// The most bytes of arguments and of output that an attempt is told with.
const ATTEMPT_ARGUMENTS: usize = 300;
const ATTEMPT_OUTPUT: usize = 800;

/// How many replies in a row, and in a run, may hold calls that cannot be read.
const UNREADABLE_IN_ROW: u32 = 3;
const UNREADABLE: u32 = 10;

/// A call that a model made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    /// Our id.
    pub(crate) id: CallId,
    /// The model's id.
    pub(crate) wire_id: String,
    pub(crate) tool: String,
    pub(crate) arguments: String,
    pub(crate) repair: Option<String>,
}

impl Call {
    /// Whether the arguments are an object; none at all count as an empty one.
    fn is_readable(&self) -> bool {
        let arguments = self.arguments.trim();
        arguments.is_empty() || serde_json::from_str::<Map<String, Value>>(arguments).is_ok()
    }
}

/// A person's answer about a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) decision: Decision,
    pub(crate) note: Option<String>,
}

/// Where a run stands.
#[derive(Default)]
pub(crate) struct Course {
    /// What the newest step was made from.
    pub(crate) opening: Option<Event>,
    /// The newest step.
    pub(crate) step: u32,
    /// Tokens sent and written so far.
    pub(crate) tokens: u64,
    /// What they cost, in millionths of a US dollar.
    pub(crate) cost: u64,
    /// Calls that wait for a person, or behind one that does, in order.
    pub(crate) held: Vec<Call>,
    /// What people answered about calls.
    pub(crate) answers: HashMap<CallId, Answer>,
    pub(crate) recovery: Recovery,
    pub(crate) guard: Guard,
    pub(crate) reuse: Reuse,
    /// Tools that the run has found.
    pub(crate) found: Found,
    /// What was done about a conversation that is too large.
    pub(crate) remedies: Remedies,
    /// Whether any call so far may have changed something.
    pub(crate) has_acted: bool,
    /// What the run has read from outside.
    pub(crate) taint: Taint,
    /// Whether any call so far may have begun another run.
    pub(crate) has_delegated: bool,
    /// Replies in a row, and in all, with a call that could not be read.
    unreadable_in_row: u32,
    unreadable: u32,
    /// The arguments of calls that have begun and not ended.
    open: HashMap<CallId, String>,
}

impl Course {
    /// Takes in an event of the run; gives the recovery's new state, if it has
    /// one.
    pub(crate) fn apply(&mut self, event: &Event, tools: &Registry) -> Option<RecoveryState> {
        self.remedies.apply(event);
        self.remember(event);
        self.found.apply(event);
        match event {
            Event::Opening { .. } => self.opening = Some(event.clone()),
            Event::StepStart { step, .. } => self.step = *step,
            Event::Usage { input_tokens, output_tokens, cost, .. } => {
                self.tokens += input_tokens + output_tokens;
                self.cost += cost.unwrap_or_default();
            }
            Event::ToolHeld { tool_call_id, wire_id, tool, arguments, repair, .. } => {
                // One that was held behind another may be denied later.
                self.held.retain(|call| call.id != *tool_call_id);
                self.held.push(Call {
                    id: *tool_call_id,
                    wire_id: wire_id.clone(),
                    tool: tool.clone(),
                    arguments: arguments.clone(),
                    repair: repair.clone(),
                });
            }
            Event::ApprovalAnswered { tool_call_id, decision, note, .. } => {
                let answer = Answer { decision: *decision, note: note.clone() };
                self.answers.insert(*tool_call_id, answer);
                // Time has passed, and the person may have done something.
                self.reuse.reset();
            }
            Event::ToolStart { tool_call_id, tool, arguments, .. } => {
                self.has_delegated |= tools.class(tool) == Some(Class::Delegates);
                self.held.retain(|call| call.id != *tool_call_id);
                self.open.insert(*tool_call_id, arguments.clone());
            }
            Event::ToolEnd { .. } => return self.end(event, tools),
            Event::GuidanceAnswered { .. } => {
                self.recovery.reset();
                self.heard_a_person();
            }
            Event::Steering { .. } => self.heard_a_person(),
            _ => {}
        }
        None
    }

    /// Takes in the calls of a reply before they run, none where not even a name
    /// could be read: a model that cannot write them is not asked for ever.
    pub(crate) fn count_unreadable(&mut self, calls: &[Call]) -> Result<(), Ending> {
        if !calls.is_empty() && calls.iter().all(Call::is_readable) {
            self.unreadable_in_row = 0;
            return Ok(());
        }
        self.unreadable_in_row += 1;
        self.unreadable += 1;
        if self.unreadable_in_row < UNREADABLE_IN_ROW && self.unreadable < UNREADABLE {
            return Ok(());
        }
        let message = format!(
            "The model wrote tool calls that cannot be read, {} times in this run. Choose a model that can call tools, or ask it in another way.",
            self.unreadable
        );
        Err(Ending::failed(RunErrorCode::Provider, message))
    }

    /// The step is over with all its results: does the run go round in a
    /// circle?
    pub(crate) fn end_step(&mut self) -> Option<Circle> {
        self.guard.step()
    }

    /// Takes in what an event of this run, or of an earlier one that the model is
    /// shown, brought from outside.
    pub(crate) fn remember(&mut self, event: &Event) {
        if let Event::ToolEnd { taint: Some(source), .. } = event {
            self.taint.mark(source.clone());
        }
    }

    fn end(&mut self, event: &Event, tools: &Registry) -> Option<RecoveryState> {
        let Event::ToolEnd { tool_call_id, tool, summary, output, error_code, reused_from, .. } =
            event
        else {
            return None;
        };

        let begun = self.open.remove(tool_call_id);
        let held = self.held.iter().position(|call| call.id == *tool_call_id);
        let held = held.map(|place| self.held.remove(place));
        let arguments = begun.clone().or(held.map(|call| call.arguments)).unwrap_or_default();
        self.guard.result(tool, &arguments, output);
        if reused_from.is_some() {
            return None;
        }
        let class = tools.class(tool).filter(|_| begun.is_some());
        match (class, error_code) {
            // What could not be read or was not allowed has changed nothing.
            (None, _) | (_, Some(ToolErrorCode::InputInvalid | ToolErrorCode::PolicyDenied)) => {}
            (Some(class), None) => {
                self.has_acted |= class.may_change_answers();
                let (summary, output) = (summary.clone(), output.clone());
                let known = Known { call: *tool_call_id, summary, output };
                self.reuse.succeeded(class, tool, &arguments, known);
            }
            (Some(class), Some(_)) => {
                self.has_acted |= class.may_change_answers();
                self.reuse.failed(class);
            }
        }
        let trial = match error_code {
            None | Some(ToolErrorCode::OutputTruncated) => Trial::Success,
            // A person's no is an answer, and an end from outside no failure.
            Some(
                ToolErrorCode::ApprovalDenied
                | ToolErrorCode::ApprovalExpired
                | ToolErrorCode::Cancelled
                | ToolErrorCode::Interrupted,
            ) => return None,
            Some(code) => Trial::Failure(Attempt {
                tool: tool.clone(),
                arguments: middle_out(&arguments, ATTEMPT_ARGUMENTS),
                error_code: *code,
                output: middle_out(output, ATTEMPT_OUTPUT),
            }),
        };
        self.recovery.take(trial)
    }

    /// A person said something: what went before has another meaning now.
    fn heard_a_person(&mut self) {
        self.guard.reset();
        self.reuse.reset();
    }
}
