//! Agents: their names, their states, and what lists and pages show of them.

use serde::{Deserialize, Serialize};

use crate::text_enum::text_enum;
use crate::{AgentChoices, AgentId, Timestamp};

text_enum! {
    /// Where an agent is in its life.
    pub enum AgentStatus("agent status") {
        /// It takes messages.
        Active = "active",
        /// It takes none until it is enabled again.
        Disabled = "disabled",
        /// It is gone, but what it said stays readable.
        Deleted = "deleted",
    }
}

/// The name of an agent: 1 to 40 letters, digits, `-` and `_`, a letter or a
/// digit first. It stands in URLs. No two agents differ only in case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AgentName(String);

/// Why a text is no agent name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AgentNameError {
    /// Nothing was given.
    #[error("Give the agent a name.")]
    Empty,
    /// More than 40 characters.
    #[error("An agent's name has at most 40 characters.")]
    TooLong,
    /// A character outside the set.
    #[error("An agent's name is made of letters a to z, digits, '-' and '_', without spaces.")]
    Characters,
    /// It begins with a sign.
    #[error("An agent's name begins with a letter or a digit.")]
    Beginning,
    /// It would be read as something else.
    #[error("That word means something else here. Choose another name.")]
    Reserved,
}

impl AgentName {
    /// The longest name, in characters.
    pub const MAX: usize = 40;

    /// Reads a name as a person typed it.
    pub fn parse(text: &str) -> Result<Self, AgentNameError> {
        let text = text.trim();
        let Some(first) = text.chars().next() else { return Err(AgentNameError::Empty) };
        if text.chars().count() > Self::MAX {
            return Err(AgentNameError::TooLong);
        }
        if !text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) {
            return Err(AgentNameError::Characters);
        }
        if !first.is_ascii_alphanumeric() {
            return Err(AgentNameError::Beginning);
        }
        // `/agents/new` is a page, and an id names an agent too.
        if text.eq_ignore_ascii_case("new") || text.to_ascii_lowercase().starts_with("agt_") {
            return Err(AgentNameError::Reserved);
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for AgentName {
    type Error = AgentNameError;

    fn try_from(text: String) -> Result<Self, AgentNameError> {
        Self::parse(&text)
    }
}

impl From<AgentName> for String {
    fn from(name: AgentName) -> Self {
        name.0
    }
}

impl std::fmt::Display for AgentName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

/// An agent, as pickers show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentView {
    /// Which agent.
    pub id: AgentId,
    /// Its unique name.
    pub name: AgentName,
    /// Provider and model in use, as `provider/model`.
    pub model: String,
    /// Whether it takes messages.
    pub status: AgentStatus,
}

/// An agent, as lists show it. The counts are of the reader's own work, or of
/// everybody's where the reader is an owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentRow {
    /// Who it is.
    #[serde(flatten)]
    pub agent: AgentView,
    /// The model it names itself; the server's is in use where it names none.
    pub own_model: Option<String>,
    /// Sessions with it.
    pub sessions: u64,
    /// Its runs of the last 30 days.
    pub runs: u64,
    /// When something was last said in a session with it.
    pub active_at: Option<Timestamp>,
}

/// Everything about an agent that an owner sees and edits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentRecord {
    /// What lists show of it.
    #[serde(flatten)]
    pub row: AgentRow,
    /// Its standing instructions.
    pub instructions: String,
    /// What was chosen for it beside its model.
    #[serde(flatten)]
    pub choices: AgentChoices,
    /// The folder as it was chosen: a name among the workspaces, or a path.
    pub folder: String,
    /// Where that folder lies on the server.
    pub path: String,
    /// Other agents that work in the same folder.
    pub shared_with: Vec<AgentName>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed. An edit names the moment that it started from.
    pub updated_at: Timestamp,
}

/// What the agents' page and an agent's page offer to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelChoices {
    /// The server's model, for agents that name none.
    pub default: String,
    /// Models that are known by name.
    pub known: Vec<String>,
}

/// Whom a new session can be with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentPicker {
    /// The agents that take messages, oldest first.
    pub agents: Vec<AgentView>,
    /// The one to begin with: that of the person's newest session.
    pub last_used: Option<AgentId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_fits_into_an_address_and_a_folder() {
        for good in ["guide", "Guide-2", "a", "7_b", &"a".repeat(40)] {
            assert_eq!(AgentName::parse(good).unwrap().as_str(), good);
        }
        assert_eq!(AgentName::parse("  guide ").unwrap().as_str(), "guide");
        for (bad, error) in [
            (" ", AgentNameError::Empty),
            (&*"a".repeat(41), AgentNameError::TooLong),
            ("two words", AgentNameError::Characters),
            ("../up", AgentNameError::Characters),
            ("größe", AgentNameError::Characters),
            ("-x", AgentNameError::Beginning),
            ("New", AgentNameError::Reserved),
            ("agt_0195c8a1d9f07c3a8f2e4b5c6d7e8f90", AgentNameError::Reserved),
        ] {
            assert_eq!(AgentName::parse(bad), Err(error), "{bad:?}");
        }
    }
}
