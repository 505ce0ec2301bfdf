//! Strings of nearly-JSON.

use super::{Note, Parser};

impl Parser<'_> {
    /// A string in any quotes.
    pub(super) fn string(&mut self) -> Option<()> {
        let opening = self.peek()?;
        let threefold = ["\"\"\"", "'''"].into_iter().find(|three| self.rest().starts_with(three));
        // An empty string is two quotes; three are Python's long string.
        let (closing, skip): (&[&str], usize) = match (threefold, opening) {
            (Some("\"\"\""), _) => (&["\"\"\""], 3),
            (Some(_), _) => (&["'''"], 3),
            (None, '"') => (&["\""], 1),
            (None, '\'') => (&["'"], 1),
            (None, '“' | '”') => (&["”", "“"], opening.len_utf8()),
            (None, _) => (&["’", "‘"], opening.len_utf8()),
        };
        if opening != '"' || threefold.is_some() {
            self.notes.add(Note::Quotes);
        }
        self.at += skip;
        self.out.push('"');
        loop {
            let rest = self.rest();
            if let Some(end) = closing.iter().find(|end| rest.starts_with(*end)) {
                self.at += end.len();
                break;
            }
            let Some(next) = rest.chars().next() else {
                self.notes.add(Note::UnclosedString);
                self.cut = true;
                break;
            };
            match next {
                '\\' => self.escape(opening),
                '"' => {
                    self.out.push_str("\\\"");
                    self.at += 1;
                }
                c if u32::from(c) < 0x20 => {
                    self.notes.add(Note::RawControl);
                    self.control(c);
                    self.at += 1;
                }
                c => {
                    self.out.push(c);
                    self.at += c.len_utf8();
                }
            }
        }
        self.out.push('"');
        Some(())
    }

    /// What follows a backslash. One that escapes nothing JSON knows was meant
    /// as itself: patterns and paths are written so.
    fn escape(&mut self, opening: char) {
        let rest = self.rest();
        let Some(next) = rest[1..].chars().next() else {
            self.at += 1;
            return;
        };
        match next {
            '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' => {
                self.out.push_str(&rest[..2]);
                self.at += 2;
            }
            'u' if unit(rest).is_some() => self.unicode(),
            '\'' => {
                if opening != '\'' {
                    self.notes.add(Note::Escape);
                }
                self.out.push('\'');
                self.at += 2;
            }
            _ => {
                self.notes.add(Note::Escape);
                self.out.push_str("\\\\");
                self.at += 1;
            }
        }
    }

    /// `\u` with its digits; half a pair becomes the sign for what is lost.
    fn unicode(&mut self) {
        let rest = self.rest();
        let Some(first) = unit(rest) else { return };
        let whole = match first {
            0xd800..=0xdbff => match rest.get(6..).and_then(unit) {
                Some(0xdc00..=0xdfff) => 12,
                _ => 0,
            },
            0xdc00..=0xdfff => 0,
            _ => 6,
        };
        if whole == 0 {
            self.notes.add(Note::Escape);
            self.out.push('\u{fffd}');
            self.at += 6;
        } else {
            self.out.push_str(&rest[..whole]);
            self.at += whole;
        }
    }

    fn control(&mut self, c: char) {
        match c {
            '\n' => self.out.push_str("\\n"),
            '\r' => self.out.push_str("\\r"),
            '\t' => self.out.push_str("\\t"),
            _ => self.out.push_str(&format!("\\u{:04x}", u32::from(c))),
        }
    }
}

/// The four digits behind a `\u`.
fn unit(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
}
