//! Parts of a text that become others.

use std::ops::Range;

/// A part of a text, in bytes, and what takes its place. An empty part is a
/// place to insert at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) range: Range<usize>,
    pub(super) new: String,
}

/// The text with all parts changed at once, or why that cannot be.
pub(super) fn apply(text: &str, mut spans: Vec<Span>) -> Result<String, String> {
    // Stable, so that what is inserted at one place stays in its order.
    spans.sort_by_key(|span| (span.range.start, span.range.end));
    let (mut result, mut at) = (String::with_capacity(text.len()), 0);
    for Span { range, new } in spans {
        if range.start < at {
            return Err("Two of the edits change the same place. Make them one.".to_owned());
        }
        result.push_str(&text[at..range.start]);
        result.push_str(&new);
        at = range.end;
    }
    result.push_str(&text[at..]);
    Ok(result)
}

/// Where the lines of a text begin, and at last where it ends. So line `n`,
/// counted from 0, is `starts[n]..starts[n + 1]`.
pub(super) fn line_starts(text: &str) -> Vec<usize> {
    let mut starts = vec![0];
    starts.extend(text.match_indices('\n').map(|(at, _)| at + 1));
    if starts.last() != Some(&text.len()) {
        starts.push(text.len());
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(range: Range<usize>, new: &str) -> Span {
        Span { range, new: new.to_owned() }
    }

    #[test]
    fn parts_change_at_once_and_never_the_same_one_twice() {
        let spans = vec![span(4..5, "E"), span(0..1, "A"), span(2..2, "-"), span(2..2, "+")];
        assert_eq!(apply("abcde", spans).unwrap(), "Ab-+cdE");
        assert!(apply("abcde", vec![span(0..3, ""), span(2..4, "")]).is_err());
        assert!(apply("abcde", vec![span(0..3, ""), span(1..1, "x")]).is_err());
    }

    #[test]
    fn lines_begin_after_line_ends() {
        assert_eq!(line_starts(""), [0]);
        assert_eq!(line_starts("a"), [0, 1]);
        assert_eq!(line_starts("a\n"), [0, 2]);
        assert_eq!(line_starts("a\n\nb"), [0, 2, 3, 4]);
    }
}
