//! The tools that a run's requests tell of.

use std::sync::Arc;

use llm::ToolSpec;
use tools::{Reach, Shelf, TOOL_SEARCH, ToolInfo};

/// The tools that requests tell of: those of the start, then those that the run
/// has found. New ones come at the end, so that what was sent before stays the
/// same.
pub(crate) struct Toolbox {
    told: Arc<[ToolSpec]>,
    shelf: Shelf,
    /// How many of those that were found are told of, or are none of the run's.
    taken: usize,
}

impl Toolbox {
    /// The tools of a run that may use these.
    pub(crate) fn of(infos: &[ToolInfo]) -> Self {
        let shelf = Shelf::of(infos);
        // Where there is nothing to find, nobody is told to search.
        let is_told = |info: &&ToolInfo| {
            info.reach == Reach::Shown && (info.name != TOOL_SEARCH || !shelf.is_empty())
        };
        let told = infos.iter().filter(is_told).map(spec).collect();
        Self { told, shelf, taken: 0 }
    }

    /// What can be found.
    pub(crate) fn shelf(&self) -> Shelf {
        self.shelf.clone()
    }

    /// The tools that the next request tells of.
    pub(crate) fn told(&mut self, found: &[String]) -> Arc<[ToolSpec]> {
        let new = found.get(self.taken..).unwrap_or_default();
        if !new.is_empty() {
            let known = new.iter().filter_map(|name| self.shelf.get(name)).map(spec);
            self.told = self.told.iter().cloned().chain(known).collect();
            self.taken = found.len();
        }
        Arc::clone(&self.told)
    }
}

fn spec(info: &ToolInfo) -> ToolSpec {
    ToolSpec {
        name: info.name.clone(),
        description: info.description.clone(),
        parameters: info.schema.clone(),
    }
}
