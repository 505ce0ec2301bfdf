//! Skills: folders of the workspace with instructions for a kind of work.
//!
//! A skill is `skills/NAME/SKILL.md`. The file may begin with a block between
//! two lines of three dashes, whose `description:` says what the skill is for.

use cap_std::fs::Dir;

use crate::ToolError;
use crate::document::Document;
use crate::room_path::RoomPath;

/// The folder that holds them.
pub(crate) const FOLDER: &str = "skills";

/// The file that each has.
pub(crate) const FILE: &str = "SKILL.md";

/// The longest description that is shown, in characters.
const MAX_DESCRIPTION: usize = 200;

/// The path of a skill's file. The name is one of a folder, never a path.
pub(crate) fn path(name: &str) -> Result<RoomPath, ToolError> {
    if name.is_empty() || name.starts_with('.') || name.contains('/') {
        let message = "`name` is the name of a skill's folder, as skill.list shows it.";
        return Err(ToolError::input_invalid(message));
    }
    RoomPath::of_file(&format!("{FOLDER}/{name}/{FILE}"))
}

/// The text of a skill.
pub(crate) fn text(workspace: &Dir, name: &str) -> Result<String, ToolError> {
    Ok(Document::read(workspace, &path(name)?)?.text)
}

/// What a skill says that it is for: its description, or else its first line
/// that is no heading.
pub(crate) fn description(text: &str) -> String {
    let mut lines = text.lines();
    let mut body = text;
    if lines.next().is_some_and(|line| line.trim_end() == "---") {
        for line in lines.by_ref().take_while(|line| line.trim_end() != "---") {
            if let Some(said) = line.strip_prefix("description:") {
                return crate::text::line(unquoted(said.trim()), MAX_DESCRIPTION);
            }
        }
        body = "";
    }
    let rest = if body.is_empty() { lines.collect() } else { body.lines().collect::<Vec<_>>() };
    let says_something = |line: &&&str| !line.trim().is_empty() && !line.starts_with('#');
    let first = rest.iter().find(says_something).copied().unwrap_or_default();
    crate::text::line(first.trim(), MAX_DESCRIPTION)
}

fn unquoted(text: &str) -> &str {
    let inner = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    inner('"').or_else(|| inner('\'')).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skill_says_what_it_is_for() {
        let table = [
            ("---\nname: a\ndescription: \"Does a.\"\n---\n# A\n", "Does a."),
            ("---\nname: a\n---\n\n# A\n\nFirst words.\n", "First words."),
            ("# A\n\nFirst words.\n", "First words."),
            ("", ""),
            ("---\n", ""),
        ];
        for (text, wanted) in table {
            assert_eq!(description(text), wanted, "{text:?}");
        }
    }

    #[test]
    fn a_name_is_no_path() {
        for name in ["", ".", "..", "a/b", "../x", "/etc"] {
            assert!(path(name).is_err(), "{name}");
        }
        assert!(path("write-tests").is_ok());
    }
}
