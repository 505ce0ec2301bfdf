//! A request read back from the wire form, for tests that play a provider.

use serde_json::Value;

use crate::{DEFAULT_WINDOW, Message, Request, ToolCall, ToolSpec};

/// Reads the body of a request for a chat completion, so that a
/// test behind a real socket can [check](crate::scripted::check) it. Tools keep
/// the names they have on the wire (`fs_read`). None where the body is not of
/// the form.
pub fn read_request(body: &Value) -> Option<Request> {
    let mut messages = Vec::new();
    for message in body.get("messages")?.as_array()? {
        messages.push(read_message(message, &messages)?);
    }
    let tools = match body.get("tools") {
        None => Vec::new(),
        Some(tools) => tools.as_array()?.iter().map(read_tool).collect::<Option<_>>()?,
    };
    Some(Request {
        model: text(body, "/model")?,
        messages,
        tools: tools.into(),
        max_tokens: ["max_tokens", "max_completion_tokens"]
            .iter()
            .find_map(|name| body.get(*name)?.as_u64()?.try_into().ok())?,
        // The wire form does not say it.
        window: DEFAULT_WINDOW,
        #[allow(clippy::cast_possible_truncation, reason = "it was written from one")]
        temperature: body.get("temperature").and_then(Value::as_f64).map(|t| t as f32),
    })
}

fn read_message(message: &Value, before: &[Message]) -> Option<Message> {
    let content = || text(message, "/content");
    Some(match message.get("role")?.as_str()? {
        "system" => Message::System(content()?),
        "user" => Message::user(content()?),
        "assistant" => {
            let calls = match message.get("tool_calls") {
                None => Vec::new(),
                Some(calls) => calls.as_array()?.iter().map(read_call).collect::<Option<_>>()?,
            };
            Message::assistant(content().unwrap_or_default(), calls)
        }
        "tool" => {
            let call_id = text(message, "/tool_call_id")?;
            // The wire form leaves it to the call to name the tool.
            let tool = tool_of(&call_id, before).unwrap_or_default();
            Message::Tool { call_id, tool, content: content()? }
        }
        _ => return None,
    })
}

fn read_call(call: &Value) -> Option<ToolCall> {
    Some(ToolCall {
        id: text(call, "/id")?,
        tool: text(call, "/function/name")?,
        arguments: text(call, "/function/arguments")?,
        repair: None,
    })
}

fn read_tool(tool: &Value) -> Option<ToolSpec> {
    Some(ToolSpec {
        name: text(tool, "/function/name")?,
        description: text(tool, "/function/description")?,
        parameters: tool.pointer("/function/parameters")?.clone(),
    })
}

fn tool_of(call_id: &str, before: &[Message]) -> Option<String> {
    let calls = before.iter().rev().filter_map(|message| match message {
        Message::Assistant { calls, .. } => Some(calls),
        Message::System(_) | Message::User { .. } | Message::Tool { .. } => None,
    });
    let call = calls.flatten().find(|call| call.id == call_id)?;
    Some(call.tool.clone())
}

fn text(value: &Value, path: &str) -> Option<String> {
    value.pointer(path)?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openai::body;
    use crate::scripted::check;
    use crate::wire::{Dialect, Names};

    #[test]
    fn a_request_comes_back_as_it_went() {
        let call = ToolCall {
            id: "a".into(),
            tool: "fs_read".into(),
            arguments: "{\"p\":1}".into(),
            repair: None,
        };
        let tool = ToolSpec {
            name: "fs_read".into(),
            description: "Reads.".into(),
            parameters: serde_json::json!({ "type": "object" }),
        };
        let result =
            Message::Tool { call_id: "a".into(), tool: "fs_read".into(), content: "x".into() };
        let request = Request {
            model: "m".into(),
            messages: vec![
                Message::System("s".into()),
                Message::user("u"),
                Message::assistant("", vec![call]),
                result,
            ],
            tools: [tool].into(),
            max_tokens: 7,
            window: DEFAULT_WINDOW,
            temperature: Some(0.7),
        };
        let sent = body(&request, &Names::new(&request.tools), Dialect::Common);
        let back = read_request(&sent).unwrap();
        assert_eq!(back, request);
        check(&back).unwrap();
        assert_eq!(read_request(&Value::Null), None);
    }
}
