//! Which tools a grant speaks of.

use std::fmt;
use std::str::FromStr;

use crate::text_pattern::text_form;

/// A tool's name, a family of tools as `fs.*`, or every tool as `*`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ToolPattern(Kind);

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Kind {
    Any,
    /// With the dot at its end.
    Under(String),
    One(String),
}

/// Why a text is no pattern for tools.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadToolPattern {
    /// Nothing, or more than 128 bytes.
    #[error("A tool's name has 1 to 128 bytes.")]
    Length,
    /// A space, a sign that no name has, or a star in another place.
    #[error("{0:?} is not a tool's name, a family as `fs.*`, or `*` for every tool.")]
    Form(String),
}

impl ToolPattern {
    /// The longest pattern, in bytes.
    pub const MAX: usize = 128;

    /// Whether it speaks of a tool.
    pub fn covers(&self, tool: &str) -> bool {
        match &self.0 {
            Kind::Any => true,
            Kind::Under(family) => tool.len() > family.len() && tool.starts_with(family),
            Kind::One(name) => tool == name,
        }
    }

    /// How closely it names a tool: every pattern that covers a tool can be
    /// compared by this. 0 says nothing of it.
    pub fn closeness(&self) -> usize {
        match &self.0 {
            Kind::Any => 0,
            Kind::Under(family) => family.len(),
            Kind::One(_) => usize::MAX,
        }
    }
}

impl FromStr for ToolPattern {
    type Err = BadToolPattern;

    fn from_str(text: &str) -> Result<Self, BadToolPattern> {
        if text.is_empty() || text.len() > Self::MAX {
            return Err(BadToolPattern::Length);
        }
        if text == "*" {
            return Ok(Self(Kind::Any));
        }
        let name = text.strip_suffix(".*").unwrap_or(text);
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | ':');
        if name.is_empty() || name.ends_with('.') || !name.chars().all(fits) {
            return Err(BadToolPattern::Form(text.to_owned()));
        }
        Ok(Self(if name.len() == text.len() {
            Kind::One(text.to_owned())
        } else {
            Kind::Under(format!("{name}."))
        }))
    }
}

impl fmt::Display for ToolPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Any => f.pad("*"),
            Kind::Under(family) => f.pad(&format!("{family}*")),
            Kind::One(name) => f.pad(name),
        }
    }
}

text_form!(ToolPattern);

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> ToolPattern {
        text.parse().unwrap()
    }

    #[test]
    fn each_form_covers_what_it_says_and_reads_back() {
        let table = [
            ("*", "fs.read", true),
            ("fs.*", "fs.read", true),
            ("fs.*", "fs.", false),
            ("fs.*", "fsx.read", false),
            ("fs.*", "fs", false),
            ("fs.read", "fs.read", true),
            ("fs.read", "fs.readx", false),
            ("fs.read", "FS.READ", false),
        ];
        for (pattern, tool, covers) in table {
            assert_eq!(read(pattern).covers(tool), covers, "{pattern} {tool}");
            assert_eq!(read(pattern).to_string(), pattern);
        }
        assert!(read("fs.read").closeness() > read("fs.*").closeness());
        assert!(read("fs.*").closeness() > read("*").closeness());
    }

    #[test]
    fn other_texts_are_refused() {
        let long = "x".repeat(129);
        for text in ["", " ", "fs*", "*.read", "fs.*.x", ".*", "a b", "fs..*", "é", &long] {
            assert!(text.parse::<ToolPattern>().is_err(), "{text}");
        }
    }
}
