//! The machine that reads a reply as it comes.
//!
//! It is always in one [`State`]. Text that means only itself passes at once.
//! Where markup begins or may begin, the text from there on is held until that
//! is decided; what each state does with it is in the state's own file. How a
//! reply is cut into pieces changes nothing: a decision waits for what it needs.

use super::block::Block;
use super::code::Fence;
use super::family::{Family, Match, SILENT, any_mark};
use super::found::Found;
use super::markup::Markup;
use super::parked::Parked;
use super::shown::Shown;
use super::thinking::{Inner, More, Opening, Thinking, opening};
use super::tools::Tools;
use super::{family, markup};
use crate::{Delta, LlmError, ToolCall};

/// The most bytes that are held while it is open what they are.
pub(super) const MAX_HELD: usize = 64 << 10;

/// The most bytes of the reply as written that are kept.
const MAX_RAW: usize = 1 << 20;

/// The most bytes of space kept behind something taken out.
const MAX_GAP: usize = 256;

/// Bytes at which prose may stop being prose.
const MARKS: [bool; 256] = {
    let mut marks = [false; 256];
    marks[b'<' as usize] = true;
    marks[b'[' as usize] = true;
    marks[b'{' as usize] = true;
    marks[b'`' as usize] = true;
    marks[b'~' as usize] = true;
    marks
};

/// What the next text belongs to.
#[derive(Debug)]
pub(super) enum State {
    Prose,
    /// Code within a line, between so many backticks.
    Inline(usize),
    /// A block of code that is only that.
    Fence(Fence),
    Thinking(Thinking),
    /// JSON or a list of calls on a line of its own, or a block of code that may
    /// hold one.
    Block(Block),
    /// A call between marks.
    Markup(Markup),
    /// A call between marks that became too long, up to its end.
    Skipping(&'static Family),
}

/// How the text goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// There is more to come.
    Open,
    /// The model said everything.
    Whole,
    /// Something stopped the model: what is not complete was not meant so.
    Cut,
}

/// Reads one reply.
pub(super) struct Reader {
    pub(super) tools: Tools,
    pub(super) state: State,
    pub(super) found: Found,
    pub(super) shown: Shown,
    /// A call in plain JSON that stands at the end of what there is so far.
    pub(super) parked: Option<Parked>,
    /// Whether the reply turned out to talk about calls: one in plain JSON stood
    /// in the middle of it. Later ones are text too then, since a part of what
    /// is explained must not run.
    pub(super) explains: bool,
    /// Whether a block of thinking was opened.
    thought: bool,
    /// Text whose meaning is open.
    held: String,
    /// Space behind something that was taken out. It is shown only between two
    /// pieces of text that need it.
    gap: Option<String>,
    /// The reply as written.
    raw: String,
    /// Whether anything was taken out of it.
    altered: bool,
    out: Vec<Delta>,
    /// What ended the reading early.
    fault: Option<LlmError>,
}

impl Reader {
    pub(super) fn new(tools: Tools) -> Self {
        Self {
            tools,
            state: State::Prose,
            found: Found::default(),
            shown: Shown::default(),
            parked: None,
            explains: false,
            thought: false,
            held: String::new(),
            gap: None,
            raw: String::new(),
            altered: false,
            out: Vec::new(),
            fault: None,
        }
    }

    /// Takes in a piece of the reply. What is readable of it is given by
    /// [`Self::drain`].
    pub(super) fn push(&mut self, text: String) -> Result<(), LlmError> {
        if text.is_empty() {
            return Ok(());
        }
        self.keep_raw(&text);
        if self.held.is_empty() && self.passes(&text) {
            self.pass(text);
            return Ok(());
        }
        self.held.push_str(&text);
        self.run(Ending::Open);
        self.fault.take().map_or(Ok(()), Err)
    }

    /// Takes in a call that the provider marks as such.
    pub(super) fn native(&mut self, call: ToolCall) -> Result<(), LlmError> {
        let Some(before) = self.found.native(call, &self.tools)? else { return Ok(()) };
        // What was mended is to be readable afterwards as it came.
        self.altered = true;
        for part in
            [if self.raw.is_empty() { "" } else { "\n" }, &before.tool, " ", &before.arguments]
        {
            self.keep_raw(part);
        }
        Ok(())
    }

    /// Takes in the end. What is still held is decided now.
    pub(super) fn finish(&mut self, ending: Ending) -> Result<(), LlmError> {
        self.run(ending);
        self.confirm_parked();
        self.fault.take().map_or(Ok(()), Err)
    }

