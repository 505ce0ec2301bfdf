//! Small matters of wording.

/// The longest stretch of foreign text that a message quotes, in characters.
const QUOTED: usize = 200;

/// Text that came from outside, fit to stand inside a line of ours: short, and
/// unable to start a new line or to turn the writing around.
pub(crate) fn shown(text: &str) -> String {
    let mut line: String = text.chars().take(QUOTED).map(plain).collect();
    if text.chars().nth(QUOTED).is_some() {
        line.push('…');
    }
    line
}

/// A line of a file, fit to stand as a line of ours: without its end, cut at so
/// many characters, tabs kept.
pub(crate) fn line(text: &str, most: usize) -> String {
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    let keep = |c| if c == '\t' { c } else { plain(c) };
    let mut line: String = text.chars().take(most).map(keep).collect();
    if text.chars().nth(most).is_some() {
        line.push('…');
    }
    line
}

/// A count with its unit: `1 byte`, `12 bytes`.
pub(crate) fn count(number: u64, unit: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {unit}{plural}")
}

fn plain(c: char) -> char {
    let turns =
        matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let breaks = matches!(c, '\u{2028}' | '\u{2029}');
    if c.is_control() || turns || breaks { '\u{fffd}' } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_stays_in_its_line() {
        assert_eq!(shown("é🙂 a"), "é🙂 a");
        assert_eq!(shown("a\nb\u{202e}c\u{2028}"), "a\u{fffd}b\u{fffd}c\u{fffd}");
        assert_eq!(shown(&"x".repeat(300)).chars().count(), QUOTED + 1);
    }

    #[test]
    fn one_is_not_plural() {
        assert_eq!(count(0, "byte"), "0 bytes");
        assert_eq!(count(1, "line"), "1 line");
    }
}
