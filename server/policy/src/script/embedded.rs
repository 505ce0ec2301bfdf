//! Substitutions inside text that the parser keeps whole: here-documents,
//! arithmetic, and what stands between the braces of `${…}`.

use super::walk::Walk;
use crate::Unreadable;
use crate::piece::Unknown;

/// The most places where a substitution may end that are tried.
const MAX_ENDS: usize = 64;

impl Walk {
    /// Lists what every substitution in a text may run.
    ///
    /// Where one ends depends on what stands in it, so every bracket that
    /// closes something readable is taken for its end. That lists too much
    /// rather than too little.
    pub(super) fn embedded(&mut self, text: &str) -> Result<(), Unreadable> {
        for start in starts(text) {
            let inside = &text[start + 2..];
            if text[start..].starts_with("$((") && is_arithmetic(&inside[1..]) {
                self.arithmetic = true;
                continue;
            }
            self.any_end(inside, text)?;
        }
        self.backticks(text)
    }

    fn any_end(&mut self, inside: &str, whole: &str) -> Result<(), Unreadable> {
        let ends: Vec<_> = inside.match_indices(')').map(|(at, _)| at).take(MAX_ENDS + 1).collect();
        let mut read = 0;
        for end in ends.iter().take(MAX_ENDS) {
            read += usize::from(self.follows(&inside[..*end], whole)?);
        }
        if read == 0 || ends.len() > MAX_ENDS {
            self.unknown(Unknown::Substitution(whole.to_owned()))?;
        }
        Ok(())
    }

    /// Lists what stands between each two backticks of a text.
    pub(super) fn backticks(&mut self, text: &str) -> Result<(), Unreadable> {
        let mut rest = text;
        while let Some(start) = next_backtick(rest) {
            let inside = &rest[start + 1..];
            let Some(end) = next_backtick(inside) else {
                return self.unknown(Unknown::Substitution(text.to_owned()));
            };
            // A backslash inside may guard the beginning of another.
            let body = &inside[..end];
            if body.contains('\\') || !self.follows(body, text)? {
                self.unknown(Unknown::Substitution(text.to_owned()))?;
            }
            rest = &inside[end + 1..];
        }
        Ok(())
    }

    /// Reads a text as a script of its own; whether it is one.
    fn follows(&mut self, text: &str, whole: &str) -> Result<bool, Unreadable> {
        let before = self.here_documents;
        match self.nested(text) {
            Ok(()) => {}
            Err(Unreadable::Syntax(_)) => return Ok(false),
            Err(other) => return Err(other),
        }
        if self.here_documents > before {
            self.unknown(Unknown::Substitution(whole.to_owned()))?;
        }
        Ok(true)
    }
}

/// Where substitutions with brackets may begin.
fn starts(text: &str) -> Vec<usize> {
    let begins = |at: &usize| match text.as_bytes().get(*at..*at + 2) {
        Some(b"$(") => !is_guarded(text, *at),
        Some(b"<(" | b">(") => !is_guarded(text, *at),
        _ => false,
    };
    (0..text.len()).filter(begins).collect()
}

/// Whether an odd number of backslashes stands before a place.
fn is_guarded(text: &str, at: usize) -> bool {
    text.as_bytes()[..at].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

fn next_backtick(text: &str) -> Option<usize> {
    text.match_indices('`').map(|(at, _)| at).find(|at| !is_guarded(text, *at))
}

/// Whether what follows `$((` is arithmetic without any doubt: nothing but its
/// signs, and both brackets close together. Substitutions within are found by
/// their own beginnings.
fn is_arithmetic(inside: &str) -> bool {
    let mut depth = 2_usize;
    let mut signs = inside.chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '(' => depth += 1,
            ')' => {
                depth -= 1;
                if depth == 1 {
                    return signs.peek() == Some(&')');
                }
            }
            _ if sign.is_ascii_alphanumeric() || " _+-*/%<>=!&|^~?:,.${}[]".contains(sign) => {}
            _ => return false,
        }
    }
    false
}
