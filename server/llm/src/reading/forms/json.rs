//! JSON: one object, a list, or several values one after another. Hermes, Qwen,
//! Llama 3, Granite, Phi, the older Mistral, and most small models.

use super::{Begins, Form, Lexing, Reading, Written};
use crate::reading::mend;
use crate::reading::shape::{self, Company};
use crate::reading::tools::Tools;

#[derive(Debug)]
pub(in crate::reading) struct Json;

impl Form for Json {
    fn begins(&self, body: &str) -> Begins {
        match body.trim_start().as_bytes() {
            [] => Begins::Unsure,
            [b'{', ..] => Begins::Yes,
            [b'[', rest @ ..] => match rest.iter().find(|byte| !byte.is_ascii_whitespace()) {
                None => Begins::Unsure,
                Some(b'{' | b']' | b'[') => Begins::Yes,
                Some(_) => Begins::No,
            },
            _ => Begins::No,
        }
    }

    fn lexing(&self) -> Lexing {
        Lexing::Json
    }

    fn read(&self, body: &str, _: &Tools) -> Reading {
        let mut reading = Reading::default();
        loop {
            let rest = &body[reading.end..];
            let value = rest.trim_start_matches(|c: char| c.is_whitespace() || ",;".contains(c));
            if !value.starts_with(['{', '[']) {
                return reading;
            }
            let begin = body.len() - value.len();
            let Some(read) = mend::first(value) else {
                reading.calls.extend(Written::broken(value));
                reading.end = body.len();
                return reading;
            };
            let Some(shapes) = shape::shapes(&read.json) else {
                return reading;
            };
            for shape in shapes {
                let company = match shape.arguments {
                    Some(_) => shape.company,
                    // Without arguments, a name alone makes no call.
                    None => Company::Strange,
                };
                let arguments = shape.arguments.as_deref().unwrap_or("{}");
                let Some(mut call) = Written::new(&shape.name, arguments) else { continue };
                call.notes.add_all(&read.notes);
                call.company = company;
                if read.cut && call.state == super::Wholeness::Whole {
                    call.state = super::Wholeness::Cut;
                }
                reading.calls.push(call);
            }
            reading.end = begin + read.end;
        }
    }
}
