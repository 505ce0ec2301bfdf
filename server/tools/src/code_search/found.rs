//! The lines of one file that fit.

use std::io::{self, Read};

use grep_regex::{RegexMatcher, RegexMatcherBuilder};
use grep_searcher::{
    BinaryDetection, Searcher, SearcherBuilder, Sink, SinkContext, SinkFinish, SinkMatch,
};

use crate::{ToolError, text};

/// The longest pattern, in bytes.
const MAX_PATTERN: usize = 1024;

/// What a compiled pattern may take, in bytes.
const MAX_COMPILED: usize = 4 * 1024 * 1024;

/// The longest line that is looked at, in bytes: what the searcher may hold.
const MAX_LINE: usize = 1024 * 1024;

/// The longest line that is shown, in characters.
const SHOWN_LINE: usize = 300;

/// What is looked for.
pub(super) struct Pattern(RegexMatcher);

impl Pattern {
    /// Reads a regular expression.
    pub(super) fn read(pattern: &str, ignore_case: bool) -> Result<Self, ToolError> {
        if pattern.is_empty() || pattern.len() > MAX_PATTERN {
            let message = format!("`pattern` must have 1 to {MAX_PATTERN} bytes.");
            return Err(ToolError::input_invalid(message));
        }
        let built = RegexMatcherBuilder::new()
            .case_insensitive(ignore_case)
            .line_terminator(Some(b'\n'))
            .size_limit(MAX_COMPILED)
            .dfa_size_limit(MAX_COMPILED)
            .build(pattern);
        built.map(Self).map_err(|error| {
            let reason = text::shown(&error.to_string());
            ToolError::input_invalid(format!(
                "`pattern` is no regular expression for one line: {reason}. A bracket or a dot \
                 that is meant as such needs a backslash."
            ))
        })
    }
}

/// What reads files.
pub(super) fn searcher(context: usize) -> Searcher {
    SearcherBuilder::new()
        .line_number(true)
        .before_context(context)
        .after_context(context)
        .binary_detection(BinaryDetection::quit(0))
        .heap_limit(Some(MAX_LINE))
        .build()
}

/// What became of a file.
pub(super) struct Found {
    /// How many lines fit.
    pub(super) lines: usize,
    /// Whether it is no text.
    pub(super) is_binary: bool,
}

/// Searches one file, and adds the lines to what is shown, each after its
/// file's path and number; at most `lines` that fit, and at most so many bytes.
pub(super) fn lines(
    searcher: &mut Searcher,
    pattern: &Pattern,
    file: impl Read,
    path: &str,
    most: Most,
    shown: &mut String,
) -> io::Result<Found> {
    let begin = shown.len();
    let mut sink =
        Lines { path, most, shown, found: Found { lines: 0, is_binary: false }, is_apart: false };
    searcher.search_reader(&pattern.0, file, &mut sink)?;
    let found = sink.found;
    if found.is_binary {
        // What fitted before that was known is not shown either.
        shown.truncate(begin);
    }
    Ok(found)
}

/// The most that one file may add.
#[derive(Clone, Copy)]
pub(super) struct Most {
    /// Lines that fit.
    pub(super) lines: usize,
    /// Bytes of all that is shown.
    pub(super) shown: usize,
}

struct Lines<'a> {
    path: &'a str,
    most: Most,
    shown: &'a mut String,
    found: Found,
    /// Whether lines were left out since the last one.
    is_apart: bool,
}

impl Lines<'_> {
    /// Adds a line; grep's marks tell one that fits from one beside it.
    fn add(&mut self, number: Option<u64>, mark: char, bytes: &[u8]) {
        if std::mem::take(&mut self.is_apart) && !self.shown.is_empty() {
            self.shown.push_str("--\n");
        }
        let number = number.unwrap_or_default();
        let line = text::line(&String::from_utf8_lossy(bytes), SHOWN_LINE);
        self.shown.push_str(&format!("{}{mark}{number}{mark}{line}\n", self.path));
    }

    fn has_room(&self) -> bool {
        self.found.lines < self.most.lines && self.shown.len() < self.most.shown
    }
}

impl Sink for Lines<'_> {
    type Error = io::Error;

    fn matched(&mut self, _: &Searcher, found: &SinkMatch<'_>) -> io::Result<bool> {
        if !self.has_room() {
            return Ok(false);
        }
        self.found.lines += 1;
        self.add(found.line_number(), ':', found.bytes());
        Ok(true)
    }

    fn context(&mut self, _: &Searcher, found: &SinkContext<'_>) -> io::Result<bool> {
        self.add(found.line_number(), '-', found.bytes());
        Ok(true)
    }

    fn context_break(&mut self, _: &Searcher) -> io::Result<bool> {
        self.is_apart = true;
        Ok(true)
    }

    fn binary_data(&mut self, _: &Searcher, _: u64) -> io::Result<bool> {
        self.found.is_binary = true;
        Ok(false)
    }

    fn finish(&mut self, _: &Searcher, end: &SinkFinish) -> io::Result<()> {
        self.found.is_binary |= end.binary_byte_offset().is_some();
        Ok(())
    }
}
