//! What is put before the model: instructions, earlier turns, and the present
//! one, each within its bound.

use std::sync::Arc;

use domain::{Event, RunStatus};
use llm::{Message, ToolCall};
use store::RunHistory;

/// What is left of an older tool output when the present turn grows too long,
/// in bytes.
const STUB: usize = 400;

/// The beginning of a conversation: everything before the present turn's own
/// steps. Whole turns only; the oldest go first when there are too many.
pub(crate) fn opening(
    instructions: &str,
    history: &[Arc<RunHistory>],
    message: &str,
    history_chars: usize,
) -> Vec<Message> {
    let mut turns: Vec<Vec<Message>> = Vec::new();
    let mut room = history_chars;
    for run in history.iter().rev() {
        let turn = turn(run);
        let needs: usize = turn.iter().map(size).sum();
        if needs > room {
            break;
        }
        room -= needs;
        turns.push(turn);
    }
    let mut messages = vec![Message::System(instructions.to_owned())];
    messages.extend(turns.into_iter().rev().flatten());
    messages.push(Message::user(message));
    messages
}

/// Shortens the oldest tool outputs from `from` on until the messages fit.
pub(crate) fn fit(messages: &mut [Message], from: usize, chars: usize) {
    let mut total: usize = messages.iter().skip(from).map(size).sum();
    for message in messages.iter_mut().skip(from) {
        if total <= chars {
            return;
        }
        if let Message::Tool { content, .. } = message
            && content.len() > 2 * STUB
        {
            let before = content.len();
            let cut = content.floor_char_boundary(STUB);
            content.truncate(cut);
            content.push_str("\n[the rest of this older output was left out; call the tool again if you need it]");
            total -= before - content.len();
        }
    }
}

/// How much of a bound a message takes, in bytes.
pub(crate) fn size(message: &Message) -> usize {
    match message {
        Message::System(text) | Message::User { text, .. } => text.len(),
        Message::Assistant { text, calls, .. } => {
            text.len()
                + calls.iter().map(|call| call.arguments.len() + call.tool.len()).sum::<usize>()
        }
        Message::Tool { content, .. } => content.len(),
    }
}

/// An earlier run as messages. The log has a result for every call and a text
/// for every step, also where the run was cut, so the pairs are complete.
fn turn(run: &RunHistory) -> Vec<Message> {
    let mut messages = vec![Message::user(&run.message)];
    let mut status = RunStatus::Interrupted;
    let (mut text, mut calls, mut results) = (String::new(), Vec::new(), Vec::new());
    for record in &run.events {
        match &record.event {
            Event::StepStart { .. } => close(&mut messages, &mut text, &mut calls, &mut results),
            Event::StepEnd { text: whole, .. } => text.clone_from(whole),
            Event::ToolStart { wire_id, tool, arguments, .. } => calls.push(ToolCall {
                id: wire_id.clone(),
                tool: tool.clone(),
                arguments: arguments.clone(),
                repair: None,
            }),
            Event::ToolEnd { tool, output, .. } => {
                // Results come in the order of their calls.
                if let Some(call) = calls.get(results.len()) {
                    let call_id = call.id.clone();
                    results.push(Message::Tool {
                        call_id,
                        tool: tool.clone(),
                        content: output.clone(),
                    });
                }
            }
            Event::RunEnd { status: end, .. } => status = *end,
            _ => {}
        }
    }
    close(&mut messages, &mut text, &mut calls, &mut results);
    // Some providers refuse two messages of a person in a row.
    if !matches!(messages.last(), Some(Message::Assistant { .. })) {
        let text = match status {
            RunStatus::Cancelled => "[The person stopped this before I had answered.]",
            _ => "[I could not finish this.]",
        };
        messages.push(Message::assistant(text, Vec::new()));
    }
    messages
}

fn close(
    messages: &mut Vec<Message>,
    text: &mut String,
    calls: &mut Vec<ToolCall>,
    results: &mut Vec<Message>,
) {
    // A call without a result would make every later request invalid.
    calls.truncate(results.len());
    if !text.trim().is_empty() || !calls.is_empty() {
        messages.push(Message::assistant(std::mem::take(text), std::mem::take(calls)));
        messages.append(results);
    }
    text.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_outputs_shrink_and_new_ones_stay() {
        let tool =
            |content: String| Message::Tool { call_id: "a".into(), tool: "t".into(), content };
        let mut messages =
            vec![Message::user("q"), tool("那".repeat(1000)), tool("x".repeat(1000))];
        fit(&mut messages, 1, 2000);
        let sizes: Vec<_> = messages.iter().map(size).collect();
        assert!(sizes[1] < 600, "{sizes:?}");
        assert_eq!(sizes[2], 1000);
    }
}
