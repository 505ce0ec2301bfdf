//! Calls as Python writes them: Llama 3.2 and 4, LFM2, xLAM's cousins.
//!
//! ```text
//! [fs.read(path="notes.md"), time.now()]
//! ```

use super::{Begins, Form, Lexing, Reading, Wholeness, Written, split_name};
use crate::reading::mend::{Notes, Parser};
use crate::reading::tools::Tools;

#[derive(Debug)]
pub(in crate::reading) struct Pythonic;

impl Form for Pythonic {
    fn begins(&self, body: &str) -> Begins {
        let body = body.trim_start();
        let inside = body.strip_prefix('[').unwrap_or(body).trim_start();
        let (name, rest) = split_name(inside);
        match rest.chars().next() {
            None => Begins::Unsure,
            Some('(') if !name.is_empty() => Begins::Yes,
            Some(_) => Begins::No,
        }
    }

    fn lexing(&self) -> Lexing {
        Lexing::Python
    }

    fn read(&self, body: &str, _: &Tools) -> Reading {
        let mut reading = Reading::default();
        let mut parser = Parser::new(body);
        let listed = parser.eat('[').is_some();
        loop {
            let begin = parser.rest();
            match call(&mut parser) {
                Some(call) => reading.calls.push(call),
                None => {
                    let (name, arguments) = split_name(begin.trim_start());
                    if arguments.starts_with('(') {
                        reading.calls.extend(Written::new(name, arguments));
                    }
                    reading.end = body.len();
                    return reading;
                }
            }
            let comma = parser.eat(',').or_else(|| parser.eat(';')).is_some();
            let ended = listed && parser.eat(']').is_some();
            reading.end = body.len() - parser.rest().len();
            let (name, after) = split_name(parser.rest().trim_start());
            if ended || !(comma || !name.is_empty() && after.starts_with('(')) {
                return reading;
            }
        }
    }
}

/// One call; its keywords become the members of an object. The notes are left
/// out: Python's own words are no faults here.
fn call(parser: &mut Parser<'_>) -> Option<Written> {
    parser.space()?;
    let name = parser.name()?;
    parser.eat('(')?;
    let mut first = true;
    parser.write("{");
    while parser.eat(')').is_none() {
        if !first {
            parser.write(",");
        }
        first = false;
        parser.space()?;
        let key = parser.name()?;
        parser.eat('=')?;
        parser.write(&format!("\"{key}\":"));
        parser.value()?;
        if parser.eat(',').is_none() && !parser.rest().trim_start().starts_with(')') {
            return None;
        }
    }
    parser.write("}");
    // Llama 3.1 calls its built-in tools so.
    let name = name.strip_suffix(".call").unwrap_or(name);
    let mut call = Written::new(name, &parser.take())?;
    call.notes = Notes::default();
    (call.state == Wholeness::Whole).then_some(call)
}
