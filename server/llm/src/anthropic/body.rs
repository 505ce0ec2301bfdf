//! A request in the wire form.
//!
//! The form is strict: standing instructions apart, turns that alternate, and
//! the results of calls first in the turn after them. What does not change from
//! step to step is marked for the provider's cache: the instructions with the
//! tools before them, and the two newest turns that are not the model's, so that
//! the end of the step before is found again however long this one is.

use domain::ProviderForm;
use serde_json::{Value, json};

use crate::wire::{Carried, IdRule, Names, agree, encoded, number, sound_arguments, wire_id};
use crate::{Image, Message, Request, ToolCall, ToolSpec};

/// The body to send.
pub(crate) fn body(request: &Request, names: &Names) -> Value {
    let standing = request.messages.iter().map_while(|message| match message {
        Message::System(text) => Some(text.as_str()),
        Message::User { .. } | Message::Assistant { .. } | Message::Tool { .. } => None,
    });
    let mut system: Vec<Value> = standing.clone().filter_map(block).collect();
    let mut turns = Turns { names, carried: carried(request), turns: Vec::new() };
    for message in request.messages.iter().skip(standing.count()) {
        turns.add(message);
    }
    let mut messages = turns.turns;
    let newest = messages.iter_mut().rev().filter(|turn| turn.role == Role::User).take(2);
    newest.for_each(|turn| mark(&mut turn.content));
    let mut tools: Vec<Value> = request.tools.iter().map(|spec| tool(spec, names)).collect();
    // The tools stand before the instructions, whose mark covers them too.
    mark(if system.is_empty() { &mut tools } else { &mut system });
    let messages: Vec<Value> = messages
        .into_iter()
        .map(|turn| json!({ "role": turn.role.word(), "content": turn.content }))
        .collect();
    let mut body = json!({
        "model": request.model,
        "max_tokens": request.max_tokens,
        "messages": messages,
        "stream": true,
    });
    if !system.is_empty() {
        body["system"] = system.into();
    }
    if let Some(temperature) = request.temperature {
        // The scale ends at 1 here.
        body["temperature"] = number(temperature.min(1.0));
    }
    if !tools.is_empty() {
        body["tools"] = tools.into();
    }
    body
}

fn carried(request: &Request) -> Carried {
    Carried::new(ProviderForm::Anthropic, &request.model)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    User,
    Assistant,
}

impl Role {
    fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

struct Turn {
    role: Role,
    content: Vec<Value>,
}

struct Turns<'a> {
    names: &'a Names,
    carried: Carried,
    turns: Vec<Turn>,
}

impl Turns<'_> {
    fn add(&mut self, message: &Message) {
        match message {
            // Later instructions stay where they were given: moved to the front,
            // they would change all that is cached.
            Message::System(text) => self.push(Role::User, block(text)),
            Message::User { text, images } => {
                self.push(Role::User, images.iter().map(picture).chain(block(text)));
            }
            Message::Assistant { text, calls, carried } => {
                let own = self.carried.unpack(carried.as_deref());
                let content = own.filter(|blocks| agree(call_ids(blocks), calls));
                let content = content.unwrap_or_else(|| self.said(text, calls));
                self.push(Role::Assistant, content);
            }
            Message::Tool { call_id, content, .. } => {
                let result = json!({
                    "type": "tool_result",
                    "tool_use_id": wire_id(call_id, IdRule::Plain),
                    "content": content,
                });
                self.push(Role::User, [result]);
            }
        }
    }

    fn said(&self, text: &str, calls: &[ToolCall]) -> Vec<Value> {
        let call = |call: &ToolCall| {
            json!({
                "type": "tool_use",
                "id": wire_id(&call.id, IdRule::Plain),
                "name": self.names.wire(&call.tool),
                "input": sound_arguments(call),
            })
        };
        block(text).into_iter().chain(calls.iter().map(call)).collect()
    }

    fn push(&mut self, role: Role, content: impl IntoIterator<Item = Value>) {
        match self.turns.last_mut().filter(|turn| turn.role == role) {
            Some(turn) => turn.content.extend(content),
            None => {
                let content: Vec<Value> = content.into_iter().collect();
                if !content.is_empty() {
                    self.turns.push(Turn { role, content });
                }
            }
        }
    }
}

/// A block of text; none where it would be empty, which is refused.
fn block(text: &str) -> Option<Value> {
    (!text.trim().is_empty()).then(|| json!({ "type": "text", "text": text }))
}

fn picture(image: &Image) -> Value {
    let source =
        json!({ "type": "base64", "media_type": image.media_type, "data": encoded(image) });
    json!({ "type": "image", "source": source })
}

fn tool(spec: &ToolSpec, names: &Names) -> Value {
    json!({
        "name": names.wire(&spec.name),
        "description": spec.description,
        "input_schema": spec.parameters,
    })
}

fn call_ids(blocks: &[Value]) -> impl Iterator<Item = &str> {
    let calls = blocks.iter().filter(|block| block["type"] == "tool_use");
    calls.filter_map(|call| call.get("id")?.as_str())
}

/// Everything up to here is to be cached.
fn mark(blocks: &mut [Value]) {
    if let Some(last) = blocks.last_mut() {
        last["cache_control"] = json!({ "type": "ephemeral" });
    }
}
