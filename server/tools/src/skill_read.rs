//! `skill.read`: the instructions of a skill.

use std::path::Path;

use cap_std::fs::Dir;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::walk::{Entry, Step, Visitor, walk};
use crate::{Class, Output, Reach, Room, Tool, ToolError, skill, text};

/// The most other files of a skill that are named.
const MAX_NAMED: usize = 50;

/// How many folders deep they are looked for.
const MAX_DEPTH: usize = 4;

pub(crate) struct SkillRead;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Args {
    /// The skill's name, as skill.list shows it.
    name: String,
}

impl Tool for SkillRead {
    const NAME: &'static str = "skill.read";
    const DESCRIPTION: &'static str = "Read the instructions of a skill, and which other files it \
                                       has.";
    const SYNONYMS: &'static [(&'static str, &'static str)] = &[("skill", "name")];
    const CLASS: Class = Class::Pure;
    const REACH: Reach = Reach::Found;
    type Args = Args;

    async fn call(&self, room: &Room, args: Args) -> Result<Output, ToolError> {
        room.files(move |workspace| read(workspace, args.name.trim())).await
    }
}

fn read(workspace: &Dir, name: &str) -> Result<Output, ToolError> {
    let text = skill::text(workspace, name)?;
    let shown = text::shown(name);
    let mut files = Files::default();
    if let Ok(folder) = workspace.open_dir(Path::new(skill::FOLDER).join(name)) {
        // What cannot be listed can still be read by its name.
        let _ = walk(&folder, Path::new(""), &mut files);
    }
    let mut output = Output::new(&format!("read the skill {shown}"), text);
    if !files.names.is_empty() {
        let folder = format!("{}/{shown}/", skill::FOLDER);
        let names = files.names.join(", ");
        output = output.note(&format!("other files under {folder}: {names}{}", files.more()));
    }
    Ok(output)
}

#[derive(Default)]
struct Files {
    names: Vec<String>,
    has_more: bool,
}

impl Files {
    fn more(&self) -> &'static str {
        if self.has_more { " and more" } else { "" }
    }
}

impl Visitor for Files {
    fn entry(&mut self, entry: &Entry<'_>) -> Step {
        if self.names.len() == MAX_NAMED {
            self.has_more = true;
            return Step::Stop;
        }
        if entry.kind.is_file() && entry.path != Path::new(skill::FILE) {
            self.names.push(text::shown(&entry.path.to_string_lossy()));
        }
        if entry.depth < MAX_DEPTH { Step::Into } else { Step::Past }
    }

    fn missed(&mut self, _: usize) {
        self.has_more = true;
    }
}
