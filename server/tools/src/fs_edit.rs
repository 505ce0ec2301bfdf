//! `fs.edit`: changes in a text file.

mod lines;
mod near;
mod patch;
mod replace;
mod span;

use cap_std::fs::Dir;
use policy::Touches;
use schemars::JsonSchema;
use serde::Deserialize;

use self::span::Span;
use crate::diff::{self, Diff};
use crate::document::Document;
use crate::file::refusal;
use crate::place::{Place, Standing};
use crate::room_path::RoomPath;
use crate::{Class, Output, Room, Tool, ToolError};

/// The most edits of one call.
const MAX_EDITS: usize = 100;

/// The largest text that an edit leaves, in bytes.
const MAX_TEXT: usize = 8 * 1024 * 1024;

/// The most of the diff that the result shows, in bytes.
const MAX_SHOWN: usize = 8 * 1024;

pub(crate) struct FsEdit;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Args {
    /// The file, relative to the workspace.
    path: String,
    /// The text to replace, exactly as it stands in the file, without line
    /// numbers. It must occur once.
    old: Option<String>,
    /// What takes the place of `old` or of the lines. Empty: they are removed.
    new: Option<String>,
    /// How often `old` must occur, where every one is replaced. Left out: 1.
    count: Option<u64>,
    /// Replace lines from this one on, counted from 1.
    start_line: Option<u64>,
    /// The last line to replace. One less than start_line: insert before it.
    end_line: Option<u64>,
    /// Several edits at once, all of the file as it is now; all are done or none.
    edits: Option<Vec<Edit>>,
    /// A unified diff of this one file.
    patch: Option<String>,
}

/// One change.
#[derive(Deserialize, JsonSchema)]
struct Edit {
    #[serde(alias = "find", alias = "old_string", alias = "oldText")]
    old: Option<String>,
    #[serde(alias = "replace", alias = "new_string", alias = "newText", alias = "content")]
    new: Option<String>,
    count: Option<u64>,
    #[serde(alias = "startLine", alias = "start")]
    start_line: Option<u64>,
    #[serde(alias = "endLine", alias = "end")]
    end_line: Option<u64>,
}

impl Tool for FsEdit {
    const NAME: &'static str = "fs.edit";
    const DESCRIPTION: &'static str = "Change a text file of the workspace: replace a text that \
                                       occurs once, replace lines, or apply a patch. Give old and \
                                       new, start_line and new, edits, or patch.";
    const SYNONYMS: &'static [(&'static str, &'static str)] = &[
        ("file", "path"),
        ("filename", "path"),
        ("file_path", "path"),
        ("target", "path"),
        ("find", "old"),
        ("search", "old"),
        ("old_string", "old"),
        ("oldText", "old"),
        ("replace", "new"),
        ("replacement", "new"),
        ("new_string", "new"),
        ("newText", "new"),
        ("startLine", "start_line"),
        ("endLine", "end_line"),
        ("diff", "patch"),
    ];
    const CLASS: Class = Class::Writes;
    type Args = Args;

    fn touches(&self, args: &Args) -> Touches {
        Touches::nothing().reads(&args.path).writes(&args.path)
    }

    async fn preview(&self, room: &Room, args: Args) -> Option<String> {
        let (path, change) = read(args).ok()?;
        let look = move |workspace: &Dir| {
            let document = Document::read(workspace, &path)?;
            let new = change.apply(&document, &path)?.0;
            Ok(diff::of(&document.text, &new).preview(&path.shown()))
        };
        room.files(look).await.ok()
    }

    async fn call(&self, room: &Room, args: Args) -> Result<Output, ToolError> {
        let (path, change) = read(args)?;
        room.files(move |workspace| edit(workspace, &path, &change)).await
    }
}

/// What a call wants done.
enum Change {
    Edits(Vec<Edit>),
    Patch(String),
}

