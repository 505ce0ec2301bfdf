//! Code in a reply, in which nothing is markup.
//!
//! Code within a line ends with as many backticks as it began with, at the
//! latest with the line: a backtick that stands alone harms one line only.

use super::block::Block;
use super::reader::{Ending, Reader, State, head};

/// The longest line after a fence's marks that is waited for, in bytes.
const MAX_INFO: usize = 32;

/// The most marks in a row that are waited for.
const MAX_RUN: usize = 64;

/// A block of code.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fence {
    /// Backtick or tilde.
    pub(super) mark: char,
    /// How many of them opened it.
    pub(super) length: usize,
}

impl Fence {
    /// Whether a line closes the block.
    pub(super) fn is_closed_by(&self, line: &str) -> bool {
        let line = line.trim_start_matches(|c: char| c.is_whitespace() || c == '>');
        let rest = line.trim_start_matches(self.mark);
        line.len() - rest.len() >= self.length && rest.trim().is_empty()
    }
}

impl Reader {
    /// Backticks or tildes in prose.
    pub(super) fn ticks(&mut self, rest: &str, ending: Ending) -> Option<usize> {
        let mark = if rest.starts_with('`') { '`' } else { '~' };
        let length = run(rest, mark);
        let open = ending == Ending::Open;
        if open && length == rest.len() && length < MAX_RUN {
            return None;
        }
        let line_may_hold_fence =
            self.shown.line().chars().all(|c| c.is_whitespace() || ">-*+.)0123456789".contains(c));
        if length >= 3 && (line_may_hold_fence || self.at_line_start()) {
            let line = head(&rest[length..], MAX_INFO);
            let info = line.split_once('\n').map(|(info, _)| info);
            if info.is_none() && open && rest.len() - length < MAX_INFO {
                return None;
            }
            if mark == '~' || !info.unwrap_or(line).contains('`') {
                let fence = Fence { mark, length };
                if let Some(info) = info.filter(|info| self.fence_may_hold_call(info)) {
                    self.state = State::Block(Block::fenced(fence, length + info.len() + 1));
                    return Some(0);
                }
                self.show(&rest[..length]);
                self.state = State::Fence(fence);
                return Some(length);
            }
        }
        self.show(&rest[..length]);
        if mark == '`' {
            self.state = State::Inline(length);
        }
        Some(length)
    }

    /// Code within a line.
    pub(super) fn inline(&mut self, rest: &str, ending: Ending) -> Option<usize> {
        let State::Inline(ticks) = self.state else { return None };
        let at = rest.find(['`', '\n']).unwrap_or(rest.len());
        let length = run(&rest[at..], '`');
        if rest[at..].starts_with('\n') {
            self.state = State::Prose;
            self.show(&rest[..at]);
            return Some(at);
        }
        let run_may_grow = ending == Ending::Open && at + length == rest.len() && length < MAX_RUN;
        if length > 0 && run_may_grow {
            self.show(&rest[..at]);
            return (at > 0).then_some(at);
        }
        if length == ticks {
            self.state = State::Prose;
        }
        self.show(&rest[..at + length]);
        Some(at + length)
    }

    /// A block of code.
    pub(super) fn fence(&mut self, rest: &str, ending: Ending) -> Option<usize> {
        let State::Fence(fence) = self.state else { return None };
        let at = rest.find(fence.mark).unwrap_or(rest.len());
        if at > 0 {
            self.show(&rest[..at]);
            return Some(at);
        }
        let length = run(rest, fence.mark);
        let line = head(rest.split('\n').next().unwrap_or(rest), MAX_RUN);
        let blank = self.shown.line().chars().all(|c| c.is_whitespace() || c == '>');
        let line_may_grow = ending == Ending::Open && line.len() == rest.len();
        let only_space = line.get(length..).is_some_and(|after| after.trim().is_empty());
        if blank && only_space && line_may_grow && line.len() < MAX_RUN {
            return None;
        }
        if blank && fence.is_closed_by(line) {
            self.state = State::Prose;
            self.show(line);
            return Some(line.len());
        }
        self.show(&rest[..length]);
        Some(length)
    }
}

/// How many of a mark stand at the beginning, up to [`MAX_RUN`].
fn run(text: &str, mark: char) -> usize {
    let run = text.len() - text.trim_start_matches(mark).len();
    run.min(MAX_RUN)
}
