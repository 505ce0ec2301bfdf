//! Runs for tests of what is put before the model.

use std::sync::Arc;

use domain::{CallId, Event, FinishReason, ModelFaultKind, RunId, RunStatus, SessionId, Timestamp};
use llm::{Message, Request};
use store::{EventRecord, RunHistory};
use uuid::Uuid;

use super::{Conversation, Fitted, Pictures, Window, Windows};

pub(crate) const MODEL: &str = "scripted/model";

pub(crate) fn window(tokens: u32) -> Window<'static> {
    Window { model: MODEL, tokens, response: 20_000 }
}

/// The same, as the choice of an agent's owner.
pub(crate) fn windows(tokens: u32) -> Windows {
    Windows { own: MODEL.into(), chosen: Some(tokens), response: 20_000 }
}

pub(crate) fn open(message: &str, history: Vec<RunHistory>) -> Conversation {
    let history: Vec<_> = history.into_iter().map(Arc::new).collect();
    Conversation::open("Be kind.".into(), &[], &history, message, Pictures::default())
}

pub(crate) fn call_id(number: u128) -> CallId {
    CallId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn begins(step: u32) -> Event {
    Event::StepStart { step, model: MODEL.into() }
}

pub(crate) fn says(step: u32, text: &str) -> Event {
    Event::StepEnd {
        step,
        text: text.into(),
        thinking: None,
        raw: None,
        carried: None,
        finish: FinishReason::Stop,
        duration_ms: 1,
    }
}

pub(crate) fn calls(step: u32, id: u128, wire_id: &str, arguments: &str) -> Event {
    Event::ToolStart {
        step,
        tool_call_id: call_id(id),
        wire_id: wire_id.into(),
        tool: "fs.read".into(),
        arguments: arguments.into(),
        repair: None,
        allowed_by: None,
    }
}

pub(crate) fn gives(step: u32, id: u128, output: &str) -> Event {
    Event::ToolEnd {
        step,
        tool_call_id: call_id(id),
        tool: "fs.read".into(),
        summary: String::new(),
        output: output.into(),
        error_code: None,
        duration_ms: 1,
        reused_from: None,
        taint: None,
    }
}

/// A whole step with one call, which has the id of the step.
pub(crate) fn works(step: u32, output: &str) -> [Event; 4] {
    let id = u128::from(step);
    [
        begins(step),
        says(step, &format!("Step {step}.")),
        calls(step, id, "call_0", r#"{"path":"a"}"#),
        gives(step, id, output),
    ]
}

pub(crate) fn overflow(step: u32) -> Event {
    Event::ModelFault {
        step,
        model: MODEL.into(),
        fault: ModelFaultKind::ContextOverflow,
        message: String::new(),
        retry_after_ms: None,
        next_model: None,
    }
}

/// The model failed, and another one stands in for it.
pub(crate) fn stands_in(step: u32, next: &str) -> Event {
    Event::ModelFault {
        step,
        model: MODEL.into(),
        fault: ModelFaultKind::Network,
        message: String::new(),
        retry_after_ms: None,
        next_model: Some(next.into()),
    }
}

pub(crate) fn compaction(step: u32, steps_covered: u32, summary: &str) -> Event {
    let summary = summary.into();
    Event::Compaction { step, summary, steps_covered, tokens_before: 9, tokens_after: 1 }
}

pub(crate) fn run(number: u128, message: &str, events: Vec<Event>) -> RunHistory {
    let run_id = RunId::from_uuid(Uuid::from_u128(number));
    let session_id = SessionId::from_uuid(Uuid::nil());
    let record = |(seq, event)| EventRecord {
        run_id,
        session_id,
        seq,
        position: seq,
        at: Timestamp::UNIX_EPOCH,
        event,
    };
    let events = (1..).zip(events).map(record).collect();
    RunHistory { run_id, message: message.into(), events }
}

/// A run that is over.
pub(crate) fn ended(number: u128, message: &str, answer: &str) -> RunHistory {
    let end = Event::RunEnd { status: RunStatus::Done, error: None };
    run(number, message, vec![begins(1), says(1, answer), end])
}

/// Fails where the strictest provider would refuse the request.
pub(crate) fn accepted(messages: Vec<Message>) -> Result<(), String> {
    let is_system = |message: &Message| matches!(message, Message::System(_));
    if !matches!(messages.iter().find(|m| !is_system(m)), Some(Message::User { .. })) {
        return Err("does not begin with a person".into());
    }
    for pair in messages.windows(2) {
        if let [Message::User { .. }, Message::User { .. }]
        | [Message::Assistant { .. }, Message::Assistant { .. }] = pair
        {
            return Err(format!("the same speaks twice: {pair:?}"));
        }
    }
    let mut ids = std::collections::HashSet::new();
    for message in &messages {
        if let Message::Assistant { calls, .. } = message {
            for call in calls {
                if !ids.insert(call.id.clone()) {
                    return Err(format!("the id {} comes again", call.id));
                }
                if serde_json::from_str::<serde_json::Map<_, _>>(&call.arguments).is_err() {
                    return Err(format!("not an object: {}", call.arguments));
                }
            }
        }
    }
    let (model, tools) = (MODEL.to_owned(), [].into());
    let (max_tokens, window, temperature) = (1, 100, None);
    llm::scripted::check(&Request { model, messages, tools, max_tokens, window, temperature })
}

/// How many of the messages that were sent last begin the new ones.
pub(crate) fn common(last: &Fitted, new: &Fitted) -> usize {
    last.messages.iter().zip(&new.messages).take_while(|(a, b)| a == b).count()
}
