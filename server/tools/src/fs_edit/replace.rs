//! A text in the place of another one.

use super::near;
use super::span::Span;

/// The most line numbers that a refusal lists.
const LISTED: usize = 10;

/// Where a text stands, if it stands there as often as it should.
pub(super) fn spans(text: &str, old: &str, new: &str, count: u64) -> Result<Vec<Span>, String> {
    if old.is_empty() {
        return Err("`old` is empty. Give the text to replace, or use `start_line`.".to_owned());
    }
    let places: Vec<usize> = text.match_indices(old).map(|(at, _)| at).collect();
    if places.len() as u64 == count && count > 0 {
        let span = |at| Span { range: at..at + old.len(), new: new.to_owned() };
        return Ok(places.into_iter().map(span).collect());
    }
    if places.is_empty() {
        return Err(format!("`old` does not occur in the file.{}", near::hint(text, old)));
    }
    let found = places.len();
    let lines: Vec<_> = places
        .iter()
        .take(LISTED)
        .map(|at| (text[..*at].matches('\n').count() + 1).to_string())
        .collect();
    let more = if found > LISTED { " and more" } else { "" };
    let lines = lines.join(", ");
    Err(format!(
        "`old` occurs {found} times, at lines {lines}{more}, and should occur {count} times. Give \
         more of the text around the place, or set `count` to {found} to replace every one."
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "this is how a test fails")]

    use super::*;

    #[test]
    fn a_text_must_stand_there_as_often_as_was_said() {
        assert_eq!(spans("a b a", "b", "c", 1).unwrap()[0].range, 2..3);
        assert_eq!(spans("a b a", "a", "c", 2).unwrap().len(), 2);
        let error = spans("a\nb\na\n", "a", "c", 1).unwrap_err();
        assert!(error.contains("occurs 2 times, at lines 1, 3, and should"), "{error}");
        assert!(spans("a", "a", "b", 0).is_err());
        assert!(spans("a", "", "b", 1).is_err());
        assert!(spans("a", "a", "b", 3).is_err());
    }
}
