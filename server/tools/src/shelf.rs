//! Tools that a model finds by words.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{Reach, ToolInfo, schema};

/// The most tools that one search gives.
const MAX_FOUND: usize = 5;

/// The most words of a search that count.
const MAX_WORDS: usize = 20;

/// The tools that a run may find: those it may use and is not told of from the
/// start.
#[derive(Debug, Clone, Default)]
pub struct Shelf(Arc<[ToolInfo]>);

impl Shelf {
    /// Those of some tools that are to be found.
    pub fn of(infos: &[ToolInfo]) -> Self {
        let found = |info: &&ToolInfo| info.reach == Reach::Found;
        Self(infos.iter().filter(found).cloned().collect())
    }

    /// Whether there is nothing to find.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The tool of a name.
    pub fn get(&self, name: &str) -> Option<&ToolInfo> {
        self.0.iter().find(|info| info.name == name)
    }

    /// The tools that words fit, the best first, at most five: each word counts
    /// where it stands in a name, in a description or in a field's name. Equals
    /// come in the order of the registry.
    pub fn find(&self, words: &str) -> Vec<&ToolInfo> {
        let words: Vec<String> = split(words).take(MAX_WORDS).map(str::to_lowercase).collect();
        let mut fits: Vec<_> = self.0.iter().map(|info| (score(info, &words), info)).collect();
        fits.retain(|(score, _)| *score > 0);
        fits.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        fits.into_iter().take(MAX_FOUND).map(|(_, info)| info).collect()
    }

    /// The names of all, in their order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|info| info.name.as_str())
    }
}

/// A tool as the answer of a search tells of it: one line.
pub(crate) fn line(info: &ToolInfo) -> String {
    let ToolInfo { name, description, schema, .. } = info;
    json!({ "name": name, "description": description, "parameters": schema }).to_string()
}

/// The name of the tool that a line of an answer tells of, if it does.
pub(crate) fn name_in(line: &str) -> Option<String> {
    let Ok(Value::Object(mut fields)) = serde_json::from_str(line) else { return None };
    match fields.remove("name") {
        Some(Value::String(name)) => Some(name),
        _ => None,
    }
}

/// How well words fit a tool.
fn score(info: &ToolInfo, words: &[String]) -> u32 {
    let name = info.name.to_lowercase();
    let name_parts: Vec<&str> = split(&name).collect();
    let description = info.description.to_lowercase();
    let told: Vec<&str> = split(&description).collect();
    let fields: Vec<String> =
        schema::fields(&info.schema).map(|(name, _)| name.to_lowercase()).collect();
    let of_word = |word: &String| {
        if name_parts.contains(&word.as_str()) {
            8
        } else if told.iter().any(|one| is_form_of(one, word)) {
            4
        } else if fields.iter().any(|field| split(field).any(|part| part == word)) {
            2
        } else {
            0
        }
    };
    words.iter().map(of_word).sum()
}

fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 1)
}

/// Whether two words are the same but for their ends: `rename` and `renaming`,
/// `skill` and `skills`.
fn is_form_of(one: &str, other: &str) -> bool {
    let same = one.chars().zip(other.chars()).take_while(|(one, other)| one == other).count();
    let shorter = one.chars().count().min(other.chars().count());
    one == other || same >= 4 && same + 1 >= shorter
}
