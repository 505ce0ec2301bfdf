//! Whether a request is one that providers accept.

use std::collections::HashSet;

use crate::{Message, Request, ToolCall};

/// Checks what every provider insists on: no empty message; calls with ids that
/// are unique within their message, each with exactly one result before
/// anything else comes; no result without a call; and a person or a tool has
/// the last word. The error says what is wrong first, and where.
pub fn check(request: &Request) -> Result<(), String> {
    // The calls that still wait for their results.
    let mut open: Vec<&ToolCall> = Vec::new();
    for (at, message) in request.messages.iter().enumerate() {
        let wrong = |what: String| Err(format!("message {at}: {what}"));
        if let Message::Tool { call_id, tool, content } = message {
            let Some(place) = open.iter().position(|call| call.id == *call_id) else {
                return wrong(format!("a result for {call_id:?}, which is not an open call"));
            };
            let call = open.remove(place);
            if call.tool != *tool {
                return wrong(format!("{tool} answers a call of {}", call.tool));
            }
            if content.is_empty() {
                return wrong(format!("the result of {call_id:?} is empty"));
            }
            continue;
        }
        if let Some(call) = open.first() {
            return wrong(format!("comes before the result of {:?}", call.id));
        }
        match message {
            Message::System(text) | Message::User { text, .. } if text.trim().is_empty() => {
                return wrong("empty".to_owned());
            }
            Message::Assistant { text, calls, .. } => {
                if text.trim().is_empty() && calls.is_empty() {
                    return wrong("empty".to_owned());
                }
                if let Err(what) = check_calls(calls) {
                    return wrong(what);
                }
                open.extend(calls);
            }
            _ => {}
        }
    }
    if let Some(call) = open.first() {
        return Err(format!("the call {:?} has no result", call.id));
    }
    match request.messages.last() {
        Some(Message::User { .. } | Message::Tool { .. }) => Ok(()),
        Some(_) => Err("the last message is neither a person's nor a tool's".to_owned()),
        None => Err("no messages".to_owned()),
    }
}

fn check_calls(calls: &[ToolCall]) -> Result<(), String> {
    let mut ids = HashSet::new();
    for call in calls {
        if call.id.is_empty() || call.tool.is_empty() {
            return Err("a call without an id or a name".to_owned());
        }
        if !ids.insert(call.id.as_str()) {
            return Err(format!("the id {:?} stands twice", call.id));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(messages: Vec<Message>) -> Result<(), String> {
        let (model, tools) = ("m".into(), [].into());
        check(&Request { model, messages, tools, max_tokens: 10, window: 100, temperature: None })
    }

    fn user(text: &str) -> Message {
        Message::user(text)
    }

    fn calls(text: &str, ids: &[&str]) -> Message {
        let call = |id: &&str| ToolCall {
            id: (*id).into(),
            tool: "fs.read".into(),
            arguments: "{}".into(),
            repair: None,
        };
        Message::assistant(text, ids.iter().map(call).collect())
    }

    fn result(id: &str) -> Message {
        Message::Tool { call_id: id.into(), tool: "fs.read".into(), content: "x".into() }
    }

    #[test]
    fn sound_conversations_pass() {
        let system = Message::System("Be kind.".into());
        checked(vec![system, user("a")]).unwrap();
        checked(vec![user("a"), calls("", &["1", "2"]), result("2"), result("1")]).unwrap();
        let again = vec![user("a"), calls("", &["1"]), result("1"), calls("", &["1"]), result("1")];
        checked(again).unwrap();
        checked(vec![user("a"), calls("b", &[]), user("c")]).unwrap();
    }

    #[test]
    fn each_fault_is_found() {
        let foreign =
            Message::Tool { call_id: "1".into(), tool: "time.now".into(), content: "x".into() };
        let silent =
            Message::Tool { call_id: "1".into(), tool: "fs.read".into(), content: String::new() };
        for messages in [
            vec![],
            vec![user(" ")],
            vec![Message::System(String::new()), user("a")],
            vec![user("a"), calls("b", &[])],
            vec![user("a"), calls("", &[]), user("b")],
            vec![user("a"), calls("", &["1"])],
            vec![user("a"), calls("", &["1", "2"]), result("1")],
            vec![user("a"), calls("", &["1"]), user("b"), result("1")],
            vec![user("a"), calls("", &["1"]), result("1"), result("1")],
            vec![user("a"), calls("", &["1", "1"]), result("1"), result("1")],
            vec![user("a"), calls("", &[""]), result("")],
            vec![user("a"), result("1")],
            vec![user("a"), calls("", &["1"]), foreign],
            vec![user("a"), calls("", &["1"]), silent],
        ] {
            assert!(checked(messages.clone()).is_err(), "{messages:?}");
        }
    }
}
