//! `fs.list`: what is in a folder.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};

use cap_std::fs::Dir;
use policy::Touches;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::file::refusal;
use crate::room_path::RoomPath;
use crate::{Class, Output, Room, Tool, ToolError, text};

/// The most entries that one call shows.
const MAX_ENTRIES: usize = 500;

pub(crate) struct FsList;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Args {
    /// The folder, relative to the workspace. Left out: the workspace itself.
    #[serde(default = "workspace")]
    path: String,
}

fn workspace() -> String {
    ".".to_owned()
}

impl Args {
    /// The folder that is meant: a blank one is the workspace.
    fn folder(&self) -> &str {
        if self.path.trim().is_empty() { "." } else { &self.path }
    }
}

impl Tool for FsList {
    const NAME: &'static str = "fs.list";
    const DESCRIPTION: &'static str = "List a folder of the workspace: one entry a line, sorted, \
                                       folders with a trailing slash, files with their size.";
    const SYNONYMS: &'static [(&'static str, &'static str)] =
        &[("directory", "path"), ("dir", "path"), ("folder", "path")];
    const CLASS: Class = Class::Pure;
    type Args = Args;

    fn touches(&self, args: &Args) -> Touches {
        Touches::nothing().reads(args.folder())
    }

    async fn call(&self, room: &Room, args: Args) -> Result<Output, ToolError> {
        let path = RoomPath::parse(args.folder())?;
        room.files(move |workspace| list(workspace, &path)).await
    }
}

fn list(workspace: &Dir, path: &RoomPath) -> Result<Output, ToolError> {
    let broken = |error| refusal(path, &error);
    let metadata = workspace.metadata(path.as_path()).map_err(broken)?;
    if !metadata.is_dir() {
        let message = format!("`{}` is not a folder.", path.shown());
        return Err(ToolError::input_invalid(message));
    }
    let folder = workspace.open_dir(path.as_path()).map_err(broken)?;

    // A folder may hold millions; never more than what is shown is kept.
    let (mut first, mut all) = (BTreeSet::<OsString>::new(), 0_u64);
    for entry in folder.entries().map_err(broken)? {
        first.insert(entry.map_err(broken)?.file_name());
        all += 1;
        if first.len() > MAX_ENTRIES {
            first.pop_last();
        }
    }
    let shown = first.len() as u64;
    let lines: String = first.iter().map(|name| line(&folder, name)).collect();

    let entries = if all == 1 { "1 entry".to_owned() } else { format!("{all} entries") };
    let mut output = Output::new(&format!("listed {}: {entries}", path.shown()), lines);
    if all == 0 {
        output = output.note("the folder is empty");
    }
    if all > shown {
        output = output.note(&format!("{shown} of {entries} are shown; {} left out", all - shown));
        output.truncated = true;
    }
    Ok(output)
}

fn line(folder: &Dir, name: &OsStr) -> String {
    let shown = text::shown(&name.to_string_lossy());
    match folder.symlink_metadata(name) {
        Ok(metadata) if metadata.is_dir() => format!("{shown}/\n"),
        Ok(metadata) if metadata.is_file() => {
            format!("{shown} ({})\n", text::count(metadata.len(), "byte"))
        }
        Ok(metadata) if metadata.is_symlink() => format!("{shown} (link)\n"),
        Ok(_) => format!("{shown} (special file)\n"),
        // It went away between the two looks.
        Err(_) => format!("{shown} (gone)\n"),
    }
}
