//! Calls in plain JSON: on a line of their own, or in a block of code.
//!
//! Nothing marks these as calls but their shape, and answers have JSON in them
//! too. They count where all of this holds:
//!
//! - they are the whole reply, or stand at its end on lines of their own;
//! - every one names a tool and gives it arguments that fit, and nothing else
//!   stands in the object;
//! - a block of code is of no language, or of `json`, `xml`, or named for tools;
//! - the sentence before does not introduce a sample.
//!
//! What fails is text, as it came. Most other JSON fails with its first key and
//! is held no longer than that.

use super::code::Fence;
use super::family::{Body, Ends, Family, Match, Search, any_mark, form_of};
use super::forms::{Begins, Form, Json, Lexing, Pythonic, Wholeness, Written};
use super::markup;
use super::reader::{Ending, MAX_HELD, Reader, State, head};
use super::shape::{self, Company};
use super::tools::{Tools, fits};

/// Words behind a fence's marks that leave it open what the block is.
const INFOS: [&str; 9] =
    ["", "json", "jsonc", "json5", "xml", "tool", "tool_call", "tool_calls", "tool_code"];

/// How much of a block is looked at to tell early that it is none.
const LOOK: usize = 512;

/// A block that may be a call.
#[derive(Debug)]
pub(super) struct Block {
    /// The block of code around it, and where its first line ends.
    fence: Option<(Fence, usize)>,
    search: Search,
    /// Lines of a block of code that were looked at, in bytes.
    lines: usize,
}

/// For the search of the end of JSON that no marks are around.
static BARE: Family =
    Family { openers: &[], closers: &[], body: Body::With, ends: Ends::WithValue, forms: &[] };

impl Block {
    pub(super) fn bare() -> Self {
        Self { fence: None, search: Search::default(), lines: 0 }
    }

    pub(super) fn fenced(fence: Fence, begin: usize) -> Self {
        Self { fence: Some((fence, begin)), search: Search::default(), lines: begin }
    }
}

impl Reader {
    /// Whether a `{` or `[` in prose may begin a call.
    pub(super) fn block_may_begin(&self, rest: &str) -> bool {
        let own_line = self.parked.is_some() || self.at_line_start();
        own_line && self.may_count() && may_be_calls(rest, &self.tools)
    }

    /// Whether a block of code may be a call.
    pub(super) fn fence_may_hold_call(&self, info: &str) -> bool {
        let info = info.trim().to_ascii_lowercase();
        INFOS.contains(&info.as_str()) && self.may_count()
    }

    fn may_count(&self) -> bool {
        !self.explains && (self.parked.is_some() || !self.shown.introduces_sample())
    }

    /// Goes on with a block.
    pub(super) fn block(&mut self, rest: &str, ending: Ending) -> Option<usize> {
        let State::Block(block) = &mut self.state else { return None };
        let (begin, end) = match block.fence {
            None => {
                let lexing =
                    if Json.begins(rest) == Begins::No { Lexing::Python } else { Lexing::Json };
                let end = block.search.end(rest, &BARE, lexing).map(|end| (end.body, end.past));
                (0, end)
            }
            Some((fence, begin)) => (begin, closing_line(rest, fence, &mut block.lines, ending)),
        };
        let inside = &rest[begin..];
        let hopeless = !may_be_calls(head(inside, LOOK), &self.tools);
        let end = end.filter(|(_, past)| *past <= MAX_HELD && !hopeless);
        if let Some((end, past)) = end {
            let source = &rest[..past];
            self.state = State::Prose;
            match plain_calls(&rest[begin..end], &self.tools) {
                Some(calls) => {
                    self.park(calls, source);
                    return Some(past);
                }
                None => return Some(self.no_call(source, begin)),
            }
        }
        let over = rest.len() > MAX_HELD;
        if !hopeless && !over && ending == Ending::Open {
            return None;
        }
        self.state = State::Prose;
        if !hopeless {
            // Nothing in what is this long, or not all there, is a call of its own.
            self.explains = true;
        }
        match plain_calls(inside, &self.tools).filter(|_| !hopeless && !over) {
            Some(calls) => {
                self.park_unclosed(calls, rest, ending);
                Some(rest.len())
            }
            None => Some(self.no_call(rest, begin)),
        }
    }

