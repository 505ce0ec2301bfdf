//! The present run as messages to the model.

use std::collections::HashMap;

use domain::{CallId, Event};
use llm::{Message, ToolCall};

/// A run's own messages after the one that began it, made from its events.
#[derive(Debug, Default)]
pub(crate) struct Present {
    messages: Vec<Message>,
    open: Option<Said>,
}

#[derive(Debug)]
struct Said {
    text: String,
    carried: Option<String>,
    calls: Vec<(CallId, ToolCall)>,
    results: HashMap<CallId, String>,
}

impl Present {
    /// Takes in an event.
    pub(crate) fn apply(&mut self, event: &Event) {
        match event {
            Event::StepStart { .. } => self.close(),
            Event::StepEnd { text, carried, .. } => {
                self.close();
                self.open = Some(Said {
                    text: text.clone(),
                    carried: carried.clone(),
                    calls: Vec::new(),
                    results: HashMap::new(),
                });
            }
            Event::ToolHeld { tool_call_id, wire_id, tool, arguments, .. }
            | Event::ToolStart { tool_call_id, wire_id, tool, arguments, .. } => {
                if let Some(said) = &mut self.open
                    && !said.calls.iter().any(|(id, _)| id == tool_call_id)
                {
                    let call = ToolCall {
                        id: wire_id.clone(),
                        tool: tool.clone(),
                        arguments: arguments.clone(),
                        repair: None,
                    };
                    said.calls.push((*tool_call_id, call));
                }
            }
            Event::ToolEnd { tool_call_id, output, .. } => {
                if let Some(said) = &mut self.open {
                    said.results.insert(*tool_call_id, output.clone());
                }
            }
            Event::Steering { message, .. } | Event::GuidanceAnswered { message } => {
                self.close();
                self.messages.push(Message::user(message));
            }
            Event::Nudge { text, .. } => {
                self.close();
                self.messages.push(Message::user(format!("[{text}]")));
            }
            _ => {}
        }
    }

    /// The messages so far. Every call has its result.
    pub(crate) fn messages(&mut self) -> &[Message] {
        self.close();
        &self.messages
    }

    fn close(&mut self) {
        let Some(Said { text, carried, calls, mut results }) = self.open.take() else { return };
        let told: Vec<_> = calls
            .iter()
            .map(|(id, call)| Message::Tool {
                call_id: call.id.clone(),
                tool: call.tool.clone(),
                content: results.remove(id).unwrap_or_else(|| "(no result)".to_owned()),
            })
            .collect();
        let calls: Vec<_> = calls.into_iter().map(|(_, call)| call).collect();
        if !text.trim().is_empty() || !calls.is_empty() {
            self.messages.push(Message::Assistant { text, calls, carried });
            self.messages.extend(told);
        }
    }
}
