//! What was mended, in words.

use std::fmt;

/// One kind of liberty that mending took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// A comma before a closing bracket, or two in a row.
    SurplusComma,
    /// No comma between two members.
    MissingComma,
    /// A bracket that was opened and never closed.
    UnclosedBracket,
    /// A closing bracket that closes nothing.
    SurplusBracket,
    /// A string that the text ended in.
    UnclosedString,
    /// Single, typographic or threefold quotes around a string.
    Quotes,
    /// A key without quotes.
    BareKey,
    /// A key at the end of the text without its value.
    MissingValue,
    /// A word of Python or JavaScript in place of JSON's.
    Word,
    /// `NaN` or `Infinity`, which became `null`.
    NotANumber,
    /// A number in a form JSON does not know: `+1`, `.5`, `2.`.
    Number,
    /// A comment.
    Comment,
    /// A line break or another control character as such in a string.
    RawControl,
    /// An escape that JSON does not know, or half of a surrogate pair.
    Escape,
    /// JSON written as a string of JSON.
    DoubleEncoding,
    /// A space that JSON does not know as one.
    Space,
    /// The mark behind a call, missing at the end of a reply.
    UnclosedTag,
}

impl Note {
    /// What was done, as part of a sentence.
    pub const fn words(self) -> &'static str {
        match self {
            Self::SurplusComma => "surplus comma dropped",
            Self::MissingComma => "missing comma added",
            Self::UnclosedBracket => "unclosed bracket closed",
            Self::SurplusBracket => "surplus bracket dropped",
            Self::UnclosedString => "unclosed string closed",
            Self::Quotes => "other quotes replaced",
            Self::BareKey => "key put into quotes",
            Self::MissingValue => "missing value became null",
            Self::Word => "True, False, None or undefined replaced",
            Self::NotANumber => "NaN or Infinity became null",
            Self::Number => "number rewritten",
            Self::Comment => "comment dropped",
            Self::RawControl => "control character in a string escaped",
            Self::Escape => "unknown escape replaced",
            Self::DoubleEncoding => "JSON inside a string decoded",
            Self::Space => "unusual space dropped",
            Self::UnclosedTag => "missing end of the call added",
        }
    }
}

/// What was mended in one text: each kind once, in the order of finding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notes(Vec<Note>);

impl Notes {
    /// Whether nothing was.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a kind is among them.
    pub(in crate::reading) fn has(&self, note: Note) -> bool {
        self.0.contains(&note)
    }

    /// The kinds.
    pub fn iter(&self) -> impl Iterator<Item = Note> + '_ {
        self.0.iter().copied()
    }

    pub(in crate::reading) fn add(&mut self, note: Note) {
        if !self.has(note) {
            self.0.push(note);
        }
    }

    pub(in crate::reading) fn add_all(&mut self, others: &Self) {
        for note in others.iter() {
            self.add(note);
        }
    }
}

impl fmt::Display for Notes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, note) in self.iter().enumerate() {
            f.write_str(if n == 0 { "" } else { ", " })?;
            f.write_str(note.words())?;
        }
        Ok(())
    }
}
