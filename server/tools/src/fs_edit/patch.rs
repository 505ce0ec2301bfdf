//! A unified diff, as `diff -u` and git write it.
//!
//! Every line of context must stand in the file exactly. Where the numbers of a
//! hunk are off, which models get wrong often, the hunk is put where its lines
//! stand, if that is one place only.

mod hunk;

use self::hunk::Hunk;
use super::span::{Span, line_starts};
use crate::text;

/// The longest line that a refusal shows, in characters.
const MAX_LINE: usize = 120;

/// The parts of a text that a patch changes, or why it cannot be applied.
pub(super) fn spans(text: &str, patch: &str, notes: &mut Vec<String>) -> Result<Vec<Span>, String> {
    let hunks = hunk::read(patch)?;
    let starts = line_starts(text);
    let lines: Vec<&str> =
        starts.windows(2).map(|pair| text[pair[0]..pair[1]].trim_end_matches('\n')).collect();
    let mut spans = Vec::new();
    let mut from = 0;
    for (index, hunk) in hunks.iter().enumerate() {
        let number = index + 1;
        let at = place(hunk, &lines, from).map_err(|reason| format!("Hunk {number}: {reason}"))?;
        if let Some(start) = hunk.start
            && start != at
        {
            notes.push(format!("hunk {number} names line {}; it stands at {}", start + 1, at + 1));
        }
        from = at + hunk.old.len();
        let range = starts[at]..starts[from];
        spans.push(Span { new: hunk.text(text, &range), range });
    }
    Ok(spans)
}

impl Hunk {
    /// The new lines as text. Where they end the file, its end stays as it is,
    /// unless the patch says otherwise.
    fn text(&self, text: &str, range: &std::ops::Range<usize>) -> String {
        let mut new: String = self.new.iter().map(|line| format!("{line}\n")).collect();
        let ends_open = range.end == text.len() && !text.ends_with('\n') && !text.is_empty();
        if self.new_is_open || ends_open && !self.old_is_open {
            new.pop();
        }
        if ends_open && range.is_empty() { format!("\n{new}") } else { new }
    }
}

/// Where the old lines of a hunk stand.
fn place(hunk: &Hunk, lines: &[&str], from: usize) -> Result<usize, String> {
    let stands = |at: usize| {
        at >= from
            && lines.get(at..at + hunk.old.len()).is_some_and(|there| there == hunk.old.as_slice())
    };
    if let Some(start) = hunk.start.filter(|start| stands(*start)) {
        return Ok(start);
    }
    if hunk.old.is_empty() {
        return Err("It has no line of the file to go by, and its line is not there.".to_owned());
    }
    let mut found = (from..lines.len()).filter(|at| stands(*at));
    match (found.next(), found.next()) {
        (Some(at), None) => Ok(at),
        (Some(_), Some(_)) => {
            Err("Its lines stand in the file more than once. Give more context.".to_owned())
        }
        (None, _) => Err(differs(hunk, lines)),
    }
}

/// Which line of a hunk is not as the file has it.
fn differs(hunk: &Hunk, lines: &[&str]) -> String {
    let start = hunk.start.unwrap_or_default();
    let place =
        hunk.old.iter().enumerate().find(|(index, old)| {
            lines.get(start + index).is_none_or(|there| *there != old.as_str())
        });
    let Some((index, old)) = place else {
        return "Its lines overlap with those of the hunk before.".to_owned();
    };
    let shown = |line: &str| text::line(line, MAX_LINE);
    let there = match lines.get(start + index) {
        Some(there) => format!("is `{}`", shown(there)),
        None => "is not there".to_owned(),
    };
    let (old, number) = (shown(old), start + index + 1);
    format!("The context does not fit: line {number} {there}, the patch has `{old}`.")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "this is how a test fails")]

    use super::*;
    use crate::fs_edit::span::apply;

    fn patched(text: &str, patch: &str) -> Result<(String, Vec<String>), String> {
        let mut notes = Vec::new();
        let spans = spans(text, patch, &mut notes)?;
        Ok((apply(text, spans)?, notes))
    }

    #[test]
    fn patches_do_what_diff_and_git_mean_by_them() {
        let table = [
            ("a\nb\nc\n", "--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n", "a\nB\nc\n"),
            ("a\nb\nc\n", "@@ -1,3 +1,2 @@ fn x\n a\n-b\n c\n", "a\nc\n"),
            ("a\nb\n", "@@ -1 +1,2 @@\n a\n+x\n", "a\nx\nb\n"),
            ("a\nb\n", "@@ -1,0 +2 @@\n+x\n", "a\nx\nb\n"),
            ("", "@@ -0,0 +1,2 @@\n+x\n+y\n", "x\ny\n"),
            ("a\n\nb\n", "@@ -1,3 +1,3 @@\n a\n\n-b\n+c\n", "a\n\nc\n"),
            ("a\nb", "@@ -2 +2 @@\n-b\n\\ No newline at end of file\n+c\n", "a\nc\n"),
            ("a\n", "@@ -1 +1 @@\n-a\n+b\n\\ No newline at end of file\n", "b"),
            ("a\nb", "@@ -2 +2 @@\n-b\n+c\n", "a\nc"),
            ("a\nb\nc\nd\n", "@@ -1 +1 @@\n-a\n+A\n@@ -4 +4 @@\n-d\n+D\n", "A\nb\nc\nD\n"),
            ("a\n-- b\n", "@@ -2 +2 @@\n--- b\n+++ c\n", "a\n++ c\n"),
            ("a\nb\n", "```diff\n@@\n-b\n+c\n```\n", "a\nc\n"),
        ];
        for (text, patch, wanted) in table {
            assert_eq!(patched(text, patch).unwrap(), (wanted.to_owned(), vec![]), "{patch}");
        }
    }

    #[test]
    fn a_wrong_number_is_forgiven_where_there_is_one_place() {
        let (text, notes) = patched("a\nb\nc\n", "@@ -7,1 +7,1 @@\n-c\n+C\n").unwrap();
        assert_eq!(text, "a\nb\nC\n");
        assert_eq!(notes, ["hunk 1 names line 7; it stands at 3"]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let table = [
            ("a\nb\n", "@@ -1,2 +1,2 @@\n a\n-x\n+y\n", "line 2 is `b`, the patch has `x`"),
            ("a \n", "@@ -1 +1 @@\n-a\n+b\n", "line 1 is `a `"),
            ("c\nc\n", "@@ -9 +9 @@\n-c\n+d\n", "more than once"),
            ("a\n", "@@ -1,2 +1,2 @@\n-a\n+b\n", "not whole"),
            ("a\nb\n", "@@ -1 +1 @@\n-a\n+x\n+y\n", "more lines"),
            ("a\n", "@@ -x +1 @@\n-a\n+b\n", "malformed"),
            ("a\n", "@@ -1 +1 @@\n*a\n+b\n", "begins with none of"),
            ("a\n", "no hunk", "no hunk"),
            ("a\n", "@@ -9,0 +10 @@\n+x\n", "no line of the file"),
            (
                "a\n",
                "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n--- a/y\n+++ b/y\n@@ -1 +1 @@\n-a\n+b\n",
                "several files",
            ),
            ("a\nb\n", "@@ -2 +2 @@\n-b\n+B\n@@ -1 +1 @@\n-a\n+A\n", "overlap"),
        ];
        for (text, patch, part) in table {
            let error = patched(text, patch).unwrap_err();
            assert!(error.contains(part), "{patch}: {error}");
        }
    }
}
