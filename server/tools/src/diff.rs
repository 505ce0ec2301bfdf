//! What changed between two texts, as a unified diff.

use std::ops::Range;

use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices, group_diff_ops};

use crate::text;

/// Lines around a change that are shown with it.
const AROUND: usize = 3;

/// The most lines, old and new, between the first change and the last one that
/// are compared; more count as one change. So the work has a bound that does not
/// hang on a clock.
const COMPARED: usize = 4_000;

/// The most that a diff shows, in bytes.
const MAX_DIFF: usize = 16 * 1024;

/// The longest line that is shown, in characters.
const MAX_LINE: usize = 400;

/// What changed.
pub(crate) struct Diff {
    /// The places, each under its `@@` line; at most 16 KiB.
    pub(crate) text: String,
    /// How many lines came.
    pub(crate) added: usize,
    /// How many lines went.
    pub(crate) removed: usize,
}

impl Diff {
    /// The diff as a person is shown it, under a title.
    pub(crate) fn preview(&self, title: &str) -> String {
        let Self { text, added, removed } = self;
        let body = if text.is_empty() { "(nothing changes)\n" } else { text };
        format!("{title}: +{added} -{removed}\n{body}")
    }
}

/// Compares two texts.
pub(crate) fn of(old: &str, new: &str) -> Diff {
    let old: Vec<&str> = old.split_inclusive('\n').collect();
    let new: Vec<&str> = new.split_inclusive('\n').collect();
    let mut diff = Diff { text: String::new(), added: 0, removed: 0 };
    let mut hidden = 0;
    for group in groups(&old, &new) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        let span = |first: Range<usize>, last: Range<usize>| heading(first.start, last.end);
        let (before, after) =
            (span(first.old_range(), last.old_range()), span(first.new_range(), last.new_range()));
        let mut write = |sign: char, line: &str| {
            if diff.text.len() > MAX_DIFF - MAX_LINE * 4 {
                hidden += 1;
                return;
            }
            diff.text.push(sign);
            diff.text.push_str(&text::line(line, MAX_LINE));
            diff.text.push('\n');
            if !line.ends_with('\n') {
                diff.text.push_str("\\ No newline at end of file\n");
            }
        };
        write('@', &format!("@ -{before} +{after} @@\n"));
        for op in &group {
            let (tag, was, is) = op.as_tag_tuple();
            if tag == DiffTag::Equal {
                old[was].iter().for_each(|line| write(' ', line));
                continue;
            }
            diff.removed += was.len();
            diff.added += is.len();
            old[was].iter().for_each(|line| write('-', line));
            new[is].iter().for_each(|line| write('+', line));
        }
    }
    if hidden > 0 {
        diff.text.push_str(&format!("({hidden} more lines of the diff are left out)\n"));
    }
    diff
}

/// The changes, near ones together, each with the lines around it.
fn groups(old: &[&str], new: &[&str]) -> Vec<Vec<DiffOp>> {
    let same = |(one, other): &(&&str, &&str)| one == other;
    let before = old.iter().zip(new).take_while(same).count();
    let (old_end, new_end) = (&old[before..], &new[before..]);
    let after = old_end.iter().rev().zip(new_end.iter().rev()).take_while(same).count();
    let (was, is) = (old_end.len() - after, new_end.len() - after);
    if was == 0 && is == 0 {
        return Vec::new();
    }
    let mut ops = vec![DiffOp::Equal { old_index: 0, new_index: 0, len: before }];
    if was + is <= COMPARED {
        let inner = capture_diff_slices(Algorithm::Myers, &old_end[..was], &new_end[..is]);
        ops.extend(inner.into_iter().map(|op| moved(op, before)));
    } else {
        let (old_index, new_index) = (before, before);
        ops.push(DiffOp::Replace { old_index, old_len: was, new_index, new_len: is });
    }
    let (old_index, new_index) = (before + was, before + is);
    ops.push(DiffOp::Equal { old_index, new_index, len: after });
    ops.retain(|op| !(op.old_range().is_empty() && op.new_range().is_empty()));
    group_diff_ops(ops, AROUND)
}

fn moved(op: DiffOp, by: usize) -> DiffOp {
    match op {
        DiffOp::Equal { old_index, new_index, len } => {
            DiffOp::Equal { old_index: old_index + by, new_index: new_index + by, len }
        }
        DiffOp::Delete { old_index, old_len, new_index } => {
            DiffOp::Delete { old_index: old_index + by, old_len, new_index: new_index + by }
        }
        DiffOp::Insert { old_index, new_index, new_len } => {
            DiffOp::Insert { old_index: old_index + by, new_index: new_index + by, new_len }
        }
        DiffOp::Replace { old_index, old_len, new_index, new_len } => DiffOp::Replace {
            old_index: old_index + by,
            old_len,
            new_index: new_index + by,
            new_len,
        },
    }
}

/// Lines as the heading of a place names them: an empty stretch by the line
/// before it.
fn heading(start: usize, end: usize) -> String {
    match end - start {
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        len => format!("{},{len}", start + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_stands_under_its_lines() {
        let old: String = (1..=30).map(|n| format!("line {n}\n")).collect();
        let new = old.replace("line 3\n", "line three\n").replace("line 20\n", "");
        let diff = of(&old, &new);
        assert_eq!((diff.added, diff.removed), (1, 2));
        let wanted = "@@ -1,6 +1,6 @@\n line 1\n line 2\n-line 3\n+line three\n line 4\n line 5\n \
                      line 6\n@@ -17,7 +17,6 @@\n line 17\n line 18\n line 19\n-line 20\n line \
                      21\n line 22\n line 23\n";
        assert_eq!(diff.text, wanted);
    }

    #[test]
    fn the_ends_of_texts_are_told() {
        assert_eq!(of("", "a\n").text, "@@ -0,0 +1 @@\n+a\n");
        assert_eq!(of("a\n", "").text, "@@ -1 +0,0 @@\n-a\n");
        assert_eq!(of("a\n", "a").text, "@@ -1 +1 @@\n-a\n+a\n\\ No newline at end of file\n");
        assert_eq!(of("a", "a").text, "");
    }

    #[test]
    fn the_largest_texts_are_told_in_a_bounded_way() {
        let old: String = (0..50_000).map(|n| format!("{n}\n")).collect();
        let new: String = (0..50_000).rev().map(|n| format!("{n}\n")).collect();
        let diff = of(&old, &new);
        assert_eq!((diff.added, diff.removed), (50_000, 50_000));
        assert!(diff.text.len() < MAX_DIFF && diff.text.contains("are left out"));
        let long = of("", &"x".repeat(1_000_000));
        assert!(long.text.len() < 2_000, "{}", long.text.len());
    }

    #[test]
    fn what_turns_the_writing_around_is_made_visible() {
        assert_eq!(of("", "a\t\u{202e}b\u{7}\n").text, "@@ -0,0 +1 @@\n+a\t\u{fffd}b\u{fffd}\n");
    }
}
