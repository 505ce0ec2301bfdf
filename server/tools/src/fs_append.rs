//! `fs.append`: text at the end of a file.

use schemars::JsonSchema;
use serde::Deserialize;

use policy::Touches;

use crate::fs_write::{self, Mode};
use crate::{Class, Output, Reach, Room, Tool, ToolError};

pub(crate) struct FsAppend;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Args {
    /// The file, relative to the workspace. It and its folders are made where
    /// they are missing.
    path: String,
    /// The text to add, at most 1 MiB. No line end is added to it.
    content: String,
}

impl Tool for FsAppend {
    const NAME: &'static str = "fs.append";
    const DESCRIPTION: &'static str = "Add text at the end of a file of the workspace.";
    const SYNONYMS: &'static [(&'static str, &'static str)] = &[
        ("file", "path"),
        ("filename", "path"),
        ("file_path", "path"),
        ("target", "path"),
        ("text", "content"),
        ("body", "content"),
        ("contents", "content"),
        ("data", "content"),
    ];
    const CLASS: Class = Class::Writes;
    const REACH: Reach = Reach::Found;
    type Args = Args;

    fn touches(&self, args: &Args) -> Touches {
        Touches::nothing().writes(&args.path)
    }

    async fn preview(&self, room: &Room, args: Args) -> Option<String> {
        fs_write::preview(room, &args.path, args.content, Mode::Append).await
    }

    async fn call(&self, room: &Room, args: Args) -> Result<Output, ToolError> {
        fs_write::write(room, &args.path, args.content, Mode::Append).await
    }
}
