//! What changed between two texts, line by line.

use std::time::Duration;

use domain::{DiffLine, LineChange, PromptDiff};
use similar::{Change, ChangeTag, TextDiff};

/// Lines around a change that are shown with it.
const AROUND: usize = 3;

/// The most lines that are shown.
const MOST_LINES: usize = 2_000;

/// How long the shortest way from one text to the other is looked for; after
/// that any way will do. Texts of people take less than a millisecond.
const PATIENCE: Duration = Duration::from_millis(100);

/// Compares the texts of two versions.
pub(crate) fn compare((from, old): (u64, &str), (to, new): (u64, &str)) -> PromptDiff {
    let diff = TextDiff::configure().timeout(PATIENCE).diff_lines(old, new);
    let mut result = PromptDiff { from, to, ..PromptDiff::default() };
    let mut room = MOST_LINES;
    for group in diff.grouped_ops(AROUND) {
        let mut place = Vec::new();
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            match change.tag() {
                ChangeTag::Insert => result.added += 1,
                ChangeTag::Delete => result.removed += 1,
                ChangeTag::Equal => {}
            }
            if room > 0 {
                place.push(line(&change));
                room -= 1;
            } else {
                result.hidden += 1;
            }
        }
        if !place.is_empty() {
            result.places.push(place);
        }
    }
    result
}

fn line(change: &Change<&str>) -> DiffLine {
    let number = |index: Option<usize>| index.and_then(|n| u32::try_from(n + 1).ok());
    DiffLine {
        change: match change.tag() {
            ChangeTag::Equal => LineChange::Same,
            ChangeTag::Insert => LineChange::Added,
            ChangeTag::Delete => LineChange::Removed,
        },
        old: number(change.old_index()),
        new: number(change.new_index()),
        text: change.value().trim_end_matches(['\n', '\r']).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_has_its_lines_with_their_numbers() {
        let old: String = (1..=30).map(|n| format!("line {n}\n")).collect();
        let new = old.replace("line 3\n", "line three\n").replace("line 20\n", "");
        let diff = compare((1, &old), (2, &new));
        assert_eq!((diff.from, diff.to, diff.added, diff.removed, diff.hidden), (1, 2, 1, 2, 0));
        assert_eq!(diff.places.len(), 2);
        let changed: Vec<_> = diff.places.iter().flatten().collect();
        let changed = changed.iter().filter(|line| line.change != LineChange::Same);
        let told: Vec<_> = changed.map(|line| (line.old, line.new, line.text.as_str())).collect();
        assert_eq!(
            told,
            [(Some(3), None, "line 3"), (None, Some(3), "line three"), (Some(20), None, "line 20")]
        );
    }

    #[test]
    fn the_largest_texts_are_compared_in_a_bounded_way() {
        let old: String = (0..13_000).map(|n| format!("{n}\n")).collect();
        let new: String = (0..13_000).rev().map(|n| format!("{n}\n")).collect();
        let diff = compare((1, &old), (2, &new));
        let shown: usize = diff.places.iter().map(Vec::len).sum();
        assert_eq!(shown, MOST_LINES);
        assert!(diff.hidden > 10_000, "{}", diff.hidden);
        assert!(compare((0, ""), (1, "")).places.is_empty());
    }
}
