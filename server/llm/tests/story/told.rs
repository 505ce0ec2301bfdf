//! What the story needs of a form, and what it hears.

use std::sync::Arc;

use domain::{FinishReason, ModelFaultKind, ProviderForm};
use llm::{Delta, Image, LlmError, Message, Request, ToolCall, ToolSpec, Usage};
use serde_json::{Value, json};

/// The story in the words of one form.
pub(crate) struct Form {
    pub(crate) form: ProviderForm,
    /// How the request begins.
    pub(crate) path: &'static str,
    /// Headers that it has, in small letters.
    pub(crate) headers: &'static [&'static str],
    pub(crate) content_type: &'static str,
    /// The body that [`conversation`] becomes, and where its turns are.
    pub(crate) request: Value,
    pub(crate) turns: &'static str,
    /// An answer that thinks "hm 🙂" and says "那🙂" and " é\n", event by event;
    /// the first `text_at` of them say "那🙂" and no more.
    pub(crate) text: Vec<String>,
    pub(crate) text_at: usize,
    /// What it counts.
    pub(crate) usage: Usage,
    /// The same answer as one document.
    pub(crate) whole: Value,
    /// Answers that say "I look." and read a and b, with these ids.
    pub(crate) calls: Vec<Vec<String>>,
    pub(crate) ids: [&'static str; 2],
    /// Answers that say "some words", with the reason of their end.
    pub(crate) finishes: Vec<(Vec<String>, FinishReason)>,
    /// Refusals of its own: status and body.
    pub(crate) refusals: Vec<(&'static str, Value, ModelFaultKind)>,
    /// Faults inside a stream.
    pub(crate) faults: Vec<(String, ModelFaultKind)>,
    /// An answer with a call, and with "c2lnbmVk" as what its provider signed; and
    /// how that stands in the next request.
    pub(crate) signed: Vec<String>,
    pub(crate) given_back: Value,
}

/// A conversation with everything in it.
pub(crate) fn conversation() -> Request {
    let read = ToolSpec {
        name: "fs.read".into(),
        description: "Reads a file.".into(),
        parameters: parameters(),
    };
    let picture = Image { media_type: "image/png".into(), bytes: Arc::from([1, 2, 3]) };
    let call = |id: &str, arguments: &str| ToolCall {
        id: id.into(),
        tool: "fs.read".into(),
        arguments: arguments.into(),
        repair: None,
    };
    let result = |id: &str, content: &str| Message::Tool {
        call_id: id.into(),
        tool: "fs.read".into(),
        content: content.into(),
    };
    Request {
        model: "small-1".into(),
        messages: vec![
            Message::System("Be brief.".into()),
            Message::User { text: "What is in a?".into(), images: vec![picture] },
            Message::assistant("I look.", vec![call("1", r#"{"path":"a"}"#), call("2", "{\"p")]),
            result("1", "那🙂é"),
            result("2", "error: not JSON"),
            Message::user("Thanks."),
            Message::assistant("Done.", vec![]),
            Message::System("Be quick.".into()),
            Message::user("And c?"),
        ],
        tools: [read].into(),
        max_tokens: 20_000,
        window: 65_536,
        temperature: Some(0.7),
    }
}

pub(crate) fn parameters() -> Value {
    json!({ "type": "object", "properties": { "path": { "type": "string" } } })
}

/// A whole response of these events.
pub(crate) fn stream(form: &Form, frames: &[String]) -> String {
    let kind = form.content_type;
    format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n{}", frames.concat())
}

/// One server-sent event.
pub(crate) fn event(data: Value) -> String {
    format!("data: {data}\n\n")
}

/// An answer as a reader hears it.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Heard {
    pub(crate) thinking: String,
    pub(crate) text: String,
    pub(crate) calls: Vec<ToolCall>,
    pub(crate) carried: Option<String>,
    pub(crate) usage: Option<Usage>,
    pub(crate) finish: Option<FinishReason>,
    pub(crate) error: Option<LlmError>,
}

pub(crate) fn heard((deltas, error): (Vec<Delta>, Option<LlmError>)) -> Heard {
    let mut heard = Heard { error, ..Heard::default() };
    for delta in deltas {
        assert_eq!(heard.finish, None, "more after the end");
        match delta {
            Delta::Text(text) => heard.text.push_str(&text),
            Delta::Thinking(text) => heard.thinking.push_str(&text),
            Delta::Call(call) => heard.calls.push(call),
            Delta::Carried(carried) => heard.carried = Some(carried),
            Delta::Raw(raw) | Delta::Broken(raw) => panic!("raw {raw}"),
            Delta::Usage(usage) => heard.usage = Some(usage),
            Delta::Finish(reason) => heard.finish = Some(reason),
        }
    }
    heard
}
