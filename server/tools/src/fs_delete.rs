//! `fs.delete`: a file or folder away.

use std::ffi::OsStr;
use std::io;
use std::path::Path;

use cap_std::fs::Dir;
use policy::Touches;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::file::refusal;
use crate::fs_move::kind;
use crate::place::{existing, split};
use crate::room_path::RoomPath;
use crate::walk::{Entry, Step, Visitor, open_folder, walk};
use crate::{Class, Mode, Output, Reach, Room, Tool, ToolError, text};

/// The most files and folders that one call deletes.
const MAX_DELETED: usize = 100_000;

/// The most names that a preview shows.
const MAX_NAMED: usize = 40;

pub(crate) struct FsDelete;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Args {
    /// What to delete, relative to the workspace. A link itself is deleted, not
    /// what it leads to.
    path: String,
    /// Must be true for a folder, which goes with all that is in it.
    #[serde(default)]
    recursive: bool,
}

impl Tool for FsDelete {
    const NAME: &'static str = "fs.delete";
    const DESCRIPTION: &'static str = "Delete (remove) a file or a folder of the workspace. There \
                                       is no way back.";
    const SYNONYMS: &'static [(&'static str, &'static str)] = &[
        ("file", "path"),
        ("filename", "path"),
        ("file_path", "path"),
        ("target", "path"),
        ("directory", "path"),
        ("folder", "path"),
    ];
    const CLASS: Class = Class::Writes;
    const MODE: Mode = Mode::Ask;
    const REACH: Reach = Reach::Found;
    type Args = Args;

    fn touches(&self, args: &Args) -> Touches {
        Touches::nothing().writes(&args.path)
    }

    async fn preview(&self, room: &Room, args: Args) -> Option<String> {
        let path = RoomPath::parse(&args.path).ok()?;
        room.files(move |workspace| preview(workspace, &path)).await.ok()
    }

    async fn call(&self, room: &Room, args: Args) -> Result<Output, ToolError> {
        let path = RoomPath::parse(&args.path)?;
        let folders = if args.recursive { Folders::Too } else { Folders::Never };
        room.files(move |workspace| delete(workspace, &path, folders)).await
    }
}

/// Whether folders are deleted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Folders {
    Never,
    Too,
}

fn delete(workspace: &Dir, path: &RoomPath, folders: Folders) -> Result<Output, ToolError> {
    let broken = |error: io::Error| refusal(path, &error);
    let (folder, name) = find(workspace, path)?;
    let Some(old) = existing(&folder, name).map_err(broken)? else {
        return Err(broken(io::ErrorKind::NotFound.into()));
    };
    let shown = path.shown();
    let what = kind(&old);
    let summary = format!("deleted the {what} {shown}");
    if !old.is_dir() {
        folder.remove_file(name).map_err(broken)?;
        return Ok(Output::new(&summary, summary.clone()));
    }
    if folders == Folders::Never {
        let message =
            format!("`{shown}` is a folder. To delete it with all in it, say `recursive`: true.");
        return Err(ToolError::input_invalid(message));
    }
    let inside = count(&folder, name).map_err(broken)?;
    if inside.is_too_much {
        let message = format!(
            "`{shown}` holds more than {MAX_DELETED} files, or folders too deep to go through. \
             Nothing was deleted; delete its parts one after another."
        );
        return Err(ToolError::input_invalid(message));
    }
    folder.remove_dir_all(name).map_err(broken)?;
    let summary = format!("{summary} with {} files and folders in it", inside.entries);
    Ok(Output::new(&summary, summary.clone()))
}

/// The folder that something is in, and its name there. The workspace itself is
/// in none.
fn find<'p>(workspace: &Dir, path: &'p RoomPath) -> Result<(Dir, &'p OsStr), ToolError> {
    let (parent, name) = split(path.as_path()).map_err(|_| {
        let message = format!("`{}` cannot be deleted. Name it by its own name.", path.shown());
        ToolError::input_invalid(message)
    })?;
    let folder = workspace.open_dir(parent).map_err(|error| refusal(path, &error))?;
    Ok((folder, name))
}

fn preview(workspace: &Dir, path: &RoomPath) -> Result<String, ToolError> {
    let broken = |error| refusal(path, &error);
    let (folder, name) = find(workspace, path)?;
    let Some(old) = existing(&folder, name).map_err(broken)? else {
        return Err(broken(io::ErrorKind::NotFound.into()));
    };
    let shown = path.shown();
    if !old.is_dir() {
        let what = kind(&old);
        return Ok(format!("delete the {what} {shown} ({})\n", text::count(old.len(), "byte")));
    }
    let inside = count(&folder, name).map_err(broken)?;
    let more = inside.entries - inside.named;
    let rest = if more > 0 { format!("  and {more} more\n") } else { String::new() };
    Ok(format!("delete the folder {shown} with all in it:\n{}{rest}", inside.names))
}

/// What is in a folder.
#[derive(Default)]
struct Inside {
    entries: usize,
    names: String,
    named: usize,
    is_too_much: bool,
}

impl Visitor for Inside {
    fn entry(&mut self, entry: &Entry<'_>) -> Step {
        if self.entries == MAX_DELETED {
            self.is_too_much = true;
            return Step::Stop;
        }
        self.entries += 1;
        if self.named < MAX_NAMED {
            self.named += 1;
            let slash = if entry.kind.is_dir() { "/" } else { "" };
            let name = text::shown(&entry.path.to_string_lossy());
            self.names.push_str(&format!("  {name}{slash}\n"));
        }
        Step::Into
    }

    fn missed(&mut self, _: usize) {
        self.is_too_much = true;
    }
}

fn count(folder: &Dir, name: &OsStr) -> io::Result<Inside> {
    let mut inside = Inside::default();
    walk(&open_folder(folder, name)?, Path::new(""), &mut inside)?;
    Ok(inside)
}
