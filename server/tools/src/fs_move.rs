//! `fs.move`: another name or place for a file or folder.

use std::io;
use std::path::Path;

use cap_std::fs::{Dir, Metadata};
use policy::Touches;
use rustix::fs::{RenameFlags, renameat, renameat_with};
use rustix::io::Errno;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::file::refusal;
use crate::place::{Standing, existing, open_or_make, split};
use crate::room_path::RoomPath;
use crate::{Class, Output, Reach, Room, Tool, ToolError, text};

pub(crate) struct FsMove;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Args {
    /// What to move, relative to the workspace. A link itself is moved, not what
    /// it leads to.
    src: String,
    /// Where it is to be: its new path, not the folder to put it into. Missing
    /// folders are made.
    dst: String,
    /// Whether a file that is there is replaced. Left out: no.
    #[serde(default)]
    overwrite: bool,
}

impl Tool for FsMove {
    const NAME: &'static str = "fs.move";
    const DESCRIPTION: &'static str = "Move or rename a file or a folder of the workspace.";
    const SYNONYMS: &'static [(&'static str, &'static str)] = &[
        ("source", "src"),
        ("from", "src"),
        ("old_path", "src"),
        ("path", "src"),
        ("destination", "dst"),
        ("dest", "dst"),
        ("to", "dst"),
        ("new_path", "dst"),
        ("target", "dst"),
    ];
    const CLASS: Class = Class::Writes;
    const REACH: Reach = Reach::Found;
    type Args = Args;

    fn touches(&self, args: &Args) -> Touches {
        Touches::nothing().reads(&args.src).writes(&args.src).writes(&args.dst)
    }

    async fn preview(&self, room: &Room, args: Args) -> Option<String> {
        let (src, dst) = (RoomPath::parse(&args.src).ok()?, RoomPath::parse(&args.dst).ok()?);
        let look = move |workspace: &Dir| {
            let old = workspace.symlink_metadata(src.as_path());
            let what = kind(&old.map_err(|error| refusal(&src, &error))?);
            let replaced = match workspace.symlink_metadata(dst.as_path()) {
                Ok(there) => format!(" (replaces {})", described(&there)),
                Err(_) => String::new(),
            };
            Ok(format!("move the {what} {} -> {}{replaced}\n", src.shown(), dst.shown()))
        };
        room.files(look).await.ok()
    }

    async fn call(&self, room: &Room, args: Args) -> Result<Output, ToolError> {
        let (src, dst) = (RoomPath::parse(&args.src)?, RoomPath::parse(&args.dst)?);
        let standing = if args.overwrite { Standing::Replace } else { Standing::Keep };
        room.files(move |workspace| rename(workspace, &src, &dst, standing)).await
    }
}

fn rename(
    workspace: &Dir,
    src: &RoomPath,
    dst: &RoomPath,
    standing: Standing,
) -> Result<Output, ToolError> {
    let (from_broken, to_broken) =
        (|error: io::Error| refusal(src, &error), |error: io::Error| refusal(dst, &error));
    let (from, name) = split(src.as_path()).map_err(from_broken)?;
    let (to, new_name) = split(dst.as_path()).map_err(to_broken)?;
    let from = workspace.open_dir(from).map_err(from_broken)?;
    let Some(old) = existing(&from, name).map_err(from_broken)? else {
        return Err(from_broken(io::ErrorKind::NotFound.into()));
    };
    if old.is_dir() && Path::new(&dst.plain()).starts_with(src.plain()) {
        let message = format!("`{}` cannot be moved into itself.", src.shown());
        return Err(ToolError::input_invalid(message));
    }
    let to = open_or_make(workspace, to).map_err(to_broken)?;
    let there = existing(&to, new_name).map_err(to_broken)?;
    if there.as_ref().is_some_and(Metadata::is_dir) {
        let message =
            format!("`{}` is a folder that exists. Give the new path itself.", dst.shown());
        return Err(ToolError::input_invalid(message));
    }
    // The kernel decides whether something is in the way, so that nothing can
    // come between the look and the move.
    let moved = match standing {
        Standing::Replace => renameat(&from, name, &to, new_name),
        Standing::Keep => {
            match renameat_with(&from, name, &to, new_name, RenameFlags::NOREPLACE) {
                // Some file systems of a network know no such wish; then the look
                // that was just taken has to do.
                Err(Errno::INVAL) if there.is_none() => renameat(&from, name, &to, new_name),
                moved => moved,
            }
        }
    };
    moved.map_err(|error| to_broken(error.into()))?;
    let replaced = if there.is_some() { ", in the place of what was there" } else { "" };
    let summary = format!("moved {} to {}{replaced}", src.shown(), dst.shown());
    Ok(Output::new(&summary, summary.clone()))
}

/// What something is, in a word.
pub(crate) fn kind(metadata: &Metadata) -> &'static str {
    if metadata.is_dir() {
        "folder"
    } else if metadata.is_file() {
        "file"
    } else if metadata.is_symlink() {
        "link"
    } else {
        "special file"
    }
}

fn described(metadata: &Metadata) -> String {
    if metadata.is_file() {
        format!("a file of {}", text::count(metadata.len(), "byte"))
    } else {
        format!("a {}", kind(metadata))
    }
}
