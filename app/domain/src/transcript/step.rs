//! One exchange with the model, as a person reads it.

use serde::{Deserialize, Serialize};

use super::{CallStage, CallView, Note};
use crate::{CallId, Event, FinishReason, LiveEvent, Prose, Spent, Timestamp};

/// One exchange with the model: what it wrote, then the tools it called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Counted from 1; [`BEFORE_STEPS`](crate::BEFORE_STEPS) for what a person
    /// called before the first, where there is no model.
    pub number: u32,
    /// Provider and model, as `provider/model`; after a failover the one that
    /// took over.
    pub model: String,
    /// What happened before the model wrote, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<Note>,
    /// What the model thought before it wrote, where the mode shows it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub thinking: String,
    /// The text so far, as sanitised HTML blocks.
    pub blocks: Vec<String>,
    /// The tool calls, in order.
    pub calls: Vec<CallView>,
    /// What happened after it, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<Note>,
    /// When it began.
    pub started_at: Timestamp,
    /// How long the model took, in milliseconds, once it ended.
    pub duration_ms: Option<u64>,
    /// Why the model stopped, once it did.
    pub finish: Option<FinishReason>,
    /// The tokens and what they cost.
    pub spent: Spent,
}

impl Step {
    pub(super) fn new(number: u32, model: String, started_at: Timestamp) -> Self {
        Self {
            number,
            model,
            before: Vec::new(),
            thinking: String::new(),
            blocks: Vec::new(),
            calls: Vec::new(),
            after: Vec::new(),
            started_at,
            duration_ms: None,
            finish: None,
            spent: Spent::default(),
        }
    }

    pub(super) fn call(&mut self, id: CallId) -> Option<&mut CallView> {
        self.calls.iter_mut().find(|call| call.id == id)
    }

    /// Takes in that a call is held, or begins. One that was held and begins is the
    /// same call.
    pub(super) fn call_opens(&mut self, live: &LiveEvent) {
        let (stage, id, tool, arguments, repair) = match &live.event {
            Event::ToolHeld { tool_call_id, tool, arguments, repair, .. } => {
                (CallStage::Held, *tool_call_id, tool, arguments, repair)
            }
            Event::ToolStart { tool_call_id, tool, arguments, repair, .. } => {
                (CallStage::Begun, *tool_call_id, tool, arguments, repair)
            }
            _ => return,
        };
        if let Some(call) = self.call(id) {
            call.stage = stage;
            call.started_at = live.at;
            return;
        }
        self.calls.push(CallView {
            id,
            tool: tool.clone(),
            arguments: arguments.clone(),
            repair: repair.clone(),
            stage,
            started_at: live.at,
            approval: None,
            child: None,
            result: None,
        });
    }

    pub(super) fn write(&mut self, prose: Option<&Prose>) {
        if let Some(prose) = prose {
            self.blocks.truncate(prose.from);
            self.blocks.extend(prose.blocks.iter().cloned());
        }
    }
}
