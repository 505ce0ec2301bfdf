//! Tool names on the wire.
//!
//! Our names have dots (`fs.read`). Providers of this form take letters,
//! digits, `_` and `-` only, at most 64 of them, and refuse the whole request
//! over one other character. So names are rewritten going out and coming back.

use crate::ToolSpec;

const MAX: usize = 64;

/// The wire names of one request's tools.
#[derive(Debug)]
pub(crate) struct Names {
    /// Wire name and tool name, in the order of the tools.
    pairs: Vec<(String, String)>,
}

impl Names {
    pub(crate) fn new(tools: &[ToolSpec]) -> Self {
        let mut pairs: Vec<(String, String)> = Vec::with_capacity(tools.len());
        for tool in tools {
            let plain = plain(&tool.name);
            let mut wire = plain.clone();
            let mut number = 2;
            while pairs.iter().any(|(taken, _)| *taken == wire) {
                let end = format!("_{number}");
                wire = plain.chars().take(MAX - end.len()).collect::<String>() + &end;
                number += 1;
            }
            pairs.push((wire, tool.name.clone()));
        }
        Self { pairs }
    }

    /// The name to send. A tool of the past that is not offered any more keeps
    /// a name that can be sent.
    pub(crate) fn wire(&self, tool: &str) -> String {
        let known = self.pairs.iter().find(|(_, name)| name == tool);
        known.map_or_else(|| plain(tool), |(wire, _)| wire.clone())
    }

    /// The tool that a model means. A name nobody sent stays as it is, so that
    /// the model can be told what it wrote.
    pub(crate) fn tool(&self, wire: &str) -> String {
        let known = self.pairs.iter().find(|(name, _)| name == wire);
        known.map_or_else(|| wire.to_owned(), |(_, tool)| tool.clone())
    }
}

fn plain(name: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let name: String = name.chars().take(MAX).map(|c| if fits(c) { c } else { '_' }).collect();
    if name.is_empty() { "_".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(tools: &[&str]) -> Names {
        let spec = |name: &&str| ToolSpec {
            name: (*name).to_owned(),
            description: String::new(),
            parameters: serde_json::Value::Null,
        };
        Names::new(&tools.iter().map(spec).collect::<Vec<_>>())
    }

    #[test]
    fn names_go_out_plain_and_come_back_whole() {
        let long = "x.".repeat(40);
        let tools = ["fs.read", "fs_read", "fs-read", "日", long.as_str(), "x_".repeat(40).leak()];
        let names = names(&tools);
        let mut seen = std::collections::HashSet::new();
        for tool in tools {
            let wire = names.wire(tool);
            assert!(wire.len() <= MAX && plain(&wire) == wire, "{wire}");
            assert_eq!(names.tool(&wire), tool);
            assert!(seen.insert(wire));
        }
        assert_eq!(names.wire("fs.read"), "fs_read");
    }

    #[test]
    fn unknown_names_do_no_harm() {
        let names = names(&["fs.read"]);
        assert_eq!(names.wire("old.tool"), "old_tool");
        assert_eq!(names.tool("fs.write"), "fs.write");
        assert_eq!(names.wire(""), "_");
    }
}
