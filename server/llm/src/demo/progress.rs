//! What has happened since a person last spoke.

use domain::ToolErrorCode;

use crate::{Message, Request};

/// The end of a conversation: the last thing a person said, and the work on it.
#[derive(Debug)]
pub(super) struct Progress<'a> {
    /// What the person said; empty where nobody said anything.
    pub(super) said: &'a str,
    /// How often the guide has answered since, each time with a call.
    pub(super) rounds: u32,
    /// What the tools gave back since.
    pub(super) results: Vec<Done<'a>>,
}

/// One result of a tool.
#[derive(Debug)]
pub(super) struct Done<'a> {
    pub(super) tool: &'a str,
    pub(super) content: &'a str,
}

impl<'a> Progress<'a> {
    pub(super) fn of(request: &'a Request) -> Self {
        let mut progress = Self { said: "", rounds: 0, results: Vec::new() };
        for message in &request.messages {
            match message {
                Message::System(_) => {}
                Message::User { text: said, .. } => {
                    progress = Self { said, rounds: 0, results: Vec::new() }
                }
                Message::Assistant { .. } => progress.rounds += 1,
                Message::Tool { tool, content, .. } => {
                    progress.results.push(Done { tool, content });
                }
            }
        }
        progress
    }
}

impl Done<'_> {
    /// Whether the result is an error: its first line begins with `error` and
    /// names a code, so that a file about errors is not taken for one.
    pub(super) fn is_error(&self) -> bool {
        let line = self.content.trim_start().lines().next().unwrap_or_default();
        let Some(start) = line.get(..5) else { return false };
        let mut words = line.split(|c: char| !(c.is_ascii_alphanumeric() || "._".contains(c)));
        let names_code = |word: &str| {
            let code = word.trim_matches('.').parse::<ToolErrorCode>();
            code.is_ok_and(|code| code != ToolErrorCode::OutputTruncated)
        };
        start.eq_ignore_ascii_case("error") && words.any(names_code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_told_from_texts_about_errors() {
        let is_error = |content| Done { tool: "fs.read", content }.is_error();
        assert!(is_error("error tool.not_found: no tool has that name"));
        assert!(is_error("Error (policy.denied): no grant"));
        assert!(is_error("error: timeout.\nmore"));
        assert!(!is_error("error handling in five steps"));
        assert!(!is_error("About tool.not_found"));
        assert!(!is_error("error: output.truncated"));
        assert!(!is_error(""));
        assert!(!is_error("那🙂é"));
    }
}
