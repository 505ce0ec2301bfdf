//! Mistral since its eleventh tokenizer: the name, then the arguments.
//!
//! ```text
//! [TOOL_CALLS]fs.read{"path":"notes.md"}
//! [TOOL_CALLS]fs.read[CALL_ID]a1b2c3d4e[ARGS]{"path":"notes.md"}
//! ```

use super::{Begins, Form, Lexing, Reading, Written, split_name};
use crate::reading::mend;
use crate::reading::tools::Tools;

#[derive(Debug)]
pub(in crate::reading) struct Mistral;

impl Form for Mistral {
    fn begins(&self, body: &str) -> Begins {
        let (name, rest) = split_name(body.trim_start());
        let rest = rest.trim_start();
        match rest {
            "" => Begins::Unsure,
            _ if name.is_empty() => Begins::No,
            _ if rest.starts_with('{') => Begins::Yes,
            _ => {
                let marks = ["[ARGS]", "[CALL_ID]"];
                if marks.iter().any(|mark| rest.starts_with(mark)) {
                    Begins::Yes
                } else if marks.iter().any(|mark| mark.starts_with(rest)) {
                    Begins::Unsure
                } else {
                    Begins::No
                }
            }
        }
    }

    fn lexing(&self) -> Lexing {
        Lexing::Braces
    }

    fn read(&self, body: &str, _: &Tools) -> Reading {
        let (name, rest) = split_name(body.trim_start());
        let Some(at) = rest.find('{') else {
            return Reading {
                calls: Written::new(name, rest).into_iter().collect(),
                end: body.len(),
            };
        };
        let arguments = &rest[at..];
        let end = mend::first(arguments).map_or(arguments.len(), |read| read.end);
        let calls = Written::new(name, &arguments[..end]).into_iter().collect();
        Reading { calls, end: body.len() - arguments.len() + end }
    }
}