    /// Shows as much of a block as is certainly text.
    fn no_call(&mut self, source: &str, begin: usize) -> usize {
        self.show(&source[..begin.max(1)]);
        if begin > 0 {
            let mark = source.trim_start().chars().next().unwrap_or('`');
            let length = source.len() - source.trim_start_matches(mark).len();
            self.state = State::Fence(Fence { mark, length });
        }
        begin.max(1)
    }

    /// A call at the end of the reply whose brackets are not all closed.
    fn park_unclosed(&mut self, calls: Vec<Written>, source: &str, ending: Ending) {
        if ending == Ending::Cut {
            self.confirm_parked();
            self.took_out();
            return;
        }
        let half = |call: Written| match call.state {
            Wholeness::Cut => call.broken_off(source),
            _ => call,
        };
        self.park(calls.into_iter().map(half).collect(), source);
    }
}

/// The line that closes a block of code: where the inside ends, and where the
/// line does.
fn closing_line(
    text: &str,
    fence: Fence,
    looked: &mut usize,
    ending: Ending,
) -> Option<(usize, usize)> {
    loop {
        let rest = &text[*looked..];
        let (line, whole) = match rest.split_once('\n') {
            Some((line, _)) => (line, true),
            None => (rest, false),
        };
        if (whole || ending != Ending::Open) && fence.is_closed_by(line) {
            return Some((*looked, *looked + line.len()));
        }
        if !whole {
            return None;
        }
        *looked += line.len() + 1;
    }
}

/// Whether a text may be calls, told by its beginning.
fn may_be_calls(text: &str, tools: &Tools) -> bool {
    let text = text.trim_start();
    let Some(first) = text.chars().next() else { return true };
    match first {
        '<' => !matches!(markup::opening(text), Err(Match::No)),
        '{' => may_be_json(text, tools),
        '[' if Json.begins(text) != Begins::No => may_be_json(text, tools),
        _ => match Pythonic.begins(text) {
            Begins::No => false,
            Begins::Unsure => text.len() < LOOK,
            Begins::Yes => {
                let name = text.trim_start_matches(['[', ' ', '\n']);
                let name = &name[..name.find('(').unwrap_or(name.len())];
                tools.find(name.strip_suffix(".call").unwrap_or(name)).is_some()
            }
        },
    }
}

fn may_be_json(text: &str, tools: &Tools) -> bool {
    let known = || {
        let name = shape::first_name(text);
        name.is_none_or(|name| tools.find(name).is_some())
    };
    shape::may_begin(text) && known()
}

/// The calls that a text is made of; none if anything else is in it.
fn plain_calls(text: &str, tools: &Tools) -> Option<Vec<Written>> {
    let text = text.trim();
    let calls = match text.chars().next()? {
        '<' => marked_calls(text, tools)?,
        _ => {
            let form: &dyn Form = if Json.begins(text) == Begins::Yes { &Json } else { &Pythonic };
            let reading = form.read(text, tools);
            text[reading.end..].trim().is_empty().then_some(reading.calls)?
        }
    };
    let meant = |call: &Written| {
        let arguments = serde_json::from_str(&call.arguments).ok();
        call.company == Company::Usual
            && tools
                .find(&call.name)
                .is_some_and(|tool| arguments.is_some_and(|arguments| fits(tool, &arguments)))
    };
    (!calls.is_empty() && calls.iter().all(meant)).then_some(calls)
}

/// Calls between marks, inside of a block of code.
fn marked_calls(text: &str, tools: &Tools) -> Option<Vec<Written>> {
    let mut calls = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (family, mark) = markup::opening(rest).ok()?.parts();
        let body = &rest[mark..];
        let form = form_of(family, body).ok()?;
        let end = Search::default().end(body, family, form.lexing())?;
        calls.extend(form.read(&body[..end.body], tools).calls);
        rest = body[end.past..].trim_start();
        if let Ok(length) = any_mark(rest, family.closers) {
            rest = rest[length..].trim_start();
        }
    }
    Some(calls)
}
