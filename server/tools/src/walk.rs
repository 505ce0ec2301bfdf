//! Going through folders by their handles.
//!
//! Each folder is opened by its name in the one before it, and a link is never
//! taken for what it leads to. So nothing outside is reached, whatever is
//! exchanged for a link while the walk goes on.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use cap_std::fs::{Dir, FileType};
use rustix::fs::{Mode, OFlags, openat};

/// How many folders deep a walk goes.
const MAX_DEPTH: usize = 64;

/// The most entries of one folder that are looked at: the first by name.
const MAX_ENTRIES: usize = 20_000;

/// Something in a folder.
pub(crate) struct Entry<'a> {
    /// The folder that it is in.
    pub(crate) folder: &'a Dir,
    /// Its name there.
    pub(crate) name: &'a OsStr,
    /// Its path from where the walk began.
    pub(crate) path: &'a Path,
    /// What it is; a link is a link.
    pub(crate) kind: FileType,
    /// How many folders lie between it and where the walk began.
    pub(crate) depth: usize,
}

/// Where a walk goes from an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Into it, if it is a folder, and on.
    Into,
    /// On, past what may be in it.
    Past,
    /// Nowhere: the walk is over.
    Stop,
}

/// Who is shown what a walk comes by: the entries of a folder sorted by name,
/// each before what is in it.
pub(crate) trait Visitor {
    /// A folder was opened.
    fn enter(&mut self, _folder: &Dir, _path: &Path) {}

    /// An entry was come by.
    fn entry(&mut self, entry: &Entry<'_>) -> Step;

    /// A folder was gone through.
    fn leave(&mut self) {}

    /// So many entries, or folders with all that is in them, were not looked at.
    fn missed(&mut self, entries: usize);
}

/// Goes through a folder. `path` is what its entries' paths begin with.
pub(crate) fn walk(folder: &Dir, path: &Path, visitor: &mut impl Visitor) -> io::Result<()> {
    through(folder, &mut path.to_owned(), 0, visitor).map(|_| ())
}

fn through(
    folder: &Dir,
    path: &mut PathBuf,
    depth: usize,
    visitor: &mut impl Visitor,
) -> io::Result<Step> {
    let (entries, missed) = first_entries(folder)?;
    if missed > 0 {
        visitor.missed(missed);
    }
    visitor.enter(folder, path);
    for (name, kind) in &entries {
        path.push(name);
        let entry = Entry { folder, name, path, kind: *kind, depth };
        let mut step = visitor.entry(&entry);
        if step == Step::Into && kind.is_dir() {
            step = match open_folder(folder, name) {
                Ok(inner) if depth < MAX_DEPTH => through(&inner, path, depth + 1, visitor),
                Ok(_) => Err(io::ErrorKind::Other.into()),
                Err(error) => Err(error),
            }
            // It may be gone by now, or not be ours to read.
            .unwrap_or_else(|_| {
                visitor.missed(1);
                Step::Past
            });
        }
        path.pop();
        if step == Step::Stop {
            return Ok(Step::Stop);
        }
    }
    visitor.leave();
    Ok(Step::Into)
}

/// The first entries of a folder, and how many more there are. A folder may hold
/// millions; never more than what is looked at is kept.
fn first_entries(folder: &Dir) -> io::Result<(BTreeMap<OsString, FileType>, usize)> {
    let (mut first, mut missed) = (BTreeMap::new(), 0);
    for entry in folder.entries()? {
        let entry = entry?;
        let Ok(kind) = entry.file_type() else { continue };
        first.insert(entry.file_name(), kind);
        if first.len() > MAX_ENTRIES {
            first.pop_last();
            missed += 1;
        }
    }
    Ok((first, missed))
}

/// Opens a folder in a folder; a link is refused.
pub(crate) fn open_folder(folder: &Dir, name: &OsStr) -> io::Result<Dir> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let opened = openat(folder, name, flags, Mode::empty())?;
    Ok(Dir::from_std_file(File::from(opened)))
}

/// Opens a regular file in a folder to read it; a link is refused, and a pipe
/// does not hold anybody up.
pub(crate) fn open_file(folder: &Dir, name: &OsStr) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = File::from(openat(folder, name, flags, Mode::empty())?);
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::ErrorKind::InvalidInput.into()) }
}
