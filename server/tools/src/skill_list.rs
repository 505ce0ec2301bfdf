//! `skill.list`: the skills there are.

use std::path::Path;

use cap_std::fs::Dir;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::file::refusal;
use crate::room_path::RoomPath;
use crate::walk::{Entry, Step, Visitor, walk};
use crate::{Class, Output, Reach, Room, Tool, ToolError, skill, text};

/// The most skills that one call shows.
const MAX_SKILLS: usize = 64;

pub(crate) struct SkillList;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Args {}

impl Tool for SkillList {
    const NAME: &'static str = "skill.list";
    const DESCRIPTION: &'static str = "List the skills of the workspace: instructions for kinds of \
                                       work, each with a line on what it is for.";
    const CLASS: Class = Class::Pure;
    const REACH: Reach = Reach::Found;
    type Args = Args;

    async fn call(&self, room: &Room, _: Args) -> Result<Output, ToolError> {
        room.files(list).await
    }
}

fn list(workspace: &Dir) -> Result<Output, ToolError> {
    let path = RoomPath::parse(skill::FOLDER)?;
    let broken = |error| refusal(&path, &error);
    let mut names = Names::default();
    if workspace.is_dir(skill::FOLDER) {
        let folder = workspace.open_dir(skill::FOLDER).map_err(broken)?;
        walk(&folder, Path::new(""), &mut names).map_err(broken)?;
    }
    let mut lines = String::new();
    let mut shown = 0;
    for name in &names.names {
        // A folder without the file is no skill.
        let Ok(text) = skill::text(workspace, name) else { continue };
        shown += 1;
        lines.push_str(&format!("{}: {}\n", text::shown(name), skill::description(&text)));
    }
    let skills = text::count(shown, "skill");
    let mut output = Output::new(&format!("listed {skills}"), lines);
    if shown == 0 {
        output = output.note("there are no skills: a skill is a file skills/NAME/SKILL.md");
    }
    if names.left_out > 0 {
        output = output.note(&format!("{} more folders left out", names.left_out));
        output.truncated = true;
    }
    Ok(output)
}

#[derive(Default)]
struct Names {
    names: Vec<String>,
    left_out: usize,
}

impl Visitor for Names {
    fn entry(&mut self, entry: &Entry<'_>) -> Step {
        if entry.kind.is_dir()
            && let Some(name) = entry.name.to_str()
        {
            if self.names.len() < MAX_SKILLS {
                self.names.push(name.to_owned());
            } else {
                self.left_out += 1;
            }
        }
        Step::Past
    }

    fn missed(&mut self, entries: usize) {
        self.left_out += entries;
    }
}
