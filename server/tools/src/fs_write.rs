//! `fs.write`: text into a file.

use std::ffi::{OsStr, OsString};
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use cap_std::fs::{
    Dir, File, Metadata, MetadataExt, OpenOptions, OpenOptionsExt, Permissions, PermissionsExt,
};
use policy::Touches;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::file::{must_be_file, no_waiting, refusal};
use crate::room_path::RoomPath;
use crate::{Class, Output, Room, Tool, ToolError, text};

/// The most that one call writes, in bytes.
const MAX_WRITE: usize = 1024 * 1024;

pub(crate) struct FsWrite;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Args {
    /// The file, relative to the workspace. Missing folders are made.
    path: String,
    /// The text to write, at most 1 MiB.
    content: String,
    /// `create` refuses a file that exists, `overwrite` replaces it, `append`
    /// writes at its end.
    #[serde(default)]
    mode: Mode,
}

#[derive(Clone, Copy, PartialEq, Eq, Default, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Mode {
    Create,
    #[default]
    Overwrite,
    Append,
}

impl Tool for FsWrite {
    const NAME: &'static str = "fs.write";
    const DESCRIPTION: &'static str = "Write text to a file of the workspace.";
    const SYNONYMS: &'static [(&'static str, &'static str)] = &[
        ("file", "path"),
        ("filename", "path"),
        ("file_path", "path"),
        ("text", "content"),
        ("body", "content"),
        ("contents", "content"),
    ];
    const CLASS: Class = Class::Writes;
    type Args = Args;

    fn touches(&self, args: &Args) -> Touches {
        Touches::nothing().writes(args.path.as_str())
    }

    async fn call(&self, room: &Room, args: Args) -> Result<Output, ToolError> {
        let path = RoomPath::parse(&args.path)?;
        if path.is_folder() {
            let message = format!("`path` names a folder, not a file: `{}`.", path.shown());
            return Err(ToolError::input_invalid(message));
        }
        let size = args.content.len();
        if size > MAX_WRITE {
            return Err(ToolError::input_invalid(format!(
                "`content` has {size} bytes; one call writes at most {MAX_WRITE}. Nothing was \
                 written; write it in parts with mode `append`."
            )));
        }
        room.files(move |workspace| write(workspace, &path, &args.content, args.mode)).await
    }
}

fn write(workspace: &Dir, path: &RoomPath, content: &str, mode: Mode) -> Result<Output, ToolError> {
    let broken = |error| refusal(path, &error);
    let Place { folder, name, old } = find(workspace, path)?;
    match mode {
        Mode::Append => append(&folder, &name, path, content)?,
        Mode::Create if old.is_some() => return Err(broken(ErrorKind::AlreadyExists.into())),
        Mode::Create | Mode::Overwrite => {
            replace(&folder, &name, content, mode, old.as_ref()).map_err(broken)?;
        }
    }

    let verb = match (mode, &old) {
        (Mode::Append, Some(_)) => "appended to",
        (Mode::Overwrite, Some(_)) => "replaced",
        (_, None) | (Mode::Create, Some(_)) => "created",
    };
    let bytes = text::count(content.len() as u64, "byte");
    let lines = text::count(content.lines().count() as u64, "line");
    let summary = format!("{verb} {}: {bytes}, {lines}", path.shown());
    Ok(Output::new(&summary, summary.clone()))
}

/// Where a text goes: everything after the search happens in this one folder,
/// by name, wherever the folder may be moved meanwhile.
struct Place {
    folder: Dir,
    name: OsString,
    old: Option<Metadata>,
}

fn find(workspace: &Dir, path: &RoomPath) -> Result<Place, ToolError> {
    let broken = |error| refusal(path, &error);
    let (parent, name) = split(path.as_path()).map_err(broken)?;
    let folder = open_or_make(workspace, parent).map_err(broken)?;
    let Some(old) = existing(&folder, name).map_err(broken)? else {
        return Ok(Place { folder, name: name.to_owned(), old: None });
    };
    if !old.is_symlink() {
        must_be_file(path, &old)?;
        return Ok(Place { folder, name: name.to_owned(), old: Some(old) });
    }
    // A link means the file that it leads to; the handle refuses one that leads
    // out. No folder is made on its way.
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
    Ok(Place { folder, name: name.to_owned(), old })
}

fn split(path: &Path) -> io::Result<(&Path, &OsStr)> {
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) if parent.as_os_str().is_empty() => Ok((Path::new("."), name)),
        (Some(parent), Some(name)) => Ok((parent, name)),
        _ => Err(ErrorKind::IsADirectory.into()),
    }
}

fn open_or_make(workspace: &Dir, path: &Path) -> io::Result<Dir> {
    match workspace.open_dir(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            workspace.create_dir_all(path)?;
            workspace.open_dir(path)
        }
        opened => opened,
    }
}

fn existing(folder: &Dir, name: &OsStr) -> io::Result<Option<Metadata>> {
    match folder.symlink_metadata(name) {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Adds to the file itself: the kernel puts each append at the end, so that two
/// of them at once lose nothing, which a copy and a rename could not promise.
fn append(folder: &Dir, name: &OsStr, path: &RoomPath, content: &str) -> Result<(), ToolError> {
    let broken = |error| refusal(path, &error);
    let mut options = OpenOptions::new();
    options.append(true).create(true).custom_flags(no_waiting());
    let mut file = folder.open_with(name, &options).map_err(broken)?;
    must_be_file(path, &file.metadata().map_err(broken)?)?;
    file.write_all(content.as_bytes()).and_then(|()| file.sync_all()).map_err(broken)
}

/// Writes a new file next to the place and renames it there, so that a reader
/// sees the old text or the new one, whatever happens in between.
fn replace(
    folder: &Dir,
    name: &OsStr,
    content: &str,
    mode: Mode,
    old: Option<&Metadata>,
) -> io::Result<()> {
    let (mut file, temporary) = temporary(folder)?;
    let written = fill(&mut file, content, old).and_then(|()| {
        if mode == Mode::Create {
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

fn fill(file: &mut File, content: &str, old: Option<&Metadata>) -> io::Result<()> {
    file.write_all(content.as_bytes())?;
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
