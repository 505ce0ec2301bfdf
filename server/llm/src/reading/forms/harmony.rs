//! Harmony, the form of gpt-oss: a message to a tool.
//!
//! ```text
//! <|channel|>commentary to=functions.fs_read <|constrain|>json<|message|>{"path":"a"}<|call|>
//! ```

use super::{Begins, Form, Lexing, Reading, Written};
use crate::reading::tools::Tools;

#[derive(Debug)]
pub(in crate::reading) struct Harmony;

const MESSAGE: &str = "<|message|>";

impl Form for Harmony {
    fn begins(&self, _: &str) -> Begins {
        // Its head was read before it came here.
        Begins::Yes
    }

    fn lexing(&self) -> Lexing {
        Lexing::Json
    }

    fn read(&self, body: &str, _: &Tools) -> Reading {
        let call = body
            .split_once(MESSAGE)
            .and_then(|(head, arguments)| Written::new(recipient(head)?, arguments));
        Reading { calls: call.into_iter().collect(), end: body.len() }
    }
}

/// Whom a message is for, by its head; none if it is for the person.
pub(in crate::reading) fn recipient(head: &str) -> Option<&str> {
    let to = head.split_once("to=")?.1;
    let end = to.find(|c: char| c.is_whitespace() || c == '<').unwrap_or(to.len());
    Some(&to[..end])
}
