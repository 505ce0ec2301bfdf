//! Sessions and messages, as pages and the API show them.

use serde::{Deserialize, Serialize};

use crate::text_enum::text_enum;
use crate::{
    AgentId, AgentStatus, MessageId, PictureView, RunId, RunStatus, SessionId, Timestamp, Turn,
};

text_enum! {
    /// Where a message came from and where the answer goes.
    pub enum Channel("channel") {
        /// The pages of this server.
        Dashboard = "dashboard",
        /// The HTTP API.
        Api = "api",
        /// The command line.
        Cli = "cli",
        /// A job's fire.
        Scheduler = "scheduler",
        /// The Discord bridge.
        Discord = "discord",
    }
}

text_enum! {
    /// Who said a message.
    pub enum SenderRole("sender role") {
        /// A person.
        User = "user",
        /// The agent.
        Assistant = "assistant",
    }
}

text_enum! {
    /// Where a session stands for its owner.
    pub enum SessionState("session state") {
        /// In the list.
        Active = "active",
        /// Out of the way; can be read and searched.
        Archived = "archived",
        /// Gone. Its rows go in small steps.
        Deleted = "deleted",
    }
}

/// Which sessions a list shows. All parts must fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionFilter {
    /// Only sessions in this state.
    pub state: SessionState,
    /// Only sessions with this agent.
    pub agent_id: Option<AgentId>,
}

impl Default for SessionFilter {
    fn default() -> Self {
        Self { state: SessionState::Active, agent_id: None }
    }
}

/// One conversation, as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    /// Which session.
    pub id: SessionId,
    /// What it is about, in a few words.
    pub title: String,
    /// The agent it is with.
    pub agent_id: AgentId,
    /// That agent's name.
    pub agent: String,
    /// Whether that agent takes messages.
    pub agent_status: AgentStatus,
    /// Where it takes place.
    pub channel: Channel,
    /// Whether it is in the list or out of the way.
    pub state: SessionState,
    /// The state of its newest run.
    pub status: Option<RunStatus>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When something was last said in it.
    pub updated_at: Timestamp,
}

/// What somebody said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageView {
    /// Which message.
    pub id: MessageId,
    /// Who said it.
    pub role: SenderRole,
    /// The words.
    pub content: String,
    /// The pictures that were sent with them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pictures: Vec<PictureView>,
    /// The run that it began or that wrote it.
    pub run_id: Option<RunId>,
    /// When it was stored.
    pub created_at: Timestamp,
}

/// Everything the chat page shows of one session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatView {
    /// The session.
    pub session: SessionView,
    /// Its newest turns, oldest first, at most 50.
    pub turns: Vec<Turn>,
    /// The cursor of the turns before these; absent where there are none.
    pub older: Option<String>,
    /// The position up to which events are in `turns`; a live stream goes on
    /// from here.
    pub position: u64,
}
