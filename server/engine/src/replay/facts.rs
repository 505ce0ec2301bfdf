//! What a run's log says, without what differs from one time to the next: ids
//! of ours, times, prices.

use std::collections::HashMap;
use std::fmt;

use domain::{
    CallId, Event, FinishReason, RunId, ToolErrorCode, TraceMessage, TraceRequest, TraceTool,
};
use store::Store;

use crate::engine::Inner;
use crate::rebuilt::Rebuilt;
use crate::trace::Log;
use crate::{Result, SignedIn};

/// What kind of thing differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    /// The standing instructions.
    Instructions,
    /// A tool, as the model is told of it.
    Tool,
    /// Anything else that the model was sent.
    Request,
    /// What was read in the model's reply.
    Reply,
    /// A call that it made.
    Call,
    /// What a call gave.
    Result,
    /// What the loop did by itself, or a person said.
    Course,
    /// How the run ended, and what that cut off.
    End,
}

/// One thing that a log says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fact {
    pub(super) step: u32,
    pub(super) thing: Thing,
    pub(super) text: String,
}

impl fmt::Display for Thing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Instructions => "the instructions",
            Self::Tool => "a tool as the model is told of it",
            Self::Request => "what the model is sent",
            Self::Reply => "what is read in the model's reply",
            Self::Call => "a call",
            Self::Result => "the result of a call",
            Self::Course => "how the run goes on",
            Self::End => "the end",
        })
    }
}

/// Reads a run's log.
pub(super) async fn facts(inner: &Inner, who: &SignedIn, id: RunId) -> Result<Vec<Fact>> {
    let store: &Store = &inner.store;
    let run = store.run(who.id(), id).await?;
    let (opening, mut rebuilt) = Rebuilt::open(inner, &run).await?;
    let mut reading = Reading::default();
    for tool in opening.and_then(|opening| opening.tools).unwrap_or_default() {
        let TraceTool { name, description, parameters } = tool;
        reading.add(Thing::Tool, format!("{name}\n{description}\n{parameters}"));
    }
    let mut log = Log::of(store.clone(), &run);
    while let Some(records) = log.next().await? {
        for record in records {
            let request = match &mut rebuilt {
                Some(rebuilt) => rebuilt.take(inner, &record).await?,
                None => None,
            };
            reading.take(&record.event);
            if let Some((_, request)) = request {
                reading.request(&request);
            }
        }
    }
    Ok(reading.facts)
}

#[derive(Default)]
struct Reading {
    facts: Vec<Fact>,
    step: u32,
    wire_ids: HashMap<CallId, String>,
}

impl Reading {
    fn add(&mut self, thing: Thing, text: String) {
        self.facts.push(Fact { step: self.step, thing, text });
    }

    fn request(&mut self, TraceRequest { kept, messages }: &TraceRequest) {
        if *kept > 0 {
            self.add(Thing::Request, format!("{kept} messages as before"));
        }
        for message in messages {
            let thing = match message {
                TraceMessage::System { .. } => Thing::Instructions,
                _ => Thing::Request,
            };
            self.add(thing, sent(message));
        }
    }

    fn take(&mut self, event: &Event) {
        match event {
            Event::StepStart { step, model } => {
                self.step = *step;
                self.add(Thing::Course, format!("step {step} asks {model}"));
            }
            Event::StepEnd { text, finish: FinishReason::Cut, .. } => {
                self.add(Thing::End, format!("{text}\n(cut off)"));
            }
            Event::StepEnd { text, raw, finish, .. } => {
                let raw = raw.as_ref().map_or(String::new(), |raw| format!("\nas written:\n{raw}"));
                self.add(Thing::Reply, format!("{text}{raw}\n({finish})"));
            }
            Event::ToolHeld { tool_call_id, wire_id, tool, arguments, .. } => {
                self.wire_ids.insert(*tool_call_id, wire_id.clone());
                self.add(Thing::Call, format!("{wire_id} {tool} {arguments}\n(held)"));
            }
            Event::ToolStart { tool_call_id, wire_id, tool, arguments, .. } => {
                self.wire_ids.insert(*tool_call_id, wire_id.clone());
                self.add(Thing::Call, format!("{wire_id} {tool} {arguments}"));
            }
            Event::ToolEnd {
                tool,
                output,
                error_code: Some(ToolErrorCode::Cancelled | ToolErrorCode::Interrupted),
                ..
            } => self.add(Thing::End, format!("{tool}\n{output}")),
            Event::ToolEnd { tool_call_id, tool, output, reused_from, .. } => {
                let id = self.wire_id(tool_call_id);
                let reused = reused_from.as_ref().map(|from| self.wire_id(from));
                let reused = reused.map_or(String::new(), |from| format!("\n(as of {from})"));
                self.add(Thing::Result, format!("{id} {tool}\n{output}{reused}"));
            }
            Event::RunEnd { status, error } => {
                let code =
                    error.as_ref().map_or(String::new(), |error| format!(": {}", error.code));
                self.add(Thing::End, format!("{status}{code}"));
            }
            other => {
                if let Some(text) = course(other) {
                    self.add(Thing::Course, text);
                }
            }
        }
    }

    fn wire_id(&self, id: &CallId) -> String {
        self.wire_ids.get(id).cloned().unwrap_or_default()
    }
}

fn course(event: &Event) -> Option<String> {
    Some(match event {
        Event::ModelFault { model, fault, retry_after_ms, next_model, .. } => {
            let next = match (next_model, retry_after_ms) {
                (Some(next), _) => format!(", then {next} is asked"),
                (None, Some(_)) => ", then it is asked again".to_owned(),
                (None, None) => String::new(),
            };
            format!("{model} fails: {fault}{next}")
        }
        Event::ApprovalAsked { tool, reason, .. } => format!("a person is asked: {tool}. {reason}"),
        Event::ApprovalAnswered { decision, note, .. } => {
            format!("a person answers: {decision} {}", note.as_deref().unwrap_or_default())
        }
        Event::GuidanceAsked { question, .. } => format!("a person is asked:\n{question}"),
        Event::GuidanceAnswered { message } => format!("a person answers:\n{message}"),
        Event::Steering { message, .. } => format!("a person says:\n{message}"),
        Event::Recovery { state, .. } => format!("recovery: {state}"),
        Event::Nudge { text, .. } => format!("the engine says:\n{text}"),
        Event::Compaction { summary, steps_covered, .. } => {
            format!("a summary of {steps_covered} steps:\n{summary}")
        }
        _ => return None,
    })
}

fn sent(message: &TraceMessage) -> String {
    match message {
        TraceMessage::System { text } => text.clone(),
        TraceMessage::User { text, .. } => format!("user:\n{text}"),
        TraceMessage::Assistant { text, calls } => {
            let calls = calls
                .iter()
                .map(|call| format!("\n{} {} {}", call.call_id, call.tool, call.arguments));
            format!("assistant:\n{text}{}", calls.collect::<String>())
        }
        TraceMessage::Tool { call_id, tool, text } => format!("{call_id} {tool} gave:\n{text}"),
    }
}
