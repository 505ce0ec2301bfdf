//! DeepSeek V3, R1 and V3.1, and Kimi K2: a section of calls, each between its
//! own marks, with a mark between name and arguments.
//!
//! ```text
//! <｜tool▁calls▁begin｜><｜tool▁call▁begin｜>fs.read<｜tool▁sep｜>{"path":"a"}<｜tool▁call▁end｜>…
//! <|tool_calls_section_begin|><|tool_call_begin|>functions.fs.read:0<|tool_call_argument_begin|>{…}…
//! ```

use super::{Begins, Form, Lexing, Reading, Written, find, split_name};
use crate::reading::tools::Tools;

/// The marks of one model; each in its spellings.
#[derive(Debug)]
pub(in crate::reading) struct Sections {
    pub(in crate::reading) call: &'static [&'static str],
    pub(in crate::reading) arguments: &'static [&'static str],
    pub(in crate::reading) end: &'static [&'static str],
}

impl Form for Sections {
    fn begins(&self, body: &str) -> Begins {
        if body.trim().is_empty() { Begins::Unsure } else { Begins::Yes }
    }

    fn lexing(&self) -> Lexing {
        Lexing::Json
    }

    fn read(&self, body: &str, _: &Tools) -> Reading {
        let mut calls = Vec::new();
        let mut rest = body;
        while !rest.is_empty() {
            if let Some((0, length)) = find(rest, self.call) {
                rest = &rest[length..];
            }
            // The next call, where this one's end is missing.
            let next = find(rest, self.call).map_or(rest.len(), |(at, _)| at);
            let part = &rest[..next];
            let part = find(part, self.end).map_or(part, |(at, _)| &part[..at]);
            calls.extend(self.call(part));
            rest = &rest[next..];
        }
        Reading { calls, end: body.len() }
    }
}

impl Sections {
    fn call(&self, part: &str) -> Option<Written> {
        let (at, length) = find(part, self.arguments)?;
        let (before, after) = (part[..at].trim(), &part[at + length..]);
        let after = after.trim_start();
        if after.starts_with(['{', '"', '\'']) || after.is_empty() {
            return Written::new(named(before), after);
        }
        // The older form: the kind of tool stands first, the arguments are fenced.
        let (name, rest) = split_name(after);
        let begin = rest.find('{').unwrap_or(rest.len());
        let arguments = rest[begin..].trim_end().trim_end_matches('`');
        Written::new(named(name), arguments)
    }
}

/// Kimi numbers its calls: `functions.fs.read:0`.
fn named(text: &str) -> &str {
    match text.rsplit_once(':') {
        Some((name, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => text,
    }
}
