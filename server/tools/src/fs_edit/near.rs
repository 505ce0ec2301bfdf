//! What a text that does not occur was perhaps meant to be.

use std::collections::HashMap;

use crate::text;

/// The most lines that are shown.
const SHOWN: usize = 12;

/// The longest line that is shown, in characters.
const MAX_LINE: usize = 200;

/// The most bytes of a line that are compared.
const COMPARED: usize = 200;

/// How much of a line must be alike, of 1.
const ALIKE: f64 = 0.6;

/// The lines that come closest to a text, as sentences to put behind the refusal;
/// nothing where none comes close.
///
/// One line of the text, the longest, is looked for in the whole file; so the
/// work grows with the file alone.
pub(super) fn hint(text: &str, old: &str) -> String {
    let wanted: Vec<&str> = old.lines().collect();
    let lines: Vec<&str> = text.lines().collect();
    let longest = wanted.iter().enumerate().max_by_key(|(_, line)| line.trim().len());
    let Some((anchor, line)) = longest else { return String::new() };
    let pairs = Pairs::of(line);
    let likeness = lines.iter().map(|line| pairs.likeness(line)).enumerate();
    // The first of those that are equally close.
    let best = likeness.fold((0, 0.0), |best, next| if next.1 > best.1 { next } else { best });
    let (place, likeness) = best;
    if likeness < ALIKE {
        return String::new();
    }
    let first = place.saturating_sub(anchor);
    let last = lines.len().min(first + wanted.len().min(SHOWN));
    let shown: String = (first..last)
        .map(|at| format!("\n{}\t{}", at + 1, text::line(lines[at], MAX_LINE)))
        .collect();
    let whole = &lines[first..lines.len().min(first + wanted.len())];
    let same = whole.len() == wanted.len()
        && whole.iter().zip(&wanted).all(|(one, other)| squeezed(one) == squeezed(other));
    let reason = if same { " It differs in white space only." } else { "" };
    format!("{reason} The closest is:{shown}\n")
}

/// A line without what stands between its words.
fn squeezed(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

/// The pairs of bytes that follow each other in a line.
struct Pairs {
    counts: HashMap<[u8; 2], u32>,
    all: u32,
}

impl Pairs {
    fn of(line: &str) -> Self {
        let mut pairs = Self { counts: HashMap::new(), all: 0 };
        for pair in each(line) {
            *pairs.counts.entry(pair).or_default() += 1;
            pairs.all += 1;
        }
        pairs
    }

    /// How many of the pairs two lines share, of 1.
    fn likeness(&self, line: &str) -> f64 {
        let (mut left, mut shared, mut all) = (HashMap::new(), 0_u32, 0_u32);
        for pair in each(line) {
            all += 1;
            let Some(count) = self.counts.get(&pair) else { continue };
            let left = left.entry(pair).or_insert(*count);
            if *left > 0 {
                *left -= 1;
                shared += 1;
            }
        }
        if self.all + all == 0 {
            return 0.0;
        }
        f64::from(2 * shared) / f64::from(self.all + all)
    }
}

fn each(line: &str) -> impl Iterator<Item = [u8; 2]> + '_ {
    let bytes = line.trim().as_bytes();
    bytes[..bytes.len().min(COMPARED)].windows(2).map(|pair| [pair[0], pair[1]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_lines_are_shown() {
        let text = "fn one() {\n    let number = 1;\n    number\n}\n\nfn two() {}\n";
        assert_eq!(
            hint(text, "fn one() {\n  let number = 1;\n"),
            " It differs in white space only. The closest is:\n1\tfn one() {\n2\t    let number = \
             1;\n"
        );
        let typo = hint(text, "let nunber = 1;");
        assert_eq!(typo, " The closest is:\n2\t    let number = 1;\n");
        assert_eq!(hint(text, "something else entirely"), "");
        assert_eq!(hint("", "a"), "");
        assert_eq!(hint("a", "\n"), "");
    }
}
