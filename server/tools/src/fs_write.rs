//! `fs.write`: text into a file.

use std::io::ErrorKind;

use cap_std::fs::Dir;
use policy::Touches;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::document::standing_text;
use crate::file::refusal;
use crate::place::{Place, Standing};
use crate::room_path::RoomPath;
use crate::{Class, Output, Room, Tool, ToolError, diff, text};

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

/// What a text does with what is there.
#[derive(Clone, Copy, PartialEq, Eq, Default, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Mode {
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
        ("target", "path"),
        ("text", "content"),
        ("body", "content"),
        ("contents", "content"),
        ("data", "content"),
        ("newText", "content"),
    ];
    const CLASS: Class = Class::Writes;
    type Args = Args;

    fn touches(&self, args: &Args) -> Touches {
        Touches::nothing().writes(&args.path)
    }

    async fn preview(&self, room: &Room, args: Args) -> Option<String> {
        preview(room, &args.path, args.content, args.mode).await
    }

    async fn call(&self, room: &Room, args: Args) -> Result<Output, ToolError> {
        write(room, &args.path, args.content, args.mode).await
    }
}

/// Writes a text.
pub(crate) async fn write(
    room: &Room,
    path: &str,
    content: String,
    mode: Mode,
) -> Result<Output, ToolError> {
    let path = RoomPath::of_file(path)?;
    let size = content.len();
    if size > MAX_WRITE {
        return Err(ToolError::input_invalid(format!(
            "`content` has {size} bytes; one call writes at most {MAX_WRITE}. Nothing was \
             written; write it in parts with mode `append`."
        )));
    }
    room.files(move |workspace| put(workspace, &path, &content, mode)).await
}

/// What the writing of a text would change.
pub(crate) async fn preview(
    room: &Room,
    path: &str,
    content: String,
    mode: Mode,
) -> Option<String> {
    let path = RoomPath::of_file(path).ok()?;
    let look = move |workspace: &Dir| {
        let old = standing_text(workspace, &path)?;
        let new = match mode {
            Mode::Create | Mode::Overwrite => content,
            Mode::Append => format!("{}{content}", old.as_deref().unwrap_or_default()),
        };
        Ok(match old {
            Some(old) => diff::of(&old, &new).preview(&path.shown()),
            None => diff::of("", &new).preview(&format!("{} (new)", path.shown())),
        })
    };
    room.files(look).await.ok()
}

fn put(workspace: &Dir, path: &RoomPath, content: &str, mode: Mode) -> Result<Output, ToolError> {
    let broken = |error| refusal(path, &error);
    let place = Place::find(workspace, path)?;
    match mode {
        Mode::Append => place.append(content.as_bytes(), path)?,
        Mode::Create if place.old.is_some() => {
            return Err(broken(ErrorKind::AlreadyExists.into()));
        }
        Mode::Create => place.put(content.as_bytes(), Standing::Keep).map_err(broken)?,
        Mode::Overwrite => place.put(content.as_bytes(), Standing::Replace).map_err(broken)?,
    }

    let verb = match (mode, &place.old) {
        (Mode::Append, Some(_)) => "appended to",
        (Mode::Overwrite, Some(_)) => "replaced",
        (_, None) | (Mode::Create, Some(_)) => "created",
    };
    let bytes = text::count(content.len() as u64, "byte");
    let lines = text::count(content.lines().count() as u64, "line");
    let summary = format!("{verb} {}: {bytes}, {lines}", path.shown());
    Ok(Output::new(&summary, summary.clone()))
}
