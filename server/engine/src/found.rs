//! The tools that a run has found, as its log says.

use domain::Event;
use tools::{TOOL_SEARCH, found_in};

/// The most tools that a run's requests are made longer by.
const MOST: usize = 32;

/// Names of tools, in the order in which they were found.
#[derive(Debug, Default)]
pub(crate) struct Found(Vec<String>);

impl Found {
    /// Takes in an event; tells whether it is an answer that named a new tool.
    pub(crate) fn apply(&mut self, event: &Event) -> bool {
        let Event::ToolEnd { tool, output, error_code: None, .. } = event else { return false };
        if tool != TOOL_SEARCH {
            return false;
        }
        let before = self.0.len();
        for name in found_in(output) {
            if self.0.len() < MOST && !self.0.contains(&name) {
                self.0.push(name);
            }
        }
        self.0.len() > before
    }

    /// The names.
    pub(crate) fn names(&self) -> &[String] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use domain::{CallId, ToolErrorCode};

    use super::*;

    fn answer(tool: &str, names: &[&str], error_code: Option<ToolErrorCode>) -> Event {
        let line = |name: &&str| format!("{{\"name\":\"{name}\"}}\n");
        Event::ToolEnd {
            step: 1,
            tool_call_id: CallId::from_uuid(uuid::Uuid::nil()),
            tool: tool.to_owned(),
            summary: String::new(),
            output: names.iter().map(line).collect(),
            error_code,
            duration_ms: 0,
            reused_from: None,
            taint: None,
        }
    }

    #[test]
    fn what_a_search_answered_is_found_once_and_in_order() {
        let mut found = Found::default();
        assert!(found.apply(&answer(TOOL_SEARCH, &["b", "a"], None)));
        assert!(!found.apply(&answer(TOOL_SEARCH, &["a"], None)));
        assert!(!found.apply(&answer("fs.read", &["c"], None)));
        assert!(!found.apply(&answer(TOOL_SEARCH, &["c"], Some(ToolErrorCode::Timeout))));
        assert!(found.apply(&answer(TOOL_SEARCH, &["c"], None)));
        assert_eq!(found.names(), ["b", "a", "c"]);
        let many: Vec<_> = (0..99).map(|n| n.to_string()).collect();
        let many: Vec<_> = many.iter().map(String::as_str).collect();
        found.apply(&answer(TOOL_SEARCH, &many, None));
        assert_eq!(found.names().len(), MOST);
    }
}
