//! The table of families: by which marks calls stand in text, and in what forms
//! between them.
//!
//! Sources are the chat templates that the models are published with, and what
//! is seen of models that nearly follow them.

use super::forms::{Begins, Form, Glm, Harmony, Json, Lexing, Mistral, Pythonic, Sections, Xml};
use super::reader::head;

/// A kind of markup.
#[derive(Debug)]
pub(super) struct Family {
    pub(super) openers: &'static [&'static str],
    pub(super) closers: &'static [&'static str],
    pub(super) body: Body,
    pub(super) ends: Ends,
    /// The first that a body begins like is the one.
    pub(super) forms: &'static [&'static dyn Form],
}

/// Where the body begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    /// Behind the opening mark.
    Behind,
    /// With it: the mark is a part of the form.
    With,
}

/// How the markup ends, closing marks aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ends {
    /// A closing mark belongs to it.
    Marked,
    /// With its first value.
    WithValue,
    /// With the reply.
    WithReply,
}

const KIMI: Sections = Sections {
    call: &["<|tool_call_begin|>"],
    arguments: &["<|tool_call_argument_begin|>"],
    end: &["<|tool_call_end|>"],
};

const DEEPSEEK: Sections = Sections {
    call: &["<｜tool▁call▁begin｜>", "<｜tool_call_begin｜>"],
    arguments: &["<｜tool▁sep｜>", "<｜tool_sep｜>", "<｜tool▁call▁argument▁begin｜>"],
    end: &["<｜tool▁call▁end｜>", "<｜tool_call_end｜>"],
};

/// A message to a tool in Harmony. It is opened by its head, not by a mark
/// alone, so it stands beside the table.
pub(super) static HARMONY: Family = Family {
    openers: &["<|start|>", "<|channel|>"],
    closers: &["<|call|>", "<|end|>", "<|return|>"],
    body: Body::With,
    ends: Ends::WithReply,
    forms: &[&Harmony],
};

pub(super) static FAMILIES: &[Family] = &[
    // Hermes, Qwen, Granite 3.3 and most others; Qwen3-Coder and GLM in the same
    // mark with another form inside.
    Family {
        openers: &["<tool_call>", "<tool_calls>", "<toolcall>", "<function_call>"],
        closers: &["</tool_call>", "</tool_calls>", "</toolcall>", "</function_call>"],
        body: Body::Behind,
        ends: Ends::Marked,
        forms: &[&Json, &Xml, &Pythonic, &Glm],
    },
    // Seed, MiniMax, DeepSeek V3.2, and the older form of Anthropic.
    Family {
        openers: &[
            "<seed:tool_call>",
            "<minimax:tool_call>",
            "<｜DSML｜function_calls>",
            "<｜DSML｜tool_calls>",
            "<｜｜DSML｜｜tool_calls>",
            "<function_calls>",
            "<antml:function_calls>",
        ],
        closers: &[
            "</seed:tool_call>",
            "</minimax:tool_call>",
            "</｜DSML｜function_calls>",
            "</｜DSML｜tool_calls>",
            "</｜｜DSML｜｜tool_calls>",
            "</function_calls>",
            "</antml:function_calls>",
        ],
        body: Body::Behind,
        ends: Ends::Marked,
        forms: &[&Xml, &Json],
    },
    // The same without the outer mark, and Llama's own functions.
    Family {
        openers: &["<function=", "<function name=\""],
        closers: &["</function>"],
        body: Body::With,
        ends: Ends::Marked,
        forms: &[&Xml],
    },
    Family {
        openers: &["<invoke name=\"", "<｜DSML｜invoke name=\"", "<antml:invoke name=\""],
        closers: &["</invoke>", "</｜DSML｜invoke>", "</antml:invoke>"],
        body: Body::With,
        ends: Ends::Marked,
        forms: &[&Xml],
    },
    // Llama 3.
    Family {
        openers: &["<|python_tag|>"],
        closers: &["<|eom_id|>", "<|eot_id|>"],
        body: Body::Behind,
        ends: Ends::WithReply,
        forms: &[&Json, &Pythonic],
    },
    // Llama 4 and LFM2.
    Family {
        openers: &["<|python_start|>", "<|tool_call_start|>"],
        closers: &["<|python_end|>", "<|tool_call_end|>"],
        body: Body::Behind,
        ends: Ends::Marked,
        forms: &[&Pythonic, &Json],
    },
    Family {
        openers: &["[TOOL_CALLS]"],
        closers: &["[/TOOL_CALLS]"],
        body: Body::Behind,
        ends: Ends::WithValue,
        forms: &[&Json, &Mistral],
    },
    // Granite 3 and 4, Phi 4.
    Family {
        openers: &["<|tool_call|>"],
        closers: &["<|/tool_call|>", "<|end_of_text|>"],
        body: Body::Behind,
        ends: Ends::WithValue,
        forms: &[&Json],
    },
    // Command R.
    Family {
        openers: &["<|START_ACTION|>"],
        closers: &["<|END_ACTION|>"],
        body: Body::Behind,
        ends: Ends::Marked,
        forms: &[&Json],
    },
    Family {
        openers: &["<｜tool▁calls▁begin｜>", "<｜tool_calls_begin｜>"],
        closers: &["<｜tool▁calls▁end｜>", "<｜tool_calls_end｜>"],
        body: Body::Behind,
        ends: Ends::Marked,
        forms: &[&DEEPSEEK],
    },
    Family {
        openers: DEEPSEEK.call,
        closers: DEEPSEEK.end,
        body: Body::With,
        ends: Ends::Marked,
        forms: &[&DEEPSEEK],
    },
    Family {
        openers: &["<|tool_calls_section_begin|>"],
        closers: &["<|tool_calls_section_end|>"],
        body: Body::Behind,
        ends: Ends::Marked,
        forms: &[&KIMI],
    },
    Family {
        openers: KIMI.call,
        closers: KIMI.end,
        body: Body::With,
        ends: Ends::Marked,
        forms: &[&KIMI],
    },
];