/// Reads what a call wants. Two wishes at once are refused: to guess which one
/// was meant could change the wrong place.
fn read(args: Args) -> Result<(RoomPath, Change), ToolError> {
    let Args { path, old, new, count, start_line, end_line, edits, patch } = args;
    let path = RoomPath::of_file(&path)?;
    let has_one = old.is_some() || start_line.is_some() || end_line.is_some();
    let change = match (has_one, edits, patch) {
        (true, None, None) => Change::Edits(vec![Edit { old, new, count, start_line, end_line }]),
        (false, Some(edits), None) if new.is_none() => Change::Edits(edits),
        (false, None, Some(patch)) if new.is_none() => Change::Patch(patch),
        _ => {
            return Err(ToolError::input_invalid(
                "Give one of: `old` with `new`; `start_line` with `new`; `edits`; `patch`.",
            ));
        }
    };
    if let Change::Edits(edits) = &change
        && !(1..=MAX_EDITS).contains(&edits.len())
    {
        let message = format!("`edits` must hold 1 to {MAX_EDITS} edits.");
        return Err(ToolError::input_invalid(message));
    }
    Ok((path, change))
}

impl Change {
    /// The text after the change, and notes on how it was taken.
    fn apply(
        &self,
        document: &Document,
        path: &RoomPath,
    ) -> Result<(String, Vec<String>), ToolError> {
        let mut notes = Vec::new();
        let mut spans = Vec::new();
        match self {
            Self::Edits(edits) => {
                for (index, edit) in edits.iter().enumerate() {
                    let found = edit.spans(document);
                    let found = found.map_err(|reason| {
                        let which = match edits.len() {
                            1 => String::new(),
                            _ => format!("Edit {}: ", index + 1),
                        };
                        let shown = path.shown();
                        let message = format!("{which}{reason} Nothing in `{shown}` was changed.");
                        ToolError::input_invalid(message)
                    })?;
                    spans.extend(found);
                }
            }
            Self::Patch(patch) => {
                let found = patch::spans(&document.text, &document.like(patch), &mut notes);
                spans = found.map_err(|reason| {
                    let shown = path.shown();
                    ToolError::input_invalid(format!("{reason} Nothing in `{shown}` was changed."))
                })?;
            }
        }
        let text = span::apply(&document.text, spans).map_err(ToolError::input_invalid)?;
        if text == document.text {
            return Err(ToolError::input_invalid(
                "The edit changes nothing: the new text is the one that is there.",
            ));
        }
        if text.len() > MAX_TEXT {
            let message = format!("The text would be larger than {MAX_TEXT} bytes.");
            return Err(ToolError::input_invalid(message));
        }
        Ok((text, notes))
    }
}

impl Edit {
    /// The parts of the text that change, or why there are none.
    fn spans(&self, document: &Document) -> Result<Vec<Span>, String> {
        let Self { old, new, count, start_line, end_line } = self;
        let new = document.like(new.as_deref().unwrap_or_default());
        match (old, start_line) {
            (Some(old), None) if end_line.is_none() => {
                replace::spans(&document.text, &document.like(old), &new, count.unwrap_or(1))
            }
            (None, Some(start)) if count.is_none() => {
                lines::span(&document.text, *start, end_line.unwrap_or(*start), new)
                    .map(|span| vec![span])
            }
            _ => Err("An edit has either `old`, or `start_line` and `end_line`.".to_owned()),
        }
    }
}

fn edit(workspace: &Dir, path: &RoomPath, change: &Change) -> Result<Output, ToolError> {
    let broken = |error| refusal(path, &error);
    // A file that is not there is refused before its folders are made.
    workspace.metadata(path.as_path()).map_err(broken)?;
    let place = Place::find(workspace, path)?;
    let document = Document::read(workspace, path)?;
    let (text, notes) = change.apply(&document, path)?;
    if !place.is_unchanged().map_err(broken)? {
        let message = format!("`{}` was changed meanwhile. Read it again.", path.shown());
        return Err(ToolError::input_invalid(message));
    }
    place.put(&document.bytes(&text), Standing::Replace).map_err(broken)?;
    let Diff { text: mut shown, added, removed } = diff::of(&document.text, &text);
    let summary = format!("edited {}: +{added} -{removed} lines", path.shown());
    let is_cut = shown.len() > MAX_SHOWN;
    if is_cut {
        let line = shown[..shown.floor_char_boundary(MAX_SHOWN)].rfind('\n').unwrap_or_default();
        shown.truncate(line + 1);
    }
    let mut output = Output::new(&summary, format!("{summary}\n{shown}")).with_notes(&notes);
    if is_cut {
        output = output.note("the rest of the diff is left out; all of the edit is done");
    }
    Ok(output)
}
