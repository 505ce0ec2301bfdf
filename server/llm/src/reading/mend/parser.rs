//! A reader of nearly-JSON that writes JSON.
//!
//! It goes through the text once and writes strict JSON as it goes, so that
//! numbers and the order of keys stay as they were written. Methods that read
//! return None where it cannot be told what was meant.

use std::borrow::Cow;

use serde_json::Number;

use super::{Note, Notes, Strict};

/// The most levels of arrays and objects.
pub(super) const MAX_DEPTH: usize = 64;

/// Reads a text from its beginning.
pub(in crate::reading) struct Parser<'a> {
    pub(super) text: &'a str,
    /// Read up to here.
    pub(super) at: usize,
    pub(super) out: String,
    pub(super) notes: Notes,
    pub(super) cut: bool,
    /// The closing brackets that are still to come, innermost last.
    open: Vec<char>,
}

impl<'a> Parser<'a> {
    pub(in crate::reading) fn new(text: &'a str) -> Self {
        let (out, notes) = (String::with_capacity(text.len() + 8), Notes::default());
        Self { text, at: 0, out, notes, cut: false, open: Vec::new() }
    }

    /// What was written.
    pub(in crate::reading) fn finish(self) -> Strict<'a> {
        let Self { out, notes, cut, at, .. } = self;
        Strict { json: Cow::Owned(out), notes, cut, end: at }
    }

    /// One value, and the space before it.
    pub(in crate::reading) fn value(&mut self) -> Option<()> {
        self.space()?;
        match self.peek()? {
            '{' => self.object(),
            '[' => self.array(),
            '"' | '\'' | '“' | '”' | '‘' | '’' => self.string(),
            _ => self.scalar(),
        }
    }

    /// A name as programs have them, dots and dashes included.
    pub(in crate::reading) fn name(&mut self) -> Option<&'a str> {
        let rest = self.rest();
        let in_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '-' | '.');
        let end = rest.find(|c| !in_name(c)).unwrap_or(rest.len());
        self.at += end;
        (end > 0).then(|| &rest[..end])
    }

    /// Passes over a character, if it comes next behind space.
    pub(in crate::reading) fn eat(&mut self, wanted: char) -> Option<()> {
        self.space()?;
        let found = self.peek() == Some(wanted);
        found.then(|| self.at += wanted.len_utf8())
    }

    /// Writes a part of the result.
    pub(in crate::reading) fn write(&mut self, json: &str) {
        self.out.push_str(json);
    }

    /// What was written since the last time.
    pub(in crate::reading) fn take(&mut self) -> String {
        std::mem::take(&mut self.out)
    }

    /// What is not read yet.
    pub(in crate::reading) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Only what closes or separates may stand behind the value.
    pub(super) fn leftovers(&mut self) -> Option<()> {
        loop {
            self.space()?;
            let Some(next) = self.peek() else { return Some(()) };
            self.notes.add(match next {
                '}' | ']' | ')' => Note::SurplusBracket,
                ',' | ';' => Note::SurplusComma,
                _ => return None,
            });
            self.at += 1;
        }
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn object(&mut self) -> Option<()> {
        self.members('{', '}', |parser| {
            parser.key()?;
            parser.space()?;
            parser.write(":");
            if parser.peek().is_none() {
                return parser.no_value();
            }
            parser.eat(':')?;
            parser.space()?;
            if parser.peek().is_none() { parser.no_value() } else { parser.value() }
        })
    }

    fn array(&mut self) -> Option<()> {
        self.members('[', ']', Self::value)
    }

    /// Members between brackets, separated by commas.
    fn members(
        &mut self,
        opening: char,
        closing: char,
        member: impl Fn(&mut Self) -> Option<()>,
    ) -> Option<()> {
        if self.open.len() == MAX_DEPTH {
            return None;
        }
        self.open.push(closing);
        self.at += opening.len_utf8();
        self.out.push(opening);
        let (mut first, mut comma) = (true, false);
        loop {
            self.space()?;
            match self.peek() {
                Some(c) if c == closing => {
                    self.at += c.len_utf8();
                    break;
                }
                None => {
                    self.notes.add(Note::UnclosedBracket);
                    break;
                }
                // The bracket of something further out: this one was forgotten.
                Some(c @ ('}' | ']')) if self.open.contains(&c) && !first => {
                    self.notes.add(Note::UnclosedBracket);
                    break;
                }
                Some('}' | ']' | ')') if !first => {
                    self.notes.add(Note::SurplusBracket);
                    self.at += 1;
                }
                Some(',') => {
                    if comma || first {
                        self.notes.add(Note::SurplusComma);
                    }
                    comma = true;
                    self.at += 1;
                }
                Some(_) => {
                    if !first {
                        self.out.push(',');
                        if !comma {
                            self.notes.add(Note::MissingComma);
                        }
                    }
                    member(self)?;
                    (first, comma) = (false, false);
                }
            }
        }
        if comma {
            self.notes.add(Note::SurplusComma);
        }
        self.open.pop();
        self.out.push(closing);
        Some(())
    }

    fn key(&mut self) -> Option<()> {
        if matches!(self.peek()?, '"' | '\'' | '“' | '”' | '‘' | '’') {
            return self.string();
        }
        let name = self.name()?;
        self.notes.add(Note::BareKey);
        self.out.push('"');
        self.out.push_str(name);
        self.out.push('"');
        Some(())
    }

    fn no_value(&mut self) -> Option<()> {
        self.notes.add(Note::MissingValue);
        self.cut = true;
        self.out.push_str("null");
        Some(())
    }

    /// A number, or a word that stands for a value.
    fn scalar(&mut self) -> Option<()> {
        let rest = self.rest();
        let in_scalar = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
        let end = rest.find(|c| !in_scalar(c)).unwrap_or(rest.len());
        let token = &rest[..end];
        self.at += end;
        // The end of the text may have cut off more digits.
        self.cut |= self.at == self.text.len() && !self.open.is_empty();
        match token {
            "true" | "false" | "null" => self.out.push_str(token),
            "True" => self.word("true", Note::Word),
            "False" => self.word("false", Note::Word),
            "None" | "undefined" => self.word("null", Note::Word),
            "NaN" | "nan" | "Infinity" | "+Infinity" | "-Infinity" | "inf" | "-inf" => {
                self.word("null", Note::NotANumber);
            }
            _ if serde_json::from_str::<Number>(token).is_ok() => self.out.push_str(token),
            _ => {
                let number = number(token)?;
                self.word(&number, Note::Number);
            }
        }
        Some(())
    }

    fn word(&mut self, json: &str, note: Note) {
        self.notes.add(note);
        self.out.push_str(json);
    }

    /// Passes over space and comments.
    pub(in crate::reading) fn space(&mut self) -> Option<()> {
        loop {
            let rest = self.rest();
            let comment = match rest.as_bytes() {
                [b' ' | b'\t' | b'\n' | b'\r', ..] => {
                    self.at += 1;
                    continue;
                }
                [b'/', b'/', ..] | [b'#', ..] => rest.find('\n').unwrap_or(rest.len()),
                [b'/', b'*', ..] => rest.find("*/")? + 2,
                _ => match rest.chars().next() {
                    Some(c) if c.is_whitespace() || c == '\u{feff}' => {
                        self.notes.add(Note::Space);
                        self.at += c.len_utf8();
                        continue;
                    }
                    _ => return Some(()),
                },
            };
            self.notes.add(Note::Comment);
            self.at += comment;
        }
    }
}

/// A number as JSON has it, from one that lacks a digit or has a sign too many.
fn number(token: &str) -> Option<String> {
    let unsigned = token.strip_prefix(['+', '-']).unwrap_or(token);
    let sign = if token.starts_with('-') { "-" } else { "" };
    let lead = if unsigned.starts_with('.') { "0" } else { "" };
    let tail = if unsigned.ends_with('.') { "0" } else { "" };
    let number = format!("{sign}{lead}{unsigned}{tail}");
    serde_json::from_str::<Number>(&number).is_ok().then_some(number)
}
