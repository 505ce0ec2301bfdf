//! The place of a file, and putting a text there.

use std::ffi::{OsStr, OsString};
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use cap_std::fs::{
    Dir, File, Metadata, MetadataExt, OpenOptions, OpenOptionsExt, Permissions, PermissionsExt,
};

use crate::ToolError;
use crate::file::{must_be_file, no_waiting, refusal};
use crate::room_path::RoomPath;

/// Where a text goes: everything after the search happens in this one folder,
/// by name, wherever the folder may be moved meanwhile.
pub(crate) struct Place {
    pub(crate) folder: Dir,
    pub(crate) name: OsString,
    /// What stands there now.
    pub(crate) old: Option<Metadata>,
}

/// What a new file does with one that stands in its place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is an error.
    Keep,
    /// The new one takes its place.
    Replace,
}

impl Place {
    /// Finds the place of a file, and makes the folders that lead there.
    pub(crate) fn find(workspace: &Dir, path: &RoomPath) -> Result<Self, ToolError> {
        let broken = |error| refusal(path, &error);
        let (parent, name) = split(path.as_path()).map_err(broken)?;
        let folder = open_or_make(workspace, parent).map_err(broken)?;
        let Some(old) = existing(&folder, name).map_err(broken)? else {
            return Ok(Self { folder, name: name.to_owned(), old: None });
        };
        if !old.is_symlink() {
            must_be_file(path, &old)?;
            return Ok(Self { folder, name: name.to_owned(), old: Some(old) });
        }
        // A link means the file that it leads to; the handle refuses one that
        // leads out. No folder is made on its way.
        let real = workspace.canonicalize(path.as_path()).map_err(|error| match error.kind() {
            ErrorKind::NotFound => {
                ToolError::input_invalid(format!("`{}` is a link to nothing.", path.shown()))
            }
            _ => broken(error),
        })?;
        let (parent, name) = split(&real).map_err(broken)?;
        let folder = workspace.open_dir(parent).map_err(broken)?;
        let old = existing(&folder, name).map_err(broken)?;
        old.as_ref().map_or(Ok(()), |old| must_be_file(path, old))?;
        Ok(Self { folder, name: name.to_owned(), old })
    }

    /// Writes a new file next to the place and renames it there, so that a
    /// reader sees the old text or the new one, whatever happens in between.
    pub(crate) fn put(&self, content: &[u8], standing: Standing) -> io::Result<()> {
        let Self { folder, name, old } = self;
        let (mut file, temporary) = temporary(folder)?;
        let written = fill(&mut file, content, old.as_ref()).and_then(|()| {
            if standing == Standing::Keep {
                // Takes the name, or fails if another call took it meanwhile.
                folder.open_with(name, OpenOptions::new().write(true).create_new(true))?;
            }
            folder.rename(&temporary, folder, name)
        });
        if written.is_err() {
            // The error that is reported is the first one.
            drop(folder.remove_file(&temporary));
        }
        written
    }

    /// Adds to the file itself: the kernel puts each addition at the end, so that
    /// two of them at once lose nothing, which a copy and a rename could not
    /// promise.
    pub(crate) fn append(&self, content: &[u8], path: &RoomPath) -> Result<(), ToolError> {
        let broken = |error| refusal(path, &error);
        let mut options = OpenOptions::new();
        options.append(true).create(true).custom_flags(no_waiting());
        let mut file = self.folder.open_with(&self.name, &options).map_err(broken)?;
        must_be_file(path, &file.metadata().map_err(broken)?)?;
        file.write_all(content).and_then(|()| file.sync_all()).map_err(broken)
    }

    /// Whether what stands there is still what stood there when it was found.
    pub(crate) fn is_unchanged(&self) -> io::Result<bool> {
        let now = existing(&self.folder, &self.name)?;
        let mark = |at: &Metadata| (at.dev(), at.ino(), at.len(), at.mtime(), at.mtime_nsec());
        Ok(now.as_ref().map(mark) == self.old.as_ref().map(mark))
    }
}

/// The folder of a path, and the name in it. A path that ends in `..` or names
/// the workspace itself has none.
pub(crate) fn split(path: &Path) -> io::Result<(&Path, &OsStr)> {
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) if parent.as_os_str().is_empty() => Ok((Path::new("."), name)),
        (Some(parent), Some(name)) => Ok((parent, name)),
        _ => Err(ErrorKind::IsADirectory.into()),
    }
}

/// Opens a folder, and makes it and those that lead there.
pub(crate) fn open_or_make(workspace: &Dir, path: &Path) -> io::Result<Dir> {
    match workspace.open_dir(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            workspace.create_dir_all(path)?;
            workspace.open_dir(path)
        }
        opened => opened,
    }
}

/// What has a name in a folder: a link counts as itself.
pub(crate) fn existing(folder: &Dir, name: &OsStr) -> io::Result<Option<Metadata>> {
    match folder.symlink_metadata(name) {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn fill(file: &mut File, content: &[u8], old: Option<&Metadata>) -> io::Result<()> {
    file.write_all(content)?;
    if let Some(old) = old {
        // A script stays executable; special bits do not move to new text.
        file.set_permissions(Permissions::from_mode(old.mode() & 0o777))?;
    }
    file.sync_all()
}

fn temporary(folder: &Dir) -> io::Result<(File, String)> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    loop {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!(".openclawssy-{}-{number}.tmp", std::process::id());
        match folder.open_with(&name, OpenOptions::new().write(true).create_new(true)) {
            Ok(file) => return Ok((file, name)),
            // A left-over of a process that died with this number.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}
