//! `fs.mkdir`: a new folder.

use schemars::JsonSchema;
use serde::Deserialize;

use policy::Touches;

use crate::file::refusal;
use crate::room_path::RoomPath;
use crate::{Class, Output, Reach, Room, Tool, ToolError};

pub(crate) struct FsMkdir;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Args {
    /// The folder, relative to the workspace. Those that lead there are made too.
    path: String,
}

impl Tool for FsMkdir {
    const NAME: &'static str = "fs.mkdir";
    const DESCRIPTION: &'static str = "Make a folder (directory) in the workspace. One that is \
                                       there already stays as it is.";
    const SYNONYMS: &'static [(&'static str, &'static str)] =
        &[("directory", "path"), ("dir", "path"), ("folder", "path"), ("name", "path")];
    const CLASS: Class = Class::Writes;
    const REACH: Reach = Reach::Found;
    type Args = Args;

    fn touches(&self, args: &Args) -> Touches {
        Touches::nothing().writes(&args.path)
    }

    async fn call(&self, room: &Room, args: Args) -> Result<Output, ToolError> {
        let path = RoomPath::parse(&args.path)?;
        room.files(move |workspace| {
            let broken = |error| refusal(&path, &error);
            if workspace.is_dir(path.as_path()) {
                let summary = format!("{} is there already", path.shown());
                return Ok(Output::new(&summary, summary.clone()));
            }
            workspace.create_dir_all(path.as_path()).map_err(broken)?;
            let summary = format!("made the folder {}", path.shown());
            Ok(Output::new(&summary, summary.clone()))
        })
        .await
    }
}
