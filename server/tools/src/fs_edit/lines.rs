//! Lines by their numbers.

use super::span::{Span, line_starts};

/// The part of a text that lines make up, counted from 1, both included; `end`
/// one less than `start` is the place before `start`. The end of the file stays
/// as it is: a last line without a line end gets none.
pub(super) fn span(text: &str, start: u64, end: u64, new: String) -> Result<Span, String> {
    let starts = line_starts(text);
    let lines = starts.len() as u64 - 1;
    if start == 0 || end.saturating_add(1) < start {
        return Err("Lines are counted from 1, and `end_line` is not before `start_line`.".into());
    }
    if start > lines + 1 || end > lines {
        let last = if end >= start { end } else { start };
        return Err(format!("There is no line {last}: the file has {lines}."));
    }
    let at = |line: u64| starts[line as usize - 1];
    let range = at(start)..starts[end as usize];
    let new = ended(text, &range, new);
    Ok(Span { range, new })
}

/// The new lines, ended so that the lines around them stay lines of their own.
fn ended(text: &str, range: &std::ops::Range<usize>, mut new: String) -> String {
    if new.is_empty() {
        return new;
    }
    let is_last = range.end == text.len();
    if !is_last || text.ends_with('\n') {
        if !new.ends_with('\n') {
            new.push('\n');
        }
        return new;
    }
    if text.is_empty() {
        return new;
    }
    // The file ends without a line end, and goes on doing so.
    if new.ends_with('\n') {
        new.pop();
    }
    if range.is_empty() { format!("\n{new}") } else { new }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "this is how a test fails")]

    use super::*;
    use crate::fs_edit::span::apply;

    fn edited(text: &str, start: u64, end: u64, new: &str) -> Result<String, String> {
        apply(text, vec![span(text, start, end, new.to_owned())?])
    }

    #[test]
    fn lines_are_replaced_removed_and_inserted() {
        let table = [
            ("a\nb\nc\n", 2, 2, "x", "a\nx\nc\n"),
            ("a\nb\nc\n", 2, 3, "x\ny\n", "a\nx\ny\n"),
            ("a\nb\nc\n", 2, 2, "", "a\nc\n"),
            ("a\nb\nc\n", 2, 2, "\n", "a\n\nc\n"),
            ("a\nb\n", 1, 0, "x", "x\na\nb\n"),
            ("a\nb\n", 3, 2, "x", "a\nb\nx\n"),
            ("a\nb", 2, 2, "x\n", "a\nx"),
            ("a\nb", 3, 2, "x", "a\nb\nx"),
            ("a\nb", 1, 1, "x", "x\nb"),
            ("", 1, 0, "x", "x"),
        ];
        for (text, start, end, new, wanted) in table {
            assert_eq!(edited(text, start, end, new).unwrap(), wanted, "{text:?} {start} {end}");
        }
    }

    #[test]
    fn lines_that_are_not_there_are_refused() {
        for (start, end) in [(0, 0), (3, 3), (1, 3), (2, 0), (4, 3), (u64::MAX, u64::MAX)] {
            assert!(edited("a\nb\n", start, end, "x").is_err(), "{start} {end}");
        }
    }
}
