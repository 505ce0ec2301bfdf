//! A request in the wire form.

use serde_json::{Map, Value, json};

use super::names::Names;
use crate::{Message, Request, ToolCall, ToolSpec};

/// The body to send.
pub(super) fn body(request: &Request, names: &Names) -> Value {
    let mut body = json!({
        "model": request.model,
        "messages": request.messages.iter().map(|m| message(m, names)).collect::<Vec<_>>(),
        "stream": true,
        "stream_options": { "include_usage": true },
        "max_tokens": request.max_tokens,
    });
    // An empty list is refused, where no list is not.
    if !request.tools.is_empty() {
        body["tools"] = request.tools.iter().map(|spec| tool(spec, names)).collect();
    }
    body
}

/// The ids of the calls in a message.
pub(super) fn call_ids(message: &Message) -> impl Iterator<Item = &str> {
    let calls = match message {
        Message::Assistant { calls, .. } => calls.as_slice(),
        Message::System(_) | Message::User { .. } | Message::Tool { .. } => &[],
    };
    calls.iter().map(|call| call.id.as_str())
}

fn message(message: &Message, names: &Names) -> Value {
    match message {
        Message::System(text) => json!({ "role": "system", "content": text }),
        Message::User { text, .. } => json!({ "role": "user", "content": text }),
        Message::Assistant { text, calls, .. } if calls.is_empty() => {
            json!({ "role": "assistant", "content": text })
        }
        Message::Assistant { text, calls, .. } => json!({
            "role": "assistant",
            "content": if text.is_empty() { Value::Null } else { text.as_str().into() },
            "tool_calls": calls.iter().map(|c| call(c, names)).collect::<Vec<_>>(),
        }),
        Message::Tool { call_id, content, .. } => {
            json!({ "role": "tool", "tool_call_id": call_id, "content": content })
        }
    }
}

fn call(call: &ToolCall, names: &Names) -> Value {
    // One malformed call in the past would have every later request refused.
    // The result that follows it tells the model what was wrong.
    let sound = serde_json::from_str::<Map<String, Value>>(&call.arguments).is_ok();
    let arguments = if sound { call.arguments.as_str() } else { "{}" };
    json!({
        "id": call.id,
        "type": "function",
        "function": { "name": names.wire(&call.tool), "arguments": arguments },
    })
}

fn tool(spec: &ToolSpec, names: &Names) -> Value {
    json!({
        "type": "function",
        "function": {
            "name": names.wire(&spec.name),
            "description": spec.description,
            "parameters": spec.parameters,
        },
    })
}
