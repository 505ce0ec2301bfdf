//! A call that a person types: `/tool fs.read {"path":"notes.md"}`.

use super::mend;
use crate::ToolCall;

/// Reads a message of a person as a call, if it is one: `/tool`, a name, and
/// arguments as JSON, slightly broken or none at all. Arguments that cannot be
/// read are left as they are, for the tool to refuse. The id is `typed`.
pub fn typed_call(message: &str) -> Option<ToolCall> {
    let rest = message.trim().strip_prefix("/tool")?;
    let words = rest.strip_prefix(char::is_whitespace)?.trim_start();
    let (tool, arguments) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
    if !super::tools::is_name(tool) {
        return None;
    }
    let arguments = if arguments.trim().is_empty() { "{}" } else { arguments.trim() };
    let strict = mend::strict(arguments);
    let repair = strict.as_ref().filter(|strict| !strict.notes.is_empty());
    Some(ToolCall {
        id: "typed".to_owned(),
        tool: tool.to_owned(),
        repair: repair.map(|strict| strict.notes.to_string()),
        arguments: strict.map_or_else(|| arguments.to_owned(), |strict| strict.json.into_owned()),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

    use super::*;

    #[test]
    fn a_person_types_a_call() {
        let typed = |message: &str| {
            typed_call(message).map(|call| (call.tool, call.arguments, call.repair.is_some()))
        };
        let call = |arguments: &str, mended| Some(("fs.read".into(), arguments.into(), mended));
        assert_eq!(typed("/tool fs.read {\"a\":1}"), call("{\"a\":1}", false));
        assert_eq!(typed("  /tool\tfs.read\n{a: 1,\n"), call("{\"a\":1}", true));
        assert_eq!(typed("/tool fs.read"), call("{}", false));
        assert_eq!(typed("/tool fs.read notes.md"), call("notes.md", false));
        for message in ["/tool", "/tool ", "/tools fs.read", "tool fs.read", "/tool {\"a\":1}"] {
            assert_eq!(typed_call(message), None, "{message}");
        }
    }
}
