//! `code.search`: lines that fit a pattern, in many files.

mod found;
mod hunt;
mod ignored;

use cap_std::fs::Dir;
use policy::Touches;
use schemars::JsonSchema;
use serde::Deserialize;

use self::hunt::{Hunt, Wanted};
use crate::file::refusal;
use crate::glob::Glob;
use crate::room_path::RoomPath;
use crate::{Class, Output, Room, Tool, ToolError};

/// How many lines that fit are shown, where nobody says.
const RESULTS: u64 = 100;

pub(crate) struct CodeSearch;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Args {
    /// A regular expression, for one line.
    pattern: String,
    /// The folder or file to search, relative to the workspace. Left out: all of
    /// it.
    #[serde(default = "workspace")]
    path: String,
    /// Only files that fit, for example *.rs, src/**/*.ts or !*.min.js.
    glob: Option<String>,
    /// Whether large and small letters are the same. Left out: no.
    #[serde(default)]
    ignore_case: bool,
    /// Lines to show around each. Left out: 0.
    #[schemars(range(max = 10))]
    context: Option<u64>,
    /// The most lines that fit to show. Left out: 100.
    #[schemars(range(min = 1, max = 500))]
    max_results: Option<u64>,
    /// Whether to name the files only. Left out: no.
    #[serde(default)]
    files_only: bool,
    /// Whether to search what begins with a dot, too. Left out: no.
    #[serde(default)]
    hidden: bool,
}

fn workspace() -> String {
    ".".to_owned()
}

impl Tool for CodeSearch {
    const NAME: &'static str = "code.search";
    const DESCRIPTION: &'static str = "Search the text files of the workspace for lines that fit \
                                       a regular expression. What .gitignore names is left out.";
    const SYNONYMS: &'static [(&'static str, &'static str)] = &[
        ("query", "pattern"),
        ("regex", "pattern"),
        ("search", "pattern"),
        ("text", "pattern"),
        ("directory", "path"),
        ("dir", "path"),
        ("folder", "path"),
        ("include", "glob"),
        ("limit", "max_results"),
        ("case_insensitive", "ignore_case"),
    ];
    const CLASS: Class = Class::Pure;
    type Args = Args;

    fn touches(&self, args: &Args) -> Touches {
        Touches::nothing().reads(&args.path)
    }

    async fn call(&self, room: &Room, args: Args) -> Result<Output, ToolError> {
        let path = if args.path.trim().is_empty() { workspace() } else { args.path };
        let path = RoomPath::parse(&path)?;
        let wanted = Wanted {
            glob: Glob::parse(args.glob.as_deref())?,
            context: args.context.unwrap_or_default() as usize,
            results: args.max_results.unwrap_or(RESULTS) as usize,
            shows: if args.files_only { hunt::Shows::Files } else { hunt::Shows::Lines },
            with_hidden: args.hidden,
        };
        let pattern = found::Pattern::read(&args.pattern, args.ignore_case)?;
        room.files(move |workspace| search(workspace, &path, pattern, wanted)).await
    }
}

fn search(
    workspace: &Dir,
    path: &RoomPath,
    pattern: found::Pattern,
    wanted: Wanted,
) -> Result<Output, ToolError> {
    let mut hunt = Hunt::new(pattern, wanted);
    hunt.through(workspace, path).map_err(|error| refusal(path, &error))?;
    Ok(hunt.told(path))
}
