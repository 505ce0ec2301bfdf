//! A request in the wire form.

use domain::ProviderForm;
use serde_json::{Value, json};

use crate::wire::{Carried, IdRule, Names, agree, data_url, number, sound_arguments, wire_id};
use crate::{Image, Message, Request, ToolCall, ToolSpec};

/// The body to send.
pub(crate) fn body(request: &Request, names: &Names) -> Value {
    let carried = Carried::new(ProviderForm::OpenaiResponses, &request.model);
    let mut input = Vec::new();
    for message in &request.messages {
        add(message, names, &carried, &mut input);
    }
    let mut body = json!({
        "model": request.model,
        "input": input,
        "stream": true,
        "store": false,
        "max_output_tokens": request.max_tokens,
    });
    if reasons(&request.model) {
        body["include"] = json!(["reasoning.encrypted_content"]);
    }
    if let Some(temperature) = request.temperature {
        body["temperature"] = number(temperature);
    }
    if !request.tools.is_empty() {
        body["tools"] = request.tools.iter().map(|spec| tool(spec, names)).collect();
    }
    body
}

/// Whether the model thinks: those that do not refuse to be asked for what they
/// thought. The ones before `o1` and `gpt-5` do not.
fn reasons(model: &str) -> bool {
    let name = model.rsplit('/').next().unwrap_or_default();
    !["gpt-3", "gpt-4", "chatgpt"].iter().any(|old| name.starts_with(old))
}

fn add(message: &Message, names: &Names, carried: &Carried, input: &mut Vec<Value>) {
    match message {
        Message::System(text) => input.push(json!({ "role": "system", "content": text })),
        Message::User { text, images } => {
            input.push(json!({ "role": "user", "content": content(text, images) }));
        }
        Message::Assistant { text, calls, carried: kept } => {
            let own = carried.unpack(kept.as_deref());
            if let Some(items) = own.filter(|items| agree(call_ids(items), calls)) {
                input.extend(items);
                return;
            }
            if !text.is_empty() {
                input.push(json!({ "role": "assistant", "content": text }));
            }
            input.extend(calls.iter().map(|c| call(c, names)));
        }
        Message::Tool { call_id, content, .. } => input.push(json!({
            "type": "function_call_output",
            "call_id": wire_id(call_id, IdRule::Plain),
            "output": content,
        })),
    }
}

fn call_ids(items: &[Value]) -> impl Iterator<Item = &str> {
    let calls = items.iter().filter(|item| item["type"] == "function_call");
    calls.filter_map(|call| call.get("call_id")?.as_str())
}

fn call(call: &ToolCall, names: &Names) -> Value {
    let empty = sound_arguments(call).is_empty();
    let arguments = if empty { "{}" } else { call.arguments.as_str() };
    json!({
        "type": "function_call",
        "call_id": wire_id(&call.id, IdRule::Plain),
        "name": names.wire(&call.tool),
        "arguments": arguments,
    })
}

fn content(text: &str, images: &[Image]) -> Value {
    if images.is_empty() {
        return text.into();
    }
    let picture = |image: &Image| json!({ "type": "input_image", "image_url": data_url(image) });
    let mut parts: Vec<Value> = images.iter().map(picture).collect();
    if !text.is_empty() {
        parts.push(json!({ "type": "input_text", "text": text }));
    }
    parts.into()
}

fn tool(spec: &ToolSpec, names: &Names) -> Value {
    json!({
        "type": "function",
        "name": names.wire(&spec.name),
        "description": spec.description,
        "parameters": spec.parameters,
        // Strictly, every field would have to be required.
        "strict": false,
    })
}
