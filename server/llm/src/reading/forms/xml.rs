//! Calls in tags: Qwen3-Coder, Seed, Llama's `<function=…>`, MiniMax, DeepSeek
//! V3.2, and what imitates Anthropic's older form.
//!
//! ```text
//! <function=fs.read><parameter=path>notes.md</parameter></function>
//! <invoke name="fs.read"><parameter name="path">notes.md</parameter></invoke>
//! <function=fs.read>{"path":"notes.md"}</function>
//! ```

use serde_json::Value;

use super::{Begins, Form, Lexing, Reading, Wholeness, Written, inner_lines};
use crate::reading::mend;
use crate::reading::tools::{Tools, typed};

#[derive(Debug)]
pub(in crate::reading) struct Xml;

/// What may stand between `<` or `</` and a tag's word.
const PREFIXES: [&str; 4] = ["", "｜DSML｜", "｜｜DSML｜｜", "antml:"];

/// How the tag of a call begins, without its prefix, and that of a parameter.
const CALLS: [&str; 3] = ["function=", "function name=", "invoke name="];
const PARAMETERS: [&str; 2] = ["parameter=", "parameter name="];

/// A tag that matters here.
#[derive(Debug, Clone, Copy)]
enum Tag<'a> {
    Call(&'a str),
    CallEnd,
    Parameter(&'a str, Kind),
    ParameterEnd,
}

/// What a parameter says about its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// DeepSeek marks text as such.
    Text,
    /// As the tool wants it.
    Unsaid,
}

impl Form for Xml {
    fn begins(&self, body: &str) -> Begins {
        let body = body.trim_start();
        let mut unsure = body.is_empty();
        for prefix in PREFIXES {
            for word in CALLS {
                let opening = format!("<{prefix}{word}");
                if let Some(rest) = body.strip_prefix(&opening) {
                    return goes_on(rest);
                }
                unsure |= opening.starts_with(body);
            }
        }
        if unsure { Begins::Unsure } else { Begins::No }
    }

    fn lexing(&self) -> Lexing {
        Lexing::Text
    }

    fn read(&self, body: &str, tools: &Tools) -> Reading {
        let mut reading = Reading::default();
        let mut at = 0;
        while let Some((begin, length, tag)) = next_tag(&body[at..]) {
            at += begin + length;
            if let Tag::Call(name) = tag {
                let (call, used) = call(name, &body[at..], tools);
                reading.calls.extend(call);
                at += used;
            }
            reading.end = at;
        }
        reading
    }
}

/// Whether a call follows its name: with values, with JSON, or with its end. A
/// sentence that speaks of the tag goes on with words.
fn goes_on(text: &str) -> Begins {
    let Some((_, inside)) = text.split_once('>') else { return Begins::Unsure };
    match inside.trim_start().chars().next() {
        None => Begins::Unsure,
        Some('<' | '{') => Begins::Yes,
        Some(_) => Begins::No,
    }
}

/// A call whose tag was read, and how much of the text belongs to it.
fn call(name: &str, text: &str, tools: &Tools) -> (Option<Written>, usize) {
    let inside = text.trim_start();
    if inside.starts_with('{') {
        let end = mend::first(inside).map_or(inside.len(), |read| read.end);
        let used = text.len() - inside.len() + end;
        return (Written::new(name, &inside[..end]), used);
    }
    let tool = tools.find(name);
    let mut values = Vec::new();
    let mut state = Wholeness::Whole;
    let mut at = 0;
    while let Some((begin, length, tag)) = next_tag(&text[at..]) {
        match tag {
            Tag::Call(_) => {
                at += begin;
                break;
            }
            Tag::CallEnd => {
                at += begin + length;
                break;
            }
            Tag::ParameterEnd => at += begin + length,
            Tag::Parameter(key, kind) => {
                at += begin + length;
                let (end, used) = value_end(&text[at..]).unwrap_or_else(|| {
                    state = Wholeness::Cut;
                    (text.len() - at, text.len() - at)
                });
                let value = inner_lines(&text[at..at + end]);
                let value = match kind {
                    Kind::Text => Value::String(value.to_owned()),
                    Kind::Unsaid => typed(tool, key, value),
                };
                values.push((key, value));
                at += used;
            }
        }
    }
    // The beginning of one more tag: the reply was cut in it.
    if text[at..].trim_start().starts_with('<') && state == Wholeness::Whole {
        let rest = text[at..].trim_start();
        if !rest.contains('>') {
            state = Wholeness::Cut;
        }
    }
    (Written::of_values(name, &values, state), at)
}

/// Where a value ends, and how much of the text that takes: at its closing tag,
/// or, where that is missing, before whatever tag comes next.
fn value_end(text: &str) -> Option<(usize, usize)> {
    let mut at = 0;
    let mut missing = None;
    while let Some((begin, length, tag)) = next_tag(&text[at..]) {
        match tag {
            Tag::ParameterEnd => return Some((at + begin, at + begin + length)),
            // A closing tag further on means that this one is of the value.
            Tag::CallEnd => missing = missing.or(Some((at + begin, at + begin))),
            Tag::Parameter(..) | Tag::Call(_) => {
                return missing.or(Some((at + begin, at + begin)));
            }
        }
        at += begin + length;
    }
    missing
}

/// The next tag in a text: where it is, its length, and what it says.
fn next_tag(text: &str) -> Option<(usize, usize, Tag<'_>)> {
    text.match_indices('<').find_map(|(at, _)| tag(&text[at..]).map(|(n, tag)| (at, n, tag)))
}

fn tag(text: &str) -> Option<(usize, Tag<'_>)> {
    let closing = text.strip_prefix("</");
    let inside = closing.or_else(|| text.strip_prefix('<'))?;
    PREFIXES.iter().find_map(|prefix| {
        let word = inside.strip_prefix(prefix)?;
        if closing.is_some() {
            let ends = [
                ("parameter>", Tag::ParameterEnd),
                ("function>", Tag::CallEnd),
                ("invoke>", Tag::CallEnd),
            ];
            let (end, tag) = ends.into_iter().find(|(end, _)| word.starts_with(end))?;
            return Some((text.len() - word.len() + end.len(), tag));
        }
        let call = CALLS.iter().find_map(|begin| word.strip_prefix(begin));
        let parameter = || PARAMETERS.iter().find_map(|begin| word.strip_prefix(begin));
        let said = call.or_else(parameter)?;
        let end = said.find('>')?;
        let (name, kind) = attributes(&said[..end]);
        let length = text.len() - said.len() + end + 1;
        Some((length, if call.is_some() { Tag::Call(name) } else { Tag::Parameter(name, kind) }))
    })
}

/// The name at the beginning of a tag's inside, quoted or not, and the rest.
fn attributes(inside: &str) -> (&str, Kind) {
    let quoted =
        ['"', '\''].into_iter().find_map(|quote| inside.strip_prefix(quote)?.split_once(quote));
    let (name, rest) = quoted.unwrap_or((inside, ""));
    let kind = if rest.contains("string=\"true\"") { Kind::Text } else { Kind::Unsaid };
    (name.trim(), kind)
}
