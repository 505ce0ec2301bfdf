//! The tools of a request, as far as reading needs them: their names, and the
//! shape of their arguments.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::ToolSpec;

/// The most bytes of a name that a call may have.
const MAX_NAME: usize = 128;

/// The tools that a model was told of.
#[derive(Debug, Clone)]
pub(super) struct Tools(Arc<[ToolSpec]>);

impl Tools {
    pub(super) fn new(tools: Arc<[ToolSpec]>) -> Self {
        Self(tools)
    }

    /// The tool that a name means: the one of exactly this name, or the only one
    /// whose name differs in case and in `_`, `-` and `.` alone.
    pub(super) fn find(&self, name: &str) -> Option<&ToolSpec> {
        let name = name.trim();
        let exact = |name: &str| self.0.iter().find(|tool| tool.name == name);
        exact(name).or_else(|| self.alike(name)).or_else(|| {
            // The namespace that several models were trained with.
            let bare = name.strip_prefix("functions.")?;
            exact(bare).or_else(|| self.alike(bare))
        })
    }

    /// A name as the product writes it, where it means a tool.
    pub(super) fn name(&self, written: &str) -> String {
        let written = written.trim();
        let tool = self.find(written).map(|tool| tool.name.as_str());
        tool.unwrap_or_else(|| written.strip_prefix("functions.").unwrap_or(written)).to_owned()
    }

    fn alike(&self, name: &str) -> Option<&ToolSpec> {
        let mut found = self.0.iter().filter(|tool| folded(&tool.name).eq(folded(name)));
        found.next().filter(|_| found.next().is_none())
    }
}

/// Whether a text can be the name of a tool, known or not.
pub(super) fn is_name(text: &str) -> bool {
    let in_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '/');
    !text.is_empty() && text.len() <= MAX_NAME && text.chars().all(in_name)
}

/// Whether arguments can be meant for a tool: it misses none, or knows one.
pub(super) fn fits(tool: &ToolSpec, arguments: &Map<String, Value>) -> bool {
    let required = tool.parameters.get("required").and_then(Value::as_array);
    let missing = required.is_some_and(|keys| {
        keys.iter().filter_map(Value::as_str).any(|key| !arguments.contains_key(key))
    });
    !missing || arguments.keys().any(|key| property(tool, key).is_some())
}

/// A value that stands in markup without quotes, as JSON: text where the tool
/// wants text, else what it reads as.
pub(super) fn typed(tool: Option<&ToolSpec>, key: &str, value: &str) -> Value {
    let text = || Value::String(value.to_owned());
    let schema = tool.and_then(|tool| property(tool, key));
    if schema.is_some_and(takes_text) {
        return text();
    }
    match value.trim() {
        "True" => Value::Bool(true),
        "False" => Value::Bool(false),
        "None" => Value::Null,
        trimmed => serde_json::from_str(trimmed)
            .ok()
            // Mended only where the tool is known to want no text.
            .or_else(|| schema.and_then(|_| super::mend(trimmed)).map(|mended| mended.value))
            .unwrap_or_else(text),
    }
}

fn property<'a>(tool: &'a ToolSpec, key: &str) -> Option<&'a Value> {
    tool.parameters.get("properties")?.get(key)
}

/// Whether a schema lets a string through.
fn takes_text(schema: &Value) -> bool {
    let is_text = |kind: &Value| kind.as_str() == Some("string");
    match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().any(is_text),
        Some(kind) => is_text(kind),
        None => ["anyOf", "oneOf", "enum"].iter().any(|key| {
            let parts = schema.get(key).and_then(Value::as_array);
            parts.is_some_and(|parts| parts.iter().any(|part| part.is_string() || takes_text(part)))
        }),
    }
}

/// A name without what differs between spellings.
fn folded(name: &str) -> impl Iterator<Item = char> + '_ {
    let mut before = ' ';
    let same = name.chars().map(|c| match c {
        '-' | '.' => '_',
        c => c.to_ascii_lowercase(),
    });
    same.filter(move |c| {
        let doubled = *c == '_' && before == '_';
        before = *c;
        !doubled
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

    use super::*;
    use serde_json::json;

    fn tools(names: &[&str]) -> Tools {
        let tool = |name: &&str| ToolSpec {
            name: (*name).to_owned(),
            description: String::new(),
            parameters: json!({
                "type": "object",
                "properties": {
                    "path": { "type": "string" },
                    "limit": { "type": ["integer", "null"] },
                    "any": { "anyOf": [{ "type": "integer" }, { "type": "string" }] },
                },
                "required": ["path"],
            }),
        };
        Tools::new(names.iter().map(tool).collect())
    }

    #[test]
    fn names_are_found_by_spelling_where_only_one_can_be_meant() {
        let tools = tools(&["fs.read", "fs.write", "web_search", "Web.Search", "a__b"]);
        for (written, name) in [
            ("fs.read", "fs.read"),
            ("fs_read", "fs.read"),
            ("FS-Read", "fs.read"),
            ("fs__read", "fs.read"),
            ("functions.fs_write", "fs.write"),
            (" fs.read\n", "fs.read"),
            ("a_b", "a__b"),
            ("web_search", "web_search"),
        ] {
            assert_eq!(tools.find(written).unwrap().name, name, "{written}");
        }
        for written in ["web-search", "read", "fsread", "fs.read.all", ""] {
            assert!(tools.find(written).is_none(), "{written}");
        }
        assert_eq!(tools.name("functions.unknown"), "unknown");
    }

    #[test]
    fn arguments_fit_that_miss_nothing_or_are_partly_known() {
        let tools = tools(&["a"]);
        let tool = tools.find("a").unwrap();
        let fits = |value: Value| fits(tool, value.as_object().unwrap());
        assert!(fits(json!({ "path": 1 })));
        assert!(fits(json!({ "limit": 1 })));
        assert!(!fits(json!({})));
        assert!(!fits(json!({ "status": "ok" })));
    }

    #[test]
    fn values_take_the_type_the_tool_wants() {
        let tools = tools(&["a"]);
        let typed = |key: &str, value: &str| typed(tools.find("a"), key, value);
        assert_eq!(typed("path", "12"), json!("12"));
        assert_eq!(typed("limit", " 12 "), json!(12));
        assert_eq!(typed("limit", "None"), json!(null));
        assert_eq!(typed("limit", "[1,]"), json!([1]));
        assert_eq!(typed("limit", "many"), json!("many"));
        assert_eq!(typed("any", "12"), json!("12"));
        assert_eq!(typed("unknown", "[1]"), json!([1]));
        assert_eq!(typed("unknown", "[1,]"), json!("[1,]"));
    }
}
