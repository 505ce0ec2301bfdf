//! From chunks of bytes to the data of events: server-sent ones, or one JSON
//! document on each line.
//!
//! A chunk may end inside a character, a word or a line end, so bytes are kept
//! until their line is whole, and only then read as text.

use std::mem;

use crate::LlmError;

/// The longest line, and the most data of one event, in bytes. The last event of
/// some forms repeats the whole answer.
const MAX_LINE: usize = 4 << 20;

/// How a stream is cut into events.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Framing {
    /// Server-sent events. Only `data` counts: comments, event names, ids and
    /// reconnection times are read over.
    #[default]
    Events,
    /// Every line is an event.
    Lines,
}

/// Reads a stream of events.
#[derive(Debug, Default)]
pub(super) struct Frames {
    framing: Framing,
    line: Vec<u8>,
    /// The data of the event that is still open, its lines joined.
    data: Option<String>,
    /// The chunk before ended in CR, so that an LF at once belongs to it.
    after_cr: bool,
    past_first_line: bool,
}

impl Frames {
    pub(super) fn new(framing: Framing) -> Self {
        Self { framing, ..Self::default() }
    }

    /// Takes in a chunk and appends the data of every event that it completes.
    /// What was complete before an error is appended all the same.
    pub(super) fn push(&mut self, chunk: &[u8], out: &mut Vec<String>) -> Result<(), LlmError> {
        let mut rest = chunk;
        if self.after_cr && !rest.is_empty() {
            self.after_cr = false;
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        }
        while let Some(end) = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')) {
            let (line, tail) = rest.split_at(end);
            self.grow(line)?;
            rest = match tail {
                [b'\r', b'\n', after @ ..] => after,
                [b'\r'] => {
                    self.after_cr = true;
                    &[]
                }
                _ => &tail[1..],
            };
            out.extend(self.end_line()?);
        }
        self.grow(rest)
    }

    /// The end of the stream. A last event that lacks its blank line is given
    /// all the same: whether it is whole shows when it is read.
    pub(super) fn finish(&mut self) -> Result<Option<String>, LlmError> {
        let last = if self.line.is_empty() { None } else { self.end_line()? };
        Ok(last.or_else(|| self.data.take()))
    }

    fn grow(&mut self, bytes: &[u8]) -> Result<(), LlmError> {
        if self.line.len() + bytes.len() > MAX_LINE {
            return Err(LlmError::Format(format!("a line is over {MAX_LINE} bytes")));
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    /// Reads the line that is whole now; a blank one ends an event.
    fn end_line(&mut self) -> Result<Option<String>, LlmError> {
        let bytes = mem::take(&mut self.line);
        let mut line = str::from_utf8(&bytes)
            .map_err(|_| LlmError::Format("a line is not UTF-8".to_owned()))?;
        if !mem::replace(&mut self.past_first_line, true) {
            line = line.strip_prefix('\u{feff}').unwrap_or(line);
        }
        if self.framing == Framing::Lines {
            return Ok(Some(line.to_owned()).filter(|line| !line.trim().is_empty()));
        }
        if line.is_empty() {
            return Ok(self.data.take());
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        if field == "data" {
            self.add(value.strip_prefix(' ').unwrap_or(value))?;
        }
        Ok(None)
    }

    fn add(&mut self, value: &str) -> Result<(), LlmError> {
        match &mut self.data {
            None => self.data = Some(value.to_owned()),
            Some(data) if data.len() + value.len() < MAX_LINE => {
                data.push('\n');
                data.push_str(value);
            }
            Some(_) => {
                return Err(LlmError::Format(format!("an event is over {MAX_LINE} bytes")));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<String> {
        let mut events = Frames::default();
        let mut out = Vec::new();
        for chunk in chunks {
            events.push(chunk, &mut out).unwrap();
        }
        out.extend(events.finish().unwrap());
        out
    }

    #[test]
    fn characters_split_over_chunks_stay_whole() {
        let body = "data: 那🙂é\r\n\r\ndata: é🙂那\n\n".as_bytes();
        assert_eq!(read(body.chunks(1)), ["那🙂é", "é🙂那"]);
        assert_eq!(read([body]), ["那🙂é", "é🙂那"]);
    }

    #[test]
    fn every_line_end_counts_however_it_is_cut() {
        for body in
            ["data: a\n\ndata: b\n\n", "data: a\r\rdata: b\r\r", "data: a\r\n\r\ndata: b\r\n\r\n"]
        {
            let body = body.as_bytes();
            for at in 0..=body.len() {
                let (one, two) = body.split_at(at);
                assert_eq!(read([one, &[], two]), ["a", "b"], "cut at {at}");
            }
        }
    }

    #[test]
    fn an_event_comes_with_its_blank_line_and_not_later() {
        let mut events = Frames::default();
        let mut out = Vec::new();
        events.push(b"da", &mut out).unwrap();
        events.push(b"ta:x\r\n", &mut out).unwrap();
        assert!(out.is_empty());
        events.push(b"\r", &mut out).unwrap();
        assert_eq!(out, ["x"]);
        events.push(b"\ndata: y\n\n", &mut out).unwrap();
        assert_eq!(out, ["x", "y"]);
    }

    #[test]
    fn data_lines_join_and_the_rest_is_read_over() {
        let body = "\u{feff}: hello\nevent: delta\nid: 7\ndata: one\ndata:two\ndata\nretry: 10\n\n\n: ping\n\n";
        assert_eq!(read([body.as_bytes()]), ["one\ntwo\n"]);
    }

    #[test]
    fn a_last_event_needs_no_blank_line() {
        assert_eq!(read([b"data: [DONE]".as_slice()]), ["[DONE]"]);
        assert_eq!(read([b"data: [DONE]\n".as_slice()]), ["[DONE]"]);
        assert!(read([b": bye".as_slice()]).is_empty());
    }

    #[test]
    fn a_line_can_be_an_event_by_itself() {
        let body = "{\"a\":\"那🙂\"}\r\n\n{\"b\":1}\n{\"c\":2}".as_bytes();
        for size in 1..body.len() {
            let mut frames = Frames::new(Framing::Lines);
            let mut out = Vec::new();
            for chunk in body.chunks(size) {
                frames.push(chunk, &mut out).unwrap();
            }
            out.extend(frames.finish().unwrap());
            assert_eq!(out, ["{\"a\":\"那🙂\"}", "{\"b\":1}", "{\"c\":2}"]);
        }
    }

    #[test]
    fn lines_and_events_are_bounded() {
        let mut events = Frames::default();
        let mut out = Vec::new();
        events.push(b"data: kept\n\ndata: ", &mut out).unwrap();
        let error = events.push(&vec![b'x'; MAX_LINE], &mut out).unwrap_err();
        assert!(matches!(error, LlmError::Format(_)));
        assert_eq!(out, ["kept"]);

        let mut events = Frames::default();
        let line = format!("data: {}\n", "x".repeat(MAX_LINE / 2));
        events.push(line.as_bytes(), &mut out).unwrap();
        assert!(events.push(line.as_bytes(), &mut out).is_err());
    }

    #[test]
    fn bytes_that_are_no_text_are_an_error() {
        let mut out = Vec::new();
        let error = Frames::default().push(b"data: \xff\n", &mut out).unwrap_err();
        assert!(matches!(error, LlmError::Format(_)));
    }
}