    /// What can be given on so far.
    pub(super) fn drain(&mut self) -> std::vec::Drain<'_, Delta> {
        self.out.drain(..)
    }

    /// The reply as written, if a person is shown something else.
    pub(super) fn raw(&mut self) -> Option<String> {
        self.altered.then(|| std::mem::take(&mut self.raw))
    }

    /// How many bytes are held.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        let parked = self.parked.as_ref().map_or(0, |parked| parked.source.len());
        self.held.len() + parked + self.gap.as_ref().map_or(0, String::len)
    }

    /// Whether a text means only itself, so that it can go on as it is.
    fn passes(&self, text: &str) -> bool {
        let without = |marks: &[u8]| !text.bytes().any(|byte| marks.contains(&byte));
        match self.state {
            State::Thinking(_) => without(b"<["),
            _ if self.gap.is_some() || self.parked.is_some() => false,
            State::Prose => !text.bytes().any(|byte| MARKS[usize::from(byte)]),
            State::Fence(_) => without(b"`~"),
            _ => false,
        }
    }

    fn pass(&mut self, text: String) {
        if let State::Thinking(thinking) = &mut self.state {
            thinking.after_tick = text.ends_with('`');
            self.out.push(Delta::Thinking(text));
        } else {
            self.shown.add(&text);
            self.out.push(Delta::Text(text));
        }
    }

    fn run(&mut self, ending: Ending) {
        let held = std::mem::take(&mut self.held);
        let mut at = 0;
        while at < held.len() && self.fault.is_none() {
            let rest = &held[at..];
            let taken = match &self.state {
                State::Prose => self.prose(rest, ending),
                State::Inline(_) => self.inline(rest, ending),
                State::Fence(_) => self.fence(rest, ending),
                State::Thinking(_) => self.thinking(rest, ending),
                State::Block(_) => self.block(rest, ending),
                State::Markup(_) => self.markup(rest, ending),
                State::Skipping(family) => self.skip(family, rest, ending),
            };
            let Some(taken) = taken else { break };
            at += taken;
        }
        self.held = held;
        self.held.drain(..at);
    }

    /// A piece of prose up to where it may stop being prose.
    fn prose(&mut self, rest: &str, ending: Ending) -> Option<usize> {
        let mark = rest.bytes().position(|byte| MARKS[usize::from(byte)]).unwrap_or(rest.len());
        if mark > 0 {
            self.show(&rest[..mark]);
            return Some(mark);
        }
        let found = match rest.as_bytes().first() {
            Some(b'<' | b'[') => self.any_markup(rest),
            Some(b'{') => Err(Match::No),
            _ => return self.ticks(rest, ending),
        };
        match found {
            Ok(taken) => Some(taken),
            Err(Match::Partial) if ending == Ending::Open => None,
            Err(_) if self.block_may_begin(rest) => {
                self.state = State::Block(Block::bare());
                Some(0)
            }
            Err(_) => {
                self.show(&rest[..1]);
                Some(1)
            }
        }
    }

    /// A mark of calls, of thinking, or without meaning.
    fn any_markup(&mut self, rest: &str) -> Result<usize, Match> {
        let mut partial = false;
        match markup::opening(rest) {
            Ok(markup) => {
                self.state = State::Markup(markup);
                return Ok(0);
            }
            Err(found) => partial |= found == Match::Partial,
        }
        match opening(rest) {
            Ok((opening, length)) => {
                self.open(opening);
                return Ok(length);
            }
            Err(found) => partial |= found == Match::Partial,
        }
        // Closing marks of a family say nothing right behind its calls.
        let behind = self.gap.is_some() || self.parked.is_some();
        let closers = family::FAMILIES.iter().filter(|_| behind).map(|family| family.closers);
        for marks in closers.chain([SILENT]) {
            match any_mark(rest, marks) {
                Ok(length) => {
                    self.took_out();
                    return Ok(length);
                }
                Err(found) => partial |= found == Match::Partial,
            }
        }
        Err(if partial { Match::Partial } else { Match::No })
    }

    fn open(&mut self, opening: Opening) {
        match opening {
            Opening::Block(thinking) => {
                self.thought = true;
                self.state = State::Thinking(thinking);
            }
            Opening::ToTool(head) => self.state = State::Markup(Markup::message(head)),
            Opening::Silent => {}
            // The model's template opened the block. What was shown is shown;
            // the calls in it were drafts.
            Opening::Stray if !self.thought => {
                self.thought = true;
                self.found.were_drafts();
                if let Some(parked) = self.parked.take() {
                    self.think(&parked.source);
                }
            }
            Opening::Stray => {}
        }
        self.took_out();
    }

    fn thinking(&mut self, rest: &str, ending: Ending) -> Option<usize> {
        let State::Thinking(thinking) = &mut self.state else { return None };
        let more = if ending == Ending::Open { More::Comes } else { More::None };
        let mark = rest.find(['<', '[']).unwrap_or(rest.len());
        let text = if mark > 0 {
            mark
        } else {
            match thinking.inner(rest, more) {
                Inner::Text(bytes) => bytes,
                Inner::Silent(bytes) => return Some(bytes),
                Inner::Wait => return None,
                Inner::End(bytes) => {
                    self.state = State::Prose;
                    self.took_out();
                    return Some(bytes);
                }
            }
        };
        thinking.after_tick = rest[..text].ends_with('`');
        self.think(&rest[..text]);
        Some(text)
    }

    /// Something was taken out of the text here.
    pub(super) fn took_out(&mut self) {
        self.altered = true;
        self.gap.get_or_insert_default();
    }

    /// Stops the reading.
    pub(super) fn fail(&mut self, fault: LlmError) {
        self.fault = Some(fault);
    }

    /// Whether the line so far is empty.
    pub(super) fn at_line_start(&self) -> bool {
        let blank = |text: &str| text.chars().all(char::is_whitespace);
        self.gap.as_ref().is_some_and(|gap| gap.contains('\n')) || blank(self.shown.line())
    }

    /// Shows text, unless it is only space that may have to go.
    pub(super) fn show(&mut self, text: &str) {
        if let Some(parked) = &mut self.parked {
            if parked.absorbs(text) {
                return;
            }
            self.release_parked();
        }
        let Some(gap) = &mut self.gap else { return self.emit(text) };
        let solid = text.trim_start();
        for c in text[..text.len() - solid.len()].chars() {
            if gap.len() < MAX_GAP {
                gap.push(c);
            }
        }
        if solid.is_empty() {
            return;
        }
        let gap = self.gap.take().unwrap_or_default();
        if self.shown.any() && !self.shown.ends_in_space() {
            self.emit(&gap);
        }
        self.emit(solid);
    }

    fn emit(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.shown.add(text);
        match self.out.last_mut() {
            Some(Delta::Text(last)) => last.push_str(text),
            _ => self.out.push(Delta::Text(text.to_owned())),
        }
    }

    fn think(&mut self, text: &str) {
        match self.out.last_mut() {
            Some(Delta::Thinking(last)) => last.push_str(text),
            _ => self.out.push(Delta::Thinking(text.to_owned())),
        }
    }

    fn keep_raw(&mut self, text: &str) {
        self.raw.push_str(head(text, MAX_RAW - self.raw.len()));
    }
}

