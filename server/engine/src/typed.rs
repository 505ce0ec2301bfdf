//! Calls that a person types in the place of a message: `/tool fs.list {}`.
//!
//! Such a message begins a run like any other. The run does the call first, as
//! if the model had made it, and the model goes on with what it gave.

use domain::Fault;
use llm::ToolCall;
use llm::reading::typed_call;
use tools::Registry;

/// How a call is written, for whoever wrote it otherwise.
const FORM: &str = "Write /tool, the name of a tool, and its arguments as one JSON object, for example /tool fs.read {\"path\": \"notes.md\"}.";

/// The call that a message is, if it is one and can be run. One that cannot is
/// refused here, before anything is stored.
pub(crate) fn read(tools: &Registry, message: &str) -> Result<Option<ToolCall>, Fault> {
    if !is_call(message) {
        return Ok(None);
    }
    let mut call = typed_call(message).ok_or_else(|| Fault::field("message", FORM))?;
    if let Some(info) = tools.meant(&call.tool) {
        call.tool.clone_from(&info.name);
    }
    let refused = |error: tools::ToolError| Fault::field("message", error.message);
    tools.check(&call.tool, &call.arguments).map_err(refused)?;
    Ok(Some(call))
}

/// Whether a message means to be a call.
pub(crate) fn is_call(message: &str) -> bool {
    let behind = message.trim_start().strip_prefix("/tool");
    behind.is_some_and(|behind| behind.is_empty() || behind.starts_with(char::is_whitespace))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "this is how a test fails")]

    use super::*;

    #[test]
    fn a_call_is_read_or_refused_and_a_message_is_left_alone() {
        let tools = Registry::builtin();
        let call = read(&tools, " /tool fs_read {path: 'a',}\n").unwrap().unwrap();
        assert_eq!((call.tool.as_str(), call.arguments.as_str()), ("fs.read", r#"{"path":"a"}"#));
        for message in ["hello", "/tools", "//tool fs.read {}", "use /tool", "/toolbox x"] {
            assert_eq!(read(&tools, message), Ok(None), "{message}");
        }
        for (message, part) in [
            ("/tool", "for example"),
            ("/tool {\"path\": \"a\"}", "for example"),
            ("/tool fs.reed {}", "There is no tool `fs.reed`"),
            ("/tool fs.read", "`path` is missing"),
            ("/tool fs.read notes.md", "not valid JSON"),
            ("/tool fs.read {\"path\": 7}", "`path` cannot be taken"),
        ] {
            let fault = read(&tools, message).unwrap_err();
            assert!(fault.message.contains(part), "{message}: {fault}");
            assert!(fault.fields.contains_key("message"), "{message}");
        }
    }
}
