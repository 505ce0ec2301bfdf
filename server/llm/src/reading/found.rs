//! The calls of one reply, and the ids they get.

use std::collections::HashSet;

use serde_json::Value;

use super::forms::{Wholeness, Written};
use super::mend;
use super::tools::Tools;
use crate::{Delta, LlmError, ToolCall};

/// The most calls in one reply.
const MAX_CALLS: usize = 128;

/// The calls, in the order the model made them. They are kept to the end: only
/// then is it known that they were no part of a draft, and which are doubled.
#[derive(Debug, Default)]
pub(super) struct Found {
    items: Vec<Item>,
}

#[derive(Debug)]
enum Item {
    Native(ToolCall),
    Text(ToolCall),
    /// Markup of a call in which no name could be read.
    Nameless(String),
}

impl Found {
    /// A call the provider marks as such. Its arguments are mended where that is
    /// possible, and else left for the tool to refuse.
    /// Gives the call as it came, where it was mended.
    pub(super) fn native(
        &mut self,
        mut call: ToolCall,
        tools: &Tools,
    ) -> Result<Option<ToolCall>, LlmError> {
        let mut before = None;
        call.tool = tools.name(&call.tool);
        if let Some(strict) = mend::strict(&call.arguments)
            && !strict.notes.is_empty()
            && !strict.cut
            && strict.json.trim_start().starts_with('{')
        {
            let arguments = strict.json.into_owned();
            let repair = Some(strict.notes.to_string());
            let mended =
                ToolCall { id: call.id.clone(), tool: call.tool.clone(), arguments, repair };
            before = Some(std::mem::replace(&mut call, mended));
        }
        self.add(Item::Native(call))?;
        Ok(before)
    }

    /// A call that stood in the text.
    pub(super) fn written(&mut self, call: Written, tools: &Tools) -> Result<(), LlmError> {
        let mended = call.state == Wholeness::Whole && !call.notes.is_empty();
        let repair = mended.then(|| call.notes.to_string());
        let (tool, arguments) = (tools.name(&call.name), call.arguments);
        self.add(Item::Text(ToolCall { id: String::new(), tool, arguments, repair }))
    }

    /// Markup of a call in which no name could be read.
    pub(super) fn nameless(&mut self, markup: &str) -> Result<(), LlmError> {
        self.add(Item::Nameless(markup.to_owned()))
    }

    /// Forgets the calls that stood in the text: it was thinking.
    pub(super) fn were_drafts(&mut self) {
        self.items.retain(|item| matches!(item, Item::Native(_)));
    }

    /// Whether calls stood in the text.
    pub(super) fn any_in_text(&self) -> bool {
        self.items.iter().any(|item| matches!(item, Item::Text(_)))
    }

    /// Everything, each call with an id of its own.
    pub(super) fn take(&mut self) -> Vec<Delta> {
        let items = std::mem::take(&mut self.items);
        let natives: Vec<ToolCall> = items.iter().filter_map(Item::as_native).cloned().collect();
        let mut taken: HashSet<String> = natives.iter().map(|call| call.id.clone()).collect();
        let mut seen = HashSet::new();
        let mut deltas = Vec::with_capacity(items.len());
        for item in items {
            deltas.push(match item {
                Item::Nameless(markup) => Delta::Broken(markup),
                Item::Native(mut call) => {
                    if call.id.is_empty() || !seen.insert(call.id.clone()) {
                        call.id = make_id("call", &mut taken);
                    }
                    Delta::Call(call)
                }
                // Written out as well as called: once is meant.
                Item::Text(call) if natives.iter().any(|native| same(native, &call)) => continue,
                Item::Text(mut call) => {
                    call.id = make_id("text", &mut taken);
                    Delta::Call(call)
                }
            });
        }
        deltas
    }

    fn add(&mut self, item: Item) -> Result<(), LlmError> {
        if self.items.len() == MAX_CALLS {
            return Err(LlmError::Format(format!("over {MAX_CALLS} tool calls in one answer")));
        }
        self.items.push(item);
        Ok(())
    }
}

impl Item {
    fn as_native(&self) -> Option<&ToolCall> {
        match self {
            Self::Native(call) => Some(call),
            Self::Text(_) | Self::Nameless(_) => None,
        }
    }
}

fn same(one: &ToolCall, other: &ToolCall) -> bool {
    let value = |call: &ToolCall| serde_json::from_str::<Value>(&call.arguments).ok();
    one.tool == other.tool && value(one).is_some() && value(one) == value(other)
}

fn make_id(kind: &str, taken: &mut HashSet<String>) -> String {
    let mut number = 1;
    loop {
        let id = format!("{kind}_{number}");
        if taken.insert(id.clone()) {
            return id;
        }
        number += 1;
    }
}
