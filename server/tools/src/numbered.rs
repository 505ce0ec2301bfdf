//! Lines of a file, with their numbers.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader};

use cap_std::fs::Dir;

use crate::file::{open_regular, refusal};
use crate::fs_read::no_text;
use crate::room_path::RoomPath;
use crate::{MAX_CONTENT, Output, ToolError, text};

/// The largest file whose lines are counted, in bytes.
const MAX_COUNTED: u64 = 256 * 1024 * 1024;

/// What a number in front of a line may take, in bytes.
const NUMBER: usize = 10;

/// Which lines are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lines {
    /// From one to another, both included, counted from 1.
    Range { start: u64, end: u64 },
    /// So many at the end.
    Last(u64),
}

/// Reads lines. `limit` is the most that they may take, in bytes.
pub(crate) fn read(
    workspace: &Dir,
    path: &RoomPath,
    wanted: Lines,
    limit: Option<u64>,
) -> Result<Output, ToolError> {
    let (file, metadata) = open_regular(workspace, path)?;
    let size = metadata.len();
    if size > MAX_COUNTED {
        let message = format!(
            "`{}` has {size} bytes, too many to count its lines. Read it by offset_bytes.",
            path.shown()
        );
        return Err(ToolError::input_invalid(message));
    }
    let limit = limit.map_or(MAX_CONTENT, |limit| limit as usize);
    let found = find(&mut BufReader::with_capacity(64 * 1024, file), wanted, limit);
    let found = found.map_err(|error| refusal(path, &error))?;
    let mut content = String::new();
    for line in &found.lines {
        let Some(text) = line.text() else { return Err(no_text(path, size)) };
        content.push_str(&format!("{}\t{}\n", line.number, text.trim_end_matches(['\n', '\r'])));
    }
    Ok(told(path, wanted, &found, content))
}

fn told(path: &RoomPath, wanted: Lines, found: &Found, content: String) -> Output {
    let count = text::count(found.lines.len() as u64, "line");
    let mut output = Output::new(&format!("read {}: {count}", path.shown()), content);
    let (first, last) = (found.lines.front(), found.lines.back());
    if let Some(cut) = found.lines.iter().find(|line| line.is_cut) {
        let kept = text::count(cut.bytes.len() as u64, "byte");
        output = output.note(&format!("of line {} only the first {kept} are shown", cut.number));
        output.truncated = true;
    }
    match (wanted, last, found.end) {
        (_, None, _) if found.seen == 0 => output = output.note("the file is empty"),
        (Lines::Range { start, .. }, None, _) => {
            let all = text::count(found.seen, "line");
            output = output.note(&format!("there is no line {start}: the file has {all}"));
        }
        (Lines::Range { end, .. }, Some(last), End::Limit) if last.number < end => {
            let next = last.number + 1;
            output = output.note(&format!("more lines follow: go on with start_line {next}"));
            output.truncated = true;
        }
        (Lines::Range { .. }, Some(last), End::File) => {
            output = output.note(&format!("line {} is the last", last.number));
        }
        (Lines::Last(asked), Some(_), _)
            if asked > found.lines.len() as u64 && first.is_some_and(|line| line.number > 1) =>
        {
            output = output.note("lines before these did not fit");
            output.truncated = true;
        }
        _ => {}
    }
    output
}

/// A line, at most as long as the limit.
#[derive(Debug)]
struct Line {
    number: u64,
    bytes: Vec<u8>,
    is_cut: bool,
}

impl Line {
    /// Its text, if it is one. What was cut may have been cut in a character.
    fn text(&self) -> Option<&str> {
        if self.bytes.contains(&0) {
            return None;
        }
        match std::str::from_utf8(&self.bytes) {
            Ok(text) => Some(text),
            Err(error) if self.is_cut && error.error_len().is_none() => {
                std::str::from_utf8(&self.bytes[..error.valid_up_to()]).ok()
            }
            Err(_) => None,
        }
    }
}

/// What was found.
struct Found {
    lines: VecDeque<Line>,
    /// How many lines were come by.
    seen: u64,
    end: End,
}

/// What ended the search.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// The file's end.
    File,
    /// The last line that was wanted, or the limit.
    Limit,
}

fn find(file: &mut impl BufRead, wanted: Lines, limit: usize) -> io::Result<Found> {
    let mut found = Found { lines: VecDeque::new(), seen: 0, end: End::File };
    let mut size = 0;
    while let Some((bytes, is_cut)) = next_line(file, limit)? {
        let line = Line { number: found.seen + 1, bytes, is_cut };
        let takes = line.bytes.len() + NUMBER;
        match wanted {
            Lines::Range { start, .. } if line.number < start => {}
            Lines::Range { end, .. } => {
                if line.number > end || size + takes > limit && !found.lines.is_empty() {
                    found.end = End::Limit;
                    return Ok(found);
                }
                size += takes;
                found.lines.push_back(line);
            }
            Lines::Last(count) => {
                size += takes;
                found.lines.push_back(line);
                while found.lines.len() as u64 > count || size > limit && found.lines.len() > 1 {
                    size -= found.lines.pop_front().map_or(0, |line| line.bytes.len() + NUMBER);
                }
            }
        }
        found.seen += 1;
    }
    Ok(found)
}

/// The next line with its end, and whether it was longer than the limit.
fn next_line(file: &mut impl BufRead, limit: usize) -> io::Result<Option<(Vec<u8>, bool)>> {
    let (mut line, mut is_cut, mut is_any) = (Vec::new(), false, false);
    loop {
        let buffer = match file.fill_buf() {
            Ok(buffer) => buffer,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if buffer.is_empty() {
            return Ok(is_any.then_some((line, is_cut)));
        }
        is_any = true;
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(buffer.len(), |end| end + 1);
        let kept = taken.min(limit - line.len());
        line.extend_from_slice(&buffer[..kept]);
        is_cut |= kept < taken;
        file.consume(taken);
        if end.is_some() {
            return Ok(Some((line, is_cut)));
        }
    }
}
