//! GLM 4.5 and later: the name, then keys and values in tags of their own.
//!
//! ```text
//! <tool_call>fs.read
//! <arg_key>path</arg_key>
//! <arg_value>notes.md</arg_value>
//! </tool_call>
//! ```

use super::{Begins, Form, Lexing, Reading, Wholeness, Written, inner_lines, split_name};
use crate::reading::tools::{Tools, typed};

#[derive(Debug)]
pub(in crate::reading) struct Glm;

const KEY: &str = "<arg_key>";
const KEY_END: &str = "</arg_key>";
const VALUE: &str = "<arg_value>";
const VALUE_END: &str = "</arg_value>";

impl Form for Glm {
    fn begins(&self, body: &str) -> Begins {
        let (name, rest) = split_name(body.trim_start());
        let rest = rest.trim_start();
        if rest.is_empty() {
            return Begins::Unsure;
        }
        let sure = !name.is_empty() && (rest.starts_with(KEY) || rest.starts_with("</"));
        match sure {
            true => Begins::Yes,
            false if !name.is_empty() && KEY.starts_with(rest) => Begins::Unsure,
            false => Begins::No,
        }
    }

    fn lexing(&self) -> Lexing {
        Lexing::Text
    }

    fn read(&self, body: &str, tools: &Tools) -> Reading {
        let (name, mut rest) = split_name(body.trim_start());
        let tool = tools.find(name);
        let mut values = Vec::new();
        let mut state = Wholeness::Whole;
        while let Some(key) = rest.trim_start().strip_prefix(KEY) {
            let pair = key.split_once(KEY_END).and_then(|(key, after)| {
                let value = after.trim_start().strip_prefix(VALUE)?;
                Some((key.trim(), value))
            });
            let Some((key, value)) = pair else {
                state = Wholeness::Cut;
                break;
            };
            let (value, after) = value.split_once(VALUE_END).unwrap_or_else(|| {
                state = Wholeness::Cut;
                (value, "")
            });
            values.push((key, typed(tool, key, inner_lines(value))));
            rest = after;
        }
        // What else is there belongs to the markup and says nothing.
        let end = if state == Wholeness::Cut { body.len() } else { body.len() - rest.len() };
        Reading { calls: Written::of_values(name, &values, state).into_iter().collect(), end }
    }
}
