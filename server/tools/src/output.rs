//! What a call gave.

use crate::text;

/// The most that a tool's own text may take in [`Output::content`], in bytes.
pub const MAX_CONTENT: usize = 64 * 1024;

/// The most that notes take beside a tool's own text, in bytes.
const NOTES: usize = 4 * 1024;

/// The longest [`Output::summary`], in characters.
pub const MAX_SUMMARY: usize = 120;

/// What a call gave. [`Output::new`] keeps the bounds that the fields promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// One line for people, at most [`MAX_SUMMARY`] characters.
    pub summary: String,
    /// What the model is told: at most [`MAX_CONTENT`] bytes from the tool, and
    /// a few lines of notes in square brackets after them.
    pub content: String,
    /// Whether there was more than the model is told.
    pub truncated: bool,
    /// Where the content is from.
    pub origin: Origin,
}

/// Whose words an output holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Origin {
    /// The agent's, its people's, or the product's.
    #[default]
    Inside,
    /// Strangers'. It may try to tell a model what to do.
    Outside,
}

impl Output {
    /// A result. Text over the bound is cut at a character's edge, and a note
    /// says how much went.
    pub fn new(summary: &str, content: String) -> Self {
        let origin = Origin::Inside;
        let output = Self { summary: one_line(summary), content, truncated: false, origin };
        if output.content.len() > MAX_CONTENT { output.cut(MAX_CONTENT) } else { output }
    }

    /// The same, with its text cut to a limit of bytes, not counting a few lines
    /// of notes.
    pub(crate) fn within(self, limit: usize) -> Self {
        if self.content.len() > limit + NOTES { self.cut(limit) } else { self }
    }

    fn cut(mut self, limit: usize) -> Self {
        let all = self.content.len();
        let kept = self.content.floor_char_boundary(limit);
        self.content.truncate(kept);
        self.truncated = true;
        let left_out = text::count((all - kept) as u64, "byte");
        self.note(&format!("cut here: {left_out} of {all} were left out"))
    }

    /// Adds several lines of the tool's own.
    pub(crate) fn with_notes(self, notes: &[String]) -> Self {
        notes.iter().fold(self, |output, note| output.note(note))
    }

    /// The same, from elsewhere.
    #[must_use]
    pub fn from(self, origin: Origin) -> Self {
        Self { origin, ..self }
    }

    /// Adds a line that the tool itself says, in square brackets.
    #[must_use]
    pub fn note(mut self, note: &str) -> Self {
        if !self.content.is_empty() && !self.content.ends_with('\n') {
            self.content.push('\n');
        }
        self.content.push('[');
        self.content.push_str(note);
        self.content.push(']');
        self
    }
}

fn one_line(text: &str) -> String {
    let words: Vec<_> = text.split(|c: char| c.is_whitespace() || c.is_control()).collect();
    let line = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    if line.chars().count() <= MAX_SUMMARY {
        return line;
    }
    line.chars().take(MAX_SUMMARY - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_is_one_short_line() {
        assert_eq!(Output::new("a\n b\u{7}\tc ", String::new()).summary, "a b c");
        let long = Output::new(&"🙂".repeat(200), String::new()).summary;
        assert_eq!(long.chars().count(), MAX_SUMMARY);
        assert!(long.ends_with('…'));
    }

    #[test]
    fn content_at_the_bound_is_whole() {
        let output = Output::new("x", "a".repeat(MAX_CONTENT));
        assert!(!output.truncated);
        assert_eq!(output.content.len(), MAX_CONTENT);
    }

    #[test]
    fn content_over_the_bound_is_cut_between_characters_and_says_so() {
        let output = Output::new("x", format!("a{}", "🙂".repeat(MAX_CONTENT / 4)));
        assert!(output.truncated);
        let (kept, note) = output.content.rsplit_once('\n').unwrap();
        assert_eq!(kept.len(), MAX_CONTENT - 3);
        assert_eq!(note, "[cut here: 4 bytes of 65537 were left out]");
    }
}