/// Marks that say nothing to a person wherever they stand.
pub(super) static SILENT: &[&str] = &[
    "</tool_call>",
    "</tool_calls>",
    "<|end|>",
    "<|return|>",
    "<|call|>",
    "<|im_end|>",
    "<|eot_id|>",
    "<|eom_id|>",
    "<|end_of_text|>",
    "<|endoftext|>",
    "<｜end▁of▁sentence｜>",
    "<|python_end|>",
    "<|tool_call_end|>",
    "<|tool_calls_section_end|>",
    "<｜tool▁call▁end｜>",
    "<｜tool▁calls▁end｜>",
    "<|/tool_call|>",
    "<|END_ACTION|>",
    "<|START_RESPONSE|>",
    "<|END_RESPONSE|>",
    "[/TOOL_CALLS]",
];

/// How a mark compares with the beginning of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Match {
    /// It stands there.
    Full,
    /// The text is only its beginning.
    Partial,
    /// Something else stands there.
    No,
}

/// Compares; letters of either case are the same.
pub(super) fn compare(text: &str, mark: &str) -> Match {
    let length = text.len().min(mark.len());
    if !text.as_bytes()[..length].eq_ignore_ascii_case(&mark.as_bytes()[..length]) {
        Match::No
    } else if length == mark.len() {
        Match::Full
    } else {
        Match::Partial
    }
}

/// The first of several marks that the text begins with, and its length; or
/// whether it may yet come to begin with one.
pub(super) fn any_mark(text: &str, marks: &[&str]) -> Result<usize, Match> {
    let mut best = Match::No;
    for mark in marks {
        match compare(text, mark) {
            Match::Full => return Ok(mark.len()),
            Match::Partial => best = Match::Partial,
            Match::No => {}
        }
    }
    Err(best)
}

/// How much of a body is looked at to tell its form, in bytes.
const LOOK: usize = 512;

/// Which form of a family a body has. One that is not sure after a good look is
/// none.
pub(super) fn form_of(family: &'static Family, body: &str) -> Result<&'static dyn Form, Begins> {
    let over = body.len() > LOOK;
    let body = head(body, LOOK);
    let mut best = Begins::No;
    for form in family.forms {
        match form.begins(body) {
            Begins::Yes => return Ok(*form),
            // An earlier form goes first, once it is sure.
            Begins::Unsure if !over => best = Begins::Unsure,
            Begins::Unsure | Begins::No => {}
        }
    }
    Err(best)
}

/// The search for the end of a body that grows.
#[derive(Debug, Default)]
pub(super) struct Search {
    /// Looked at up to here.
    at: usize,
    quote: Option<u8>,
    escaped: bool,
    depth: usize,
    /// The first closing mark inside of quotes: the end after all, if a quote
    /// was forgotten.
    pub(super) hidden: Option<End>,
}

/// Where a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct End {
    /// The end of the body.
    pub(super) body: usize,
    /// The end of the mark behind it.
    pub(super) past: usize,
}

impl Search {
    /// A search that leaves out the beginning of the body.
    pub(super) fn behind(at: usize) -> Self {
        Self { at, ..Self::default() }
    }

    /// Goes on with the search; none while the end is not there.
    pub(super) fn end(&mut self, body: &str, family: &Family, lexing: Lexing) -> Option<End> {
        let bytes = body.as_bytes();
        while let Some(&byte) = bytes.get(self.at) {
            if matches!(byte, b'<' | b'[') {
                match self.mark(&body[self.at..], family, lexing) {
                    Ok(past) => {
                        let end = End { body: self.at, past: self.at + past };
                        if self.quote.is_none() {
                            return Some(end);
                        }
                        self.hidden = self.hidden.or(Some(end));
                    }
                    Err(Match::Partial) => return None,
                    Err(_) => {}
                }
            }
            self.at += 1;
            if self.lex(byte, lexing) && family.ends == Ends::WithValue {
                return Some(End { body: self.at, past: self.at });
            }
        }
        None
    }

    /// Whether a mark that ends the body stands here, and its length.
    fn mark(&self, text: &str, family: &Family, lexing: Lexing) -> Result<usize, Match> {
        let closer = any_mark(text, family.closers);
        let next = match lexing {
            // In the other forms it is a sign of a forgotten closing mark.
            Lexing::Text => Err(Match::No),
            _ if self.at == 0 || self.quote.is_some() => Err(Match::No),
            _ => any_mark(text, family.openers).map(|_| 0),
        };
        match (closer, next) {
            (Ok(past), _) => Ok(past),
            (Err(Match::Partial), Err(_)) | (Err(_), Err(Match::Partial)) => Err(Match::Partial),
            (Err(_), next) => next,
        }
    }

    /// Takes in a byte; says whether a value ended with it.
    fn lex(&mut self, byte: u8, lexing: Lexing) -> bool {
        if lexing == Lexing::Text {
            return false;
        }
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' if self.quote.is_some() => self.escaped = true,
            _ if self.quote == Some(byte) => self.quote = None,
            _ if self.quote.is_some() => {}
            b'"' => self.quote = Some(byte),
            b'\'' if lexing == Lexing::Python => self.quote = Some(byte),
            b'[' | b']' if lexing == Lexing::Braces => {}
            b'{' | b'[' | b'(' => self.depth += 1,
            b'}' | b']' | b')' => {
                self.depth = self.depth.saturating_sub(1);
                return self.depth == 0;
            }
            _ => {}
        }
        false
    }
}
