//! What the log's events have to say to the record. This is the one place where
//! a call's beginning and end become rows of it.

use domain::{AuditKind, Event};
use sha2::{Digest, Sha256};

use super::chain::Draft;
use super::record::{Actor, Record};
use crate::approvals::call_hash;
use crate::events::Head;

/// The most characters of a tool's name and of any other text in a row. A model
/// may call a tool by any name at all.
const LONGEST_NAME: usize = 200;
const LONGEST_TEXT: usize = 2_000;

/// Whether an event becomes a row, or goes together with one.
pub(crate) fn tells(event: &Event) -> bool {
    matches!(
        event,
        Event::ToolStart { .. }
            | Event::ToolHeld { denied_by: Some(_), .. }
            | Event::ToolEnd { .. }
            | Event::ApprovalAsked { .. }
            | Event::ApprovalAnswered { .. }
    )
}

/// Notes what events of a run tell.
pub(crate) fn note_events(draft: &Draft, head: &Head, events: &[Event], now: i64) {
    for event in events {
        if let Some(record) = record(head, event, now) {
            draft.note(record);
        }
    }
}

fn record(head: &Head, event: &Event, now: i64) -> Option<Record> {
    let (kind, call, tool) = match event {
        // What began was let through.
        Event::ToolStart { tool_call_id, tool, .. } => (AuditKind::Allowed, tool_call_id, tool),
        Event::ToolHeld { tool_call_id, tool, denied_by: Some(_), .. } => {
            (AuditKind::Denied, tool_call_id, tool)
        }
        Event::ToolEnd { tool_call_id, tool, reused_from: Some(_), .. } => {
            (AuditKind::Reused, tool_call_id, tool)
        }
        Event::ToolEnd { tool_call_id, tool, error_code, .. } => {
            (AuditKind::of_end(*error_code), tool_call_id, tool)
        }
        _ => return None,
    };
    let mut record = Record {
        call: Some(call.as_uuid()),
        tool: Some(name(tool)),
        ..of_run(head, now, kind, Actor::Agent)
    };
    match event {
        Event::ToolStart { tool, arguments, allowed_by: rule, .. }
        | Event::ToolHeld { tool, arguments, denied_by: rule, .. } => {
            record.rule = rule.as_deref().map(words);
            record.arguments_hash = Some(call_hash(tool, arguments));
        }
        Event::ToolEnd { output, error_code, .. } => {
            record.result_hash = Some(Sha256::digest(output).to_vec());
            record.detail = error_code.map(|code| code.as_str().to_owned());
        }
        _ => {}
    }
    Some(record)
}

fn of_run(head: &Head, now: i64, kind: AuditKind, actor: Actor) -> Record {
    Record {
        owner: Some(head.owner_id),
        session: Some(head.session_id),
        run: Some(head.run_id),
        agent: head.agent_id,
        ..Record::new(now, kind, actor)
    }
}

/// A tool's name as long as a row takes it.
pub(crate) fn name(tool: &str) -> String {
    tool.chars().take(LONGEST_NAME).collect()
}

/// Any other text as long as a row takes it.
pub(crate) fn words(text: &str) -> String {
    text.chars().take(LONGEST_TEXT).collect()
}
