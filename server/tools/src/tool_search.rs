//! `tool.search`: tools that are rarely wanted, by words.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::shelf::{line, name_in};
use crate::{Class, Output, Room, Tool, ToolError, text};

/// The most that an answer takes, in bytes: two of the longest tools.
const MAX_ANSWER: usize = 40 * 1024;

/// The most names that an answer without a tool lists.
const NAMED: usize = 40;

pub(crate) struct ToolSearch;

/// The name of the tool that finds others.
pub const TOOL_SEARCH: &str = ToolSearch::NAME;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Args {
    /// What the tool is to do, in a few words, or its name.
    query: String,
}

impl Tool for ToolSearch {
    const NAME: &'static str = "tool.search";
    const DESCRIPTION: &'static str = "Find a tool that you are not told of here: to move, rename, \
                                       delete or append to files, make folders, read skills, and \
                                       more. The answer tells of up to five, which you can call \
                                       from then on.";
    const SYNONYMS: &'static [(&'static str, &'static str)] =
        &[("words", "query"), ("text", "query"), ("search", "query"), ("name", "query")];
    const CLASS: Class = Class::Reads;
    const OUTPUT_LIMIT: usize = MAX_ANSWER;
    type Args = Args;

    async fn call(&self, room: &Room, args: Args) -> Result<Output, ToolError> {
        let shelf = room.shelf();
        let mut content = String::new();
        let mut names = Vec::new();
        for info in shelf.find(&args.query) {
            let line = line(info);
            if content.len() + line.len() < MAX_ANSWER {
                content.push_str(&line);
                content.push('\n');
                names.push(info.name.as_str());
            }
        }
        if !names.is_empty() {
            return Ok(Output::new(&format!("found {}", names.join(", ")), content));
        }
        let query = text::shown(&args.query);
        let all: Vec<_> = shelf.names().take(NAMED).collect();
        let there_are = match all.as_slice() {
            [] => "There are none to be found.".to_owned(),
            names => format!("There are: {}.", names.join(", ")),
        };
        let content = format!("No tool fits these words. {there_are}");
        Ok(Output::new(&format!("found no tool for {query}"), content))
    }
}

/// The names of the tools that an answer of `tool.search` tells of.
pub fn found_in(answer: &str) -> Vec<String> {
    answer.lines().filter_map(name_in).collect()
}
