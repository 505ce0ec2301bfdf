//! A request in the wire form.

use std::collections::HashSet;

use domain::ProviderForm;
use serde_json::{Value, json};

use super::schema::reduced;
use crate::wire::{Carried, Names, agree, encoded, number, sound_arguments};
use crate::{Image, Message, Request, ToolSpec};

/// What stands for a signature where calls come from another model. The newest
/// models refuse calls of the present turn without any.
/// https://ai.google.dev/gemini-api/docs/thought-signatures
const FOREIGN: &str = "skip_thought_signature_validator";

/// The body to send.
pub(crate) fn body(request: &Request, names: &Names) -> Value {
    let standing = request.messages.iter().map_while(|message| match message {
        Message::System(text) => Some(json!({ "text": text })),
        Message::User { .. } | Message::Assistant { .. } | Message::Tool { .. } => None,
    });
    let system: Vec<Value> = standing.collect();
    let mut turns = Turns {
        names,
        carried: Carried::new(ProviderForm::Gemini, &request.model),
        wants_signatures: request.model.trim_start_matches("models/").starts_with("gemini-3"),
        own_ids: HashSet::new(),
        turns: Vec::new(),
    };
    for message in request.messages.iter().skip(system.len()) {
        turns.add(message);
    }
    let contents: Vec<Value> = turns
        .turns
        .into_iter()
        .map(|(role, parts)| json!({ "role": role, "parts": parts }))
        .collect();
    let mut body = json!({
        "contents": contents,
        "generationConfig": { "maxOutputTokens": request.max_tokens },
    });
    if !system.is_empty() {
        body["systemInstruction"] = json!({ "parts": system });
    }
    if let Some(temperature) = request.temperature {
        body["generationConfig"]["temperature"] = number(temperature);
    }
    if !request.tools.is_empty() {
        let tools: Vec<Value> = request.tools.iter().map(|spec| tool(spec, names)).collect();
        body["tools"] = json!([{ "functionDeclarations": tools }]);
    }
    body
}

struct Turns<'a> {
    names: &'a Names,
    carried: Carried,
    wants_signatures: bool,
    /// Ids that the provider gave itself. Calls without are told by their order,
    /// and an id of our making would be one too many.
    own_ids: HashSet<String>,
    /// Who speaks, and the parts of what is said.
    turns: Vec<(&'static str, Vec<Value>)>,
}

impl Turns<'_> {
    fn add(&mut self, message: &Message) {
        match message {
            // Later instructions stay where they were given.
            Message::System(text) => self.push("user", vec![json!({ "text": text })]),
            Message::User { text, images } => {
                let mut parts: Vec<Value> = images.iter().map(picture).collect();
                if !text.is_empty() {
                    parts.push(json!({ "text": text }));
                }
                self.push("user", parts);
            }
            Message::Assistant { text, calls, carried } => {
                let own = self.carried.unpack(carried.as_deref());
                // Calls without an id of their own got one made.
                let agrees = |parts: &Vec<Value>| {
                    let given: Vec<&str> = call_ids(parts).collect();
                    let count = parts.iter().filter(|p| p.get("functionCall").is_some()).count();
                    count == calls.len() && (given.is_empty() || agree(given.into_iter(), calls))
                };
                if let Some(parts) = own.filter(agrees) {
                    self.own_ids.extend(call_ids(&parts).map(str::to_owned));
                    self.push("model", parts);
                    return;
                }
                let mut parts = Vec::new();
                if !text.is_empty() {
                    parts.push(json!({ "text": text }));
                }
                for (at, call) in calls.iter().enumerate() {
                    let name = self.names.wire(&call.tool);
                    let mut part = json!({
                        "functionCall": { "name": name, "args": sound_arguments(call) },
                    });
                    if at == 0 && self.wants_signatures {
                        part["thoughtSignature"] = FOREIGN.into();
                    }
                    parts.push(part);
                }
                self.push("model", parts);
            }
            Message::Tool { call_id, tool, content } => {
                let mut response = json!({
                    "name": self.names.wire(tool),
                    "response": { "output": content },
                });
                if self.own_ids.contains(call_id) {
                    response["id"] = call_id.as_str().into();
                }
                self.push("user", vec![json!({ "functionResponse": response })]);
            }
        }
    }

    /// Turns alternate here too.
    fn push(&mut self, role: &'static str, parts: Vec<Value>) {
        match self.turns.last_mut().filter(|(last, _)| *last == role) {
            Some((_, before)) => before.extend(parts),
            None if parts.is_empty() => {}
            None => self.turns.push((role, parts)),
        }
    }
}

fn call_ids(parts: &[Value]) -> impl Iterator<Item = &str> {
    parts.iter().filter_map(|part| part.pointer("/functionCall/id")?.as_str())
}

fn picture(image: &Image) -> Value {
    json!({ "inlineData": { "mimeType": image.media_type, "data": encoded(image) } })
}

fn tool(spec: &ToolSpec, names: &Names) -> Value {
    let mut tool = json!({
        "name": names.wire(&spec.name),
        "description": spec.description,
    });
    // An object without fields is refused; no schema at all is not.
    let parameters = reduced(&spec.parameters);
    if parameters["properties"].as_object().is_some_and(|fields| !fields.is_empty()) {
        tool["parameters"] = parameters;
    }
    tool
}
