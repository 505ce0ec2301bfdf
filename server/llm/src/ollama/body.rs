//! A request in the wire form.

use domain::ProviderForm;
use serde_json::{Value, json};

use crate::wire::{Carried, Names, encoded, number, sound_arguments};
use crate::{Message, Request, ToolCall, openai};

/// The body to send.
///
/// A server that is told nothing takes 4,096 tokens and drops the oldest messages
/// without a word. So the window is asked for, and an overflow has to be said.
pub(crate) fn body(request: &Request, names: &Names) -> Value {
    let carried = Carried::new(ProviderForm::Ollama, &request.model);
    let messages = request.messages.iter().map(|m| message(m, names, &carried));
    let mut body = json!({
        "model": request.model,
        "messages": messages.collect::<Vec<_>>(),
        "stream": true,
        "truncate": false,
        "options": { "num_ctx": request.window, "num_predict": request.max_tokens },
    });
    if let Some(temperature) = request.temperature {
        body["options"]["temperature"] = number(temperature);
    }
    if !request.tools.is_empty() {
        body["tools"] = request.tools.iter().map(|spec| openai::tool(spec, names)).collect();
    }
    body
}

fn message(message: &Message, names: &Names, carried: &Carried) -> Value {
    match message {
        Message::System(text) => json!({ "role": "system", "content": text }),
        Message::User { text, images } if images.is_empty() => {
            json!({ "role": "user", "content": text })
        }
        Message::User { text, images } => json!({
            "role": "user",
            "content": text,
            "images": images.iter().map(encoded).collect::<Vec<_>>(),
        }),
        Message::Assistant { text, calls, .. } if calls.is_empty() => {
            json!({ "role": "assistant", "content": text })
        }
        Message::Assistant { text, calls, carried: kept } => {
            let mut message = json!({
                "role": "assistant",
                "content": text,
                "tool_calls": calls.iter().map(|c| call(c, names)).collect::<Vec<_>>(),
            });
            let kept = carried.unpack(kept.as_deref()).unwrap_or_default();
            if let Some(thinking) = kept.first().and_then(|fields| fields.get("thinking")) {
                message["thinking"] = thinking.clone();
            }
            message
        }
        Message::Tool { call_id, tool, content } => json!({
            "role": "tool",
            "tool_name": names.wire(tool),
            "tool_call_id": call_id,
            "content": content,
        }),
    }
}

fn call(call: &ToolCall, names: &Names) -> Value {
    let function = json!({ "name": names.wire(&call.tool), "arguments": sound_arguments(call) });
    json!({ "id": call.id, "function": function })
}
