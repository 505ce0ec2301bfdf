//! The hunks of a unified diff, as text.

use std::iter::Peekable;
use std::str::Lines;

/// The most hunks of one patch.
const MAX_HUNKS: usize = 200;

/// One place of a patch.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Hunk {
    /// Where it says that it begins in the old file, counted from 0.
    pub(super) start: Option<usize>,
    pub(super) old: Vec<String>,
    pub(super) new: Vec<String>,
    /// Whether its last old, and its last new line, end without a line end.
    pub(super) old_is_open: bool,
    pub(super) new_is_open: bool,
}

/// What the line that begins a hunk says: where it begins, and how many lines it
/// has.
#[derive(Clone, Copy)]
struct Heading {
    start: usize,
    old: usize,
    new: usize,
}

/// Reads the hunks of a patch of one file, or says what is wrong.
pub(super) fn read(patch: &str) -> Result<Vec<Hunk>, String> {
    let mut hunks = Vec::new();
    let mut lines = patch.lines().peekable();
    while let Some(line) = lines.next() {
        if let Some(heading) = line.strip_prefix("@@") {
            let number = hunks.len() + 1;
            let hunk = hunk(heading, &mut lines);
            hunks.push(hunk.map_err(|reason| format!("Hunk {number}: {reason}"))?);
        } else if line.starts_with("--- ") && !hunks.is_empty() {
            return Err("The patch is about several files. Give one for each.".to_owned());
        }
        if hunks.len() > MAX_HUNKS {
            return Err(format!("The patch has more than {MAX_HUNKS} hunks."));
        }
    }
    if hunks.is_empty() {
        return Err("The patch has no hunk: no line begins with `@@`.".to_owned());
    }
    Ok(hunks)
}

/// Reads one hunk. How many lines it has is said twice, so one that was cut off
/// is known; a bare `@@` says nothing and goes as far as the next.
fn hunk(heading: &str, lines: &mut Peekable<Lines<'_>>) -> Result<Hunk, String> {
    let heading = Heading::read(heading)?;
    let mut hunk = Hunk { start: heading.map(|heading| heading.start), ..Hunk::default() };
    let (mut last, mut empty) = (' ', 0);
    loop {
        let is_full =
            heading.is_some_and(|says| hunk.old.len() >= says.old && hunk.new.len() >= says.new);
        let belongs = |line: &&str| {
            line.starts_with('\\')
                || !is_full && !line.starts_with("@@") && !line.starts_with("```")
        };
        let Some(line) = lines.next_if(belongs) else { break };
        if line.starts_with('\\') {
            hunk.old_is_open = last != '+';
            hunk.new_is_open = last != '-';
            continue;
        }
        empty = if line.is_empty() { empty + 1 } else { 0 };
        last = hunk.take(line)?;
    }
    let Some(says) = heading else {
        // Empty lines at the end belong to the message, not to the hunk.
        hunk.old.truncate(hunk.old.len() - empty);
        hunk.new.truncate(hunk.new.len() - empty);
        return Ok(hunk);
    };
    let is_more = |line: &&str| line.starts_with([' ', '+', '-']) && !line.starts_with("--- ");
    if lines.peek().is_some_and(is_more) {
        return Err("It has more lines than its `@@` line says.".to_owned());
    }
    let (old, new) = (hunk.old.len(), hunk.new.len());
    if (old, new) != (says.old, says.new) {
        return Err(format!(
            "It is not whole: its `@@` line says {} old and {} new lines, it has {old} and {new}.",
            says.old, says.new
        ));
    }
    Ok(hunk)
}

impl Heading {
    /// Reads what stands behind `@@`; none, where there are no numbers.
    fn read(text: &str) -> Result<Option<Self>, String> {
        let Some(ranges) = text.trim_start().strip_prefix('-') else { return Ok(None) };
        let read = || {
            let (ranges, _) = ranges.split_once("@@")?;
            let (old, new) = ranges.trim().split_once(" +")?;
            let ((from, old), (_, new)) = (range(old)?, range(new)?);
            // An empty stretch is named by the line before it.
            let start = if old == 0 { from } else { from.checked_sub(1)? };
            Some(Self { start, old, new })
        };
        read().map(Some).ok_or_else(|| "Its line `@@ -a,b +c,d @@` is malformed.".to_owned())
    }
}

fn range(text: &str) -> Option<(usize, usize)> {
    match text.split_once(',') {
        Some((start, count)) => Some((start.parse().ok()?, count.parse().ok()?)),
        None => Some((text.parse().ok()?, 1)),
    }
}

impl Hunk {
    /// Takes in a line; gives its sign. Many writers drop the space of an empty
    /// line.
    fn take(&mut self, line: &str) -> Result<char, String> {
        let sign = line.chars().next().unwrap_or(' ');
        let rest = line.strip_prefix(sign).unwrap_or_default().to_owned();
        match sign {
            ' ' => {
                self.old.push(rest.clone());
                self.new.push(rest);
            }
            '-' => self.old.push(rest),
            '+' => self.new.push(rest),
            _ => return Err("A line begins with none of space, + and -.".to_owned()),
        }
        Ok(sign)
    }
}
