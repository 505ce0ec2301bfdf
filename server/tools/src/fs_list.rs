//! `fs.list`: what is in a folder.

use std::ffi::OsStr;
use std::path::Path;

use cap_std::fs::Dir;
use policy::Touches;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::file::refusal;
use crate::glob::Glob;
use crate::room_path::RoomPath;
use crate::walk::{Entry, Step, Visitor, walk};
use crate::{Class, Output, Room, Tool, ToolError, text};

/// The most entries that one call shows.
const MAX_SHOWN: usize = 500;

/// The most entries that one call comes by.
const MAX_SEEN: usize = 50_000;

/// The most levels of folders that one call lists.
const MAX_DEPTH: usize = 8;

pub(crate) struct FsList;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Args {
    /// The folder, relative to the workspace. Left out: the workspace itself.
    #[serde(default = "workspace")]
    path: String,
    /// How many levels of folders to list. Left out: 1, or 8 with a glob.
    #[schemars(range(min = 1, max = 8))]
    depth: Option<u64>,
    /// Only files that fit, for example *.rs or src/**/*.ts.
    glob: Option<String>,
    /// Whether to list names that begin with a dot. Left out: no.
    #[serde(default)]
    hidden: bool,
}

fn workspace() -> String {
    ".".to_owned()
}

impl Args {
    /// The folder that is meant: the workspace itself where none is named.
    fn folder(&self) -> &str {
        if self.path.trim().is_empty() { "." } else { &self.path }
    }
}

impl Tool for FsList {
    const NAME: &'static str = "fs.list";
    const DESCRIPTION: &'static str = "List a folder of the workspace: one entry a line, sorted, \
                                       folders with a trailing slash, files with their size.";
    const SYNONYMS: &'static [(&'static str, &'static str)] = &[
        ("directory", "path"),
        ("dir", "path"),
        ("folder", "path"),
        ("max_depth", "depth"),
        ("pattern", "glob"),
    ];
    const CLASS: Class = Class::Pure;
    type Args = Args;

    fn touches(&self, args: &Args) -> Touches {
        Touches::nothing().reads(args.folder())
    }

    async fn call(&self, room: &Room, args: Args) -> Result<Output, ToolError> {
        let path = RoomPath::parse(args.folder())?;
        let glob = Glob::parse(args.glob.as_deref())?;
        let left_out = if glob.is_some() { MAX_DEPTH } else { 1 };
        let listing = Listing {
            depth: args.depth.map_or(left_out, |depth| depth as usize),
            glob,
            with_hidden: args.hidden,
            lines: String::new(),
            shown: 0,
            all: 0,
            hidden: 0,
            missed: 0,
            is_cut: false,
        };
        room.files(move |workspace| list(workspace, &path, listing)).await
    }
}

fn list(workspace: &Dir, path: &RoomPath, mut listing: Listing) -> Result<Output, ToolError> {
    let broken = |error| refusal(path, &error);
    let metadata = workspace.metadata(path.as_path()).map_err(broken)?;
    if !metadata.is_dir() {
        let message = format!("`{}` is not a folder.", path.shown());
        return Err(ToolError::input_invalid(message));
    }
    let folder = workspace.open_dir(path.as_path()).map_err(broken)?;
    walk(&folder, Path::new(""), &mut listing).map_err(broken)?;
    Ok(listing.told(path))
}

/// What a call shows, as it grows.
struct Listing {
    glob: Option<Glob>,
    depth: usize,
    with_hidden: bool,
    lines: String,
    shown: usize,
    /// Entries that fit, shown or not.
    all: usize,
    hidden: usize,
    missed: usize,
    is_cut: bool,
}

impl Visitor for Listing {
    fn entry(&mut self, entry: &Entry<'_>) -> Step {
        if self.all + self.hidden >= MAX_SEEN {
            self.is_cut = true;
            return Step::Stop;
        }
        if !self.with_hidden && is_hidden(entry.name) {
            self.hidden += 1;
            return Step::Past;
        }
        if self.glob.as_ref().is_none_or(|glob| !entry.kind.is_dir() && glob.takes(entry.path)) {
            self.all += 1;
            if self.shown < MAX_SHOWN {
                self.shown += 1;
                self.lines.push_str(&line(entry));
            }
        }
        if entry.depth + 1 < self.depth { Step::Into } else { Step::Past }
    }

    fn missed(&mut self, entries: usize) {
        self.missed += entries;
    }
}

impl Listing {
    fn told(self, path: &RoomPath) -> Output {
        let Self { lines, shown, all, hidden, missed, is_cut, .. } = self;
        let entries = if all == 1 { "1 entry".to_owned() } else { format!("{all} entries") };
        let mut output = Output::new(&format!("listed {}: {entries}", path.shown()), lines);
        if all == 0 && hidden == 0 && missed == 0 && self.glob.is_none() {
            output = output.note("the folder is empty");
        } else if all == 0 {
            output = output.note("nothing fits");
        }
        if hidden > 0 {
            let names = text::count(hidden as u64, "name");
            output = output.note(&format!("{names} with a leading dot left out; see `hidden`"));
        }
        if all > shown {
            output =
                output.note(&format!("{shown} of {entries} are shown; {} left out", all - shown));
        }
        if missed > 0 {
            output = output.note(&format!("{missed} more could not be looked at"));
        }
        if is_cut {
            output = output.note("there are more; list a smaller part");
        }
        output.truncated |= all > shown || missed > 0 || is_cut;
        output
    }
}

/// Whether a name begins with a dot.
pub(crate) fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().first() == Some(&b'.')
}

fn line(entry: &Entry<'_>) -> String {
    let shown = text::shown(&entry.path.to_string_lossy());
    let kind = entry.kind;
    if kind.is_dir() {
        return format!("{shown}/\n");
    }
    if kind.is_symlink() {
        return format!("{shown} (link)\n");
    }
    match entry.folder.symlink_metadata(entry.name) {
        Ok(metadata) if metadata.is_file() => {
            format!("{shown} ({})\n", text::count(metadata.len(), "byte"))
        }
        Ok(_) => format!("{shown} (special file)\n"),
        // It went away between the two looks.
        Err(_) => format!("{shown} (gone)\n"),
    }
}
