//! Commands: messages that begin with a slash and are for this program, not for
//! an agent.

use serde::{Deserialize, Serialize};

use crate::SessionId;
use crate::text_enum::text_enum;

text_enum! {
    /// A command, by the word behind its slash.
    pub enum CommandName("command") {
        /// Begins a session.
        New = "new",
        /// Leads to a session.
        Resume = "resume",
        /// Lists sessions.
        Chats = "chats",
        /// Stops the work of a session.
        Stop = "stop",
        /// Calls a tool.
        Tool = "tool",
        /// Tells the commands.
        Help = "help",
    }
}

impl CommandName {
    /// What may stand behind the word.
    pub const fn argument(self) -> &'static str {
        match self {
            Self::New => "[title]",
            Self::Resume => "[number, id or words]",
            Self::Chats => "[words]",
            Self::Tool => "name {arguments}",
            Self::Stop | Self::Help => "",
        }
    }

    /// What it does, in a few words.
    pub const fn hint(self) -> &'static str {
        match self {
            Self::New => "begin a new session",
            Self::Resume => "go on in an earlier session",
            Self::Chats => "list the newest sessions, or those with these words",
            Self::Stop => "stop the work in this session",
            Self::Tool => "call a tool; the agent goes on with what it gives",
            Self::Help => "tell the commands",
        }
    }
}

/// What a command answered. It is shown once and is no part of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandReply {
    /// One or two sentences.
    pub response: String,
    /// The session that it leads to, or where it was given.
    pub session_id: Option<SessionId>,
    /// Whether the person is led to that session.
    #[serde(default)]
    pub leads: bool,
    /// Sessions to choose from, numbered from 1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sessions: Vec<SessionLink>,
}

/// A session in a list to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionLink {
    /// Which session.
    pub id: SessionId,
    /// What it is about.
    pub title: String,
}

impl CommandReply {
    /// The whole reply as plain text.
    pub fn text(&self) -> String {
        let mut text = self.response.clone();
        for (index, session) in self.sessions.iter().enumerate() {
            text.push_str(&format!("\n{}. {} ({})", index + 1, session.title, session.id));
        }
        text
    }
}
