//! A search through folders.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use cap_std::fs::Dir;
use grep_searcher::Searcher;

use super::found::{self, Most, Pattern};
use super::ignored::{Ignored, Kind};
use crate::file::open_regular;
use crate::fs_list::is_hidden;
use crate::glob::Glob;
use crate::room_path::RoomPath;
use crate::walk::{Entry, Step, Visitor, open_file, walk};
use crate::{MAX_CONTENT, Output, text};

/// The most of one file that is read, in bytes.
const MAX_FILE: u64 = 16 * 1024 * 1024;

/// The most of all files that is read, in bytes.
const MAX_READ: u64 = 512 * 1024 * 1024;

/// The most entries that one search comes by.
const MAX_SEEN: usize = 200_000;

/// How long a search may take.
const MAX_TIME: Duration = Duration::from_secs(20);

/// What may be shown before the search ends, in bytes; the last lines come on
/// top.
const MAX_SHOWN: usize = MAX_CONTENT - 8 * 1024;

/// What a call asks for, beside the pattern.
pub(super) struct Wanted {
    pub(super) glob: Option<Glob>,
    pub(super) context: usize,
    pub(super) results: usize,
    pub(super) shows: Shows,
    pub(super) with_hidden: bool,
}

/// What the results are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shows {
    Lines,
    Files,
}

/// A search as it goes on.
pub(super) struct Hunt {
    pattern: Pattern,
    wanted: Wanted,
    searcher: Searcher,
    ignored: Ignored,
    /// Where the search began, relative to the workspace.
    base: PathBuf,
    deadline: Instant,
    shown: String,
    /// Lines that fit, or files where those are asked for.
    results: usize,
    files: usize,
    seen: usize,
    read: u64,
    /// What could not be looked at, whole or in part.
    missed: usize,
    end: End,
}

/// What ended a search.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// Everything was looked at.
    All,
    /// As much was found as may be shown.
    Enough,
    /// There was too much to look at.
    TooMuch,
}

impl Hunt {
    pub(super) fn new(pattern: Pattern, wanted: Wanted) -> Self {
        Self {
            pattern,
            searcher: found::searcher(match wanted.shows {
                Shows::Lines => wanted.context,
                Shows::Files => 0,
            }),
            wanted,
            ignored: Ignored::default(),
            base: PathBuf::new(),
            deadline: Instant::now() + MAX_TIME,
            shown: String::new(),
            results: 0,
            files: 0,
            seen: 0,
            read: 0,
            missed: 0,
            end: End::All,
        }
    }

    /// Searches a folder, or one file.
    pub(super) fn through(&mut self, workspace: &Dir, path: &RoomPath) -> io::Result<()> {
        let metadata = workspace.metadata(path.as_path())?;
        if !metadata.is_dir() {
            let Ok((file, _)) = open_regular(workspace, path) else {
                return Err(io::ErrorKind::NotADirectory.into());
            };
            self.search(file.into_std(), path.as_path());
            return Ok(());
        }
        self.base = path.plain();
        // What the folders above say holds here too.
        let mut above = PathBuf::new();
        for part in &self.base.clone() {
            if let Ok(folder) = workspace.open_dir(if above.as_os_str().is_empty() {
                Path::new(".")
            } else {
                above.as_path()
            }) {
                self.ignored.enter(&folder, &above);
            }
            above.push(part);
        }
        let folder = workspace.open_dir(path.as_path())?;
        walk(&folder, &self.base.clone(), self)
    }

    /// Searches one file.
    fn search(&mut self, file: std::fs::File, path: &Path) -> Step {
        let shown_path = text::shown(&path.to_string_lossy());
        let size = file.metadata().map_or(0, |metadata| metadata.len());
        self.read += size.min(MAX_FILE);
        let most = match self.wanted.shows {
            Shows::Lines => Most { lines: self.wanted.results - self.results, shown: MAX_SHOWN },
            Shows::Files => Most { lines: 1, shown: usize::MAX },
        };
        let mut lines = String::new();
        let (searcher, pattern) = (&mut self.searcher, &self.pattern);
        let file = file.take(MAX_FILE);
        let found = found::lines(searcher, pattern, file, &shown_path, most, &mut lines);
        let Ok(found) = found else {
            self.missed += 1;
            return Step::Past;
        };
        if found.is_binary {
            return Step::Past;
        }
        self.missed += usize::from(size > MAX_FILE);
        if found.lines > 0 {
            self.files += 1;
            match self.wanted.shows {
                Shows::Files => {
                    self.results += 1;
                    self.shown.push_str(&format!("{shown_path}\n"));
                }
                Shows::Lines => {
                    self.results += found.lines;
                    if self.wanted.context > 0 && !self.shown.is_empty() {
                        self.shown.push_str("--\n");
                    }
                    self.shown.push_str(&lines);
                }
            }
        }
        if self.results >= self.wanted.results || self.shown.len() >= MAX_SHOWN {
            self.end = End::Enough;
            return Step::Stop;
        }
        Step::Past
    }

    /// What the model is told.
    pub(super) fn told(self, path: &RoomPath) -> Output {
        let results = match self.wanted.shows {
            Shows::Lines => text::count(self.results as u64, "line"),
            Shows::Files => text::count(self.results as u64, "file"),
        };
        let place = path.shown();
        let within = match self.wanted.shows {
            Shows::Lines => format!(" in {}", text::count(self.files as u64, "file")),
            Shows::Files => String::new(),
        };
        let mut output = Output::new(&format!("found {results}{within} under {place}"), self.shown);
        if self.results == 0 {
            output = output.note("nothing fits");
        }
        match self.end {
            End::All => {}
            End::Enough => {
                let more = "there may be more: narrow the pattern, the path or the glob";
                output = output.note(&format!("{results} shown; {more}"));
            }
            End::TooMuch => {
                output = output.note("the search ended early: give a smaller path or a glob");
            }
        }
        if self.missed > 0 {
            let missed = self.missed;
            output = output.note(&format!("{missed} could not be searched, or not whole"));
        }
        output.truncated |= self.end != End::All;
        output
    }
}

impl Visitor for Hunt {
    fn enter(&mut self, folder: &Dir, path: &Path) {
        self.ignored.enter(folder, path);
    }

    fn entry(&mut self, entry: &Entry<'_>) -> Step {
        self.seen += 1;
        if self.seen > MAX_SEEN || self.read > MAX_READ || Instant::now() > self.deadline {
            self.end = End::TooMuch;
            return Step::Stop;
        }
        let is_git = entry.name == ".git";
        if is_git || !self.wanted.with_hidden && is_hidden(entry.name) {
            return Step::Past;
        }
        let kind = if entry.kind.is_dir() { Kind::Folder } else { Kind::File };
        if self.ignored.leaves_out(entry.path, kind) {
            return Step::Past;
        }
        if entry.kind.is_dir() {
            return Step::Into;
        }
        let below = entry.path.strip_prefix(&self.base).unwrap_or(entry.path);
        if !entry.kind.is_file() || self.wanted.glob.as_ref().is_some_and(|glob| !glob.takes(below))
        {
            return Step::Past;
        }
        match open_file(entry.folder, entry.name) {
            Ok(file) => self.search(file, entry.path),
            Err(_) => {
                self.missed += 1;
                Step::Past
            }
        }
    }

    fn leave(&mut self) {
        self.ignored.leave();
    }

    fn missed(&mut self, entries: usize) {
        self.missed += entries;
    }
}
