//! A request in the wire form.

use domain::ProviderForm;
use serde_json::{Value, json};

use crate::wire::{Carried, Dialect, IdRule, Names, data_url, number, sound_arguments, wire_id};
use crate::{Image, Message, Request, ToolCall, ToolSpec};

/// What of an answer's own fields is given back, and nothing else of it.
const CARRIED: [&str; 2] = ["reasoning_content", "reasoning_details"];

/// The body to send.
pub(crate) fn body(request: &Request, names: &Names, dialect: Dialect) -> Value {
    let out = Out {
        names,
        ids: match dialect {
            Dialect::Mistral => IdRule::Nine,
            Dialect::OpenAi | Dialect::Common => IdRule::Short,
        },
        carried: Carried::new(ProviderForm::OpenaiChat, &request.model),
    };
    let mut body = json!({
        "model": request.model,
        "messages": request.messages.iter().map(|m| out.message(m)).collect::<Vec<_>>(),
        "stream": true,
        "stream_options": { "include_usage": true },
    });
    body[limit_field(&request.model, dialect)] = request.max_tokens.into();
    if let Some(temperature) = request.temperature {
        body["temperature"] = number(temperature);
    }
    // An empty list is refused, where no list is not.
    if !request.tools.is_empty() {
        body["tools"] = request.tools.iter().map(|spec| tool(spec, names)).collect();
    }
    body
}

/// What the limit on the answer is called. OpenAI's newer models refuse the old
/// name, and all of OpenAI's own take the new one; others know the old one.
fn limit_field(model: &str, dialect: Dialect) -> &'static str {
    let newer = ["o1", "o3", "o4", "gpt-5", "gpt-6"].iter().any(|name| model.starts_with(name));
    if newer || dialect == Dialect::OpenAi { "max_completion_tokens" } else { "max_tokens" }
}

struct Out<'a> {
    names: &'a Names,
    ids: IdRule,
    carried: Carried,
}

impl Out<'_> {
    fn message(&self, message: &Message) -> Value {
        match message {
            Message::System(text) => json!({ "role": "system", "content": text }),
            Message::User { text, images } => {
                json!({ "role": "user", "content": content(text, images) })
            }
            Message::Assistant { text, calls, .. } if calls.is_empty() => {
                json!({ "role": "assistant", "content": text })
            }
            Message::Assistant { text, calls, carried } => {
                let mut message = json!({
                    "role": "assistant",
                    "content": if text.is_empty() { Value::Null } else { text.as_str().into() },
                    "tool_calls": calls.iter().map(|call| self.call(call)).collect::<Vec<_>>(),
                });
                let kept = self.carried.unpack(carried.as_deref());
                for fields in kept.iter().flatten() {
                    for name in CARRIED {
                        if let Some(value) = fields.get(name) {
                            message[name] = value.clone();
                        }
                    }
                }
                message
            }
            Message::Tool { call_id, content, .. } => {
                let id = wire_id(call_id, self.ids);
                json!({ "role": "tool", "tool_call_id": id, "content": content })
            }
        }
    }

    fn call(&self, call: &ToolCall) -> Value {
        // As the model wrote them, down to the spaces, where they are sound.
        let empty = sound_arguments(call).is_empty();
        let arguments = if empty { "{}" } else { call.arguments.as_str() };
        json!({
            "id": wire_id(&call.id, self.ids),
            "type": "function",
            "function": { "name": self.names.wire(&call.tool), "arguments": arguments },
        })
    }
}

/// Plain text where there is nothing else, since not every server reads parts.
fn content(text: &str, images: &[Image]) -> Value {
    if images.is_empty() {
        return text.into();
    }
    let picture =
        |image: &Image| json!({ "type": "image_url", "image_url": { "url": data_url(image) } });
    let mut parts: Vec<Value> = images.iter().map(picture).collect();
    if !text.is_empty() {
        parts.push(json!({ "type": "text", "text": text }));
    }
    parts.into()
}

/// A tool in the form that Ollama takes too.
pub(crate) fn tool(spec: &ToolSpec, names: &Names) -> Value {
    json!({
        "type": "function",
        "function": {
            "name": names.wire(&spec.name),
            "description": spec.description,
            "parameters": spec.parameters,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_has_the_name_that_the_model_takes() {
        for (model, dialect, name) in [
            ("gpt-4o", Dialect::OpenAi, "max_completion_tokens"),
            ("gpt-5-mini", Dialect::Common, "max_completion_tokens"),
            ("o3", Dialect::Common, "max_completion_tokens"),
            ("openai/gpt-5", Dialect::Common, "max_tokens"),
            ("mistral-large", Dialect::Mistral, "max_tokens"),
            ("qwen3", Dialect::Common, "max_tokens"),
        ] {
            assert_eq!(limit_field(model, dialect), name, "{model}");
        }
    }
}