/// The beginning of a text, at most so many bytes long.
pub(super) fn head(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

    use super::*;

    /// A piece of a reply, in bytes.
    const PIECE: usize = 97;

    #[test]
    fn what_is_held_stays_within_its_bound() {
        let call = "{\"name\":\"a\",\"arguments\":{}}\n";
        for (begin, part) in [
            ("", "<"),
            ("", "`"),
            ("", "~"),
            ("", "\n{"),
            ("", "{\"name\":"),
            ("", "{\"name\":\n"),
            ("", "["),
            ("", " "),
            ("", "\n```\n"),
            ("", "\n```json\n{\"name\":\"a\""),
            ("", "<think "),
            ("", "<|channel|>"),
            ("", "[a("),
            ("", call),
            (call, " "),
            (call, ";"),
            ("```json\n", "{\"name\":\"a\",\n"),
            ("<think>", "<"),
            ("<think>", "`</"),
            ("<think></think>", "\n"),
            ("<tool_call>", " "),
            ("<tool_call>", "x"),
            ("<tool_call>{\"name\":\"", "x"),
            ("<tool_call>{\"", "</tool_call>"),
            ("<|tool_calls_section_begin|>", "<|tool_call_begin|>"),
            ("[TOOL_CALLS]a", "{"),
            ("<function=a>", "<parameter=a>"),
        ] {
            let tool = crate::ToolSpec {
                name: "a".to_owned(),
                description: String::new(),
                parameters: serde_json::json!({}),
            };
            let mut reader = Reader::new(Tools::new([tool].into()));
            let reply = format!("{begin}{}", part.repeat((140 << 10) / part.len()));
            for piece in reply.as_bytes().chunks(PIECE) {
                let read = reader.push(std::str::from_utf8(piece).unwrap().to_owned());
                reader.drain();
                if read.is_err() {
                    break;
                }
                let most = 2 * MAX_HELD + MAX_GAP + PIECE;
                assert!(reader.held() <= most, "{begin}{part}: {}", reader.held());
            }
            let _ = reader.finish(Ending::Whole);
        }
    }
}
