//! The forms in which models write calls as text.
//!
//! A form knows how the body of the markup is to be read; which marks stand
//! around it is the [family](super::family)'s. Several families share a form.

mod glm;
mod harmony;
mod json;
mod mistral;
mod pythonic;
mod sections;
mod xml;

pub(super) use glm::Glm;
pub(super) use harmony::{Harmony, recipient};
pub(super) use json::Json;
pub(super) use mistral::Mistral;
pub(super) use pythonic::Pythonic;
pub(super) use sections::Sections;
pub(super) use xml::Xml;

use serde_json::Value;

use super::mend::{self, Notes};
use super::shape::{self, Company};
use super::tools::{self, Tools};

/// One form of a body.
pub(super) trait Form: Sync + std::fmt::Debug {
    /// Whether a body is in this form, told by what is there of it.
    fn begins(&self, body: &str) -> Begins;

    /// What hides the marks that end the body.
    fn lexing(&self) -> Lexing;

    /// The calls of a body, in the order written.
    fn read(&self, body: &str, tools: &Tools) -> Reading;
}

/// Whether a body is in a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Begins {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// More of it must be seen.
    Unsure,
}

/// How the end of a body is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lexing {
    /// The first mark is the end.
    Text,
    /// Marks inside of double quotes do not count; brackets of both kinds do.
    Json,
    /// The same, with braces alone.
    Braces,
    /// Both kinds of quotes, and both kinds of brackets.
    Python,
}

/// What was read from a body.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) calls: Vec<Written>,
    /// How many bytes of the body were understood.
    pub(super) end: usize,
}

/// A call as the model wrote it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Written {
    /// The name, not yet that of a tool.
    pub(super) name: String,
    /// A JSON object; where the state is broken, the text in its place.
    pub(super) arguments: String,
    pub(super) notes: Notes,
    pub(super) state: Wholeness,
    pub(super) company: Company,
}

/// How much of a call is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wholeness {
    /// All of it.
    Whole,
    /// Its last value may be only the beginning of what was meant.
    Cut,
    /// The arguments cannot be read.
    Broken,
}

impl Written {
    /// A call with the text of its arguments, however they turn out.
    fn new(name: &str, arguments: &str) -> Option<Self> {
        let name = name.trim();
        if !tools::is_name(name) {
            return None;
        }
        let (name, company) = (name.to_owned(), Company::Usual);
        let text = arguments.trim();
        let made = match mend::strict(if text.is_empty() { "{}" } else { text }) {
            Some(strict) if strict.json.trim_start().starts_with('{') => {
                let state = if strict.cut { Wholeness::Cut } else { Wholeness::Whole };
                let arguments = strict.json.into_owned();
                Self { name, arguments, notes: strict.notes, state, company }
            }
            Some(strict) if matches!(strict.json.trim(), "null" | "\"\"") => {
                let notes = Notes::default();
                Self { name, arguments: "{}".to_owned(), notes, state: Wholeness::Whole, company }
            }
            _ => {
                let (arguments, notes) = (arguments.to_owned(), Notes::default());
                Self { name, arguments, notes, state: Wholeness::Broken, company }
            }
        };
        Some(made)
    }

    /// A call of which only the name is plain, if that is.
    fn broken(body: &str) -> Option<Self> {
        let name = shape::leading_name(body).filter(|name| tools::is_name(name))?;
        Some(Self {
            name: name.to_owned(),
            arguments: body.trim().to_owned(),
            notes: Notes::default(),
            state: Wholeness::Broken,
            company: Company::Usual,
        })
    }

    /// The same call, not to be run, with the text that it was read from.
    pub(super) fn broken_off(self, text: &str) -> Self {
        Self { arguments: text.to_owned(), state: Wholeness::Broken, ..self }
    }

    /// A call with values taken out of markup.
    fn of_values(name: &str, values: &[(&str, Value)], state: Wholeness) -> Option<Self> {
        let member = |(key, value): &(&str, Value)| format!("{}:{value}", Value::from(*key));
        let members: Vec<_> = values.iter().map(member).collect();
        let call = Self::new(name, &format!("{{{}}}", members.join(",")))?;
        Some(Self { state, ..call })
    }
}

/// The first of several marks in a text: where it is, and how long.
fn find(text: &str, marks: &[&str]) -> Option<(usize, usize)> {
    let found = marks.iter().filter_map(|mark| Some((text.find(mark)?, mark.len())));
    found.min_by_key(|(at, _)| *at)
}

/// A value between two tags, without the line breaks that belong to these.
fn inner_lines(value: &str) -> &str {
    let value = value.strip_prefix('\n').unwrap_or(value);
    value.strip_suffix('\n').unwrap_or(value)
}

/// The name at the beginning of a text, and what follows it.
fn split_name(text: &str) -> (&str, &str) {
    let in_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '/');
    text.split_at(text.find(|c| !in_name(c)).unwrap_or(text.len()))
}
