//! What a tool call touches, as the tool itself tells it.

use domain::{Access, SecretName};

use crate::Shell;

/// Everything outside itself that a call reads, changes, reaches or uses. A
/// tool that leaves something out here asks for less than it does, so each has
/// to name all it can; what it cannot know beforehand, the sandbox holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touches {
    /// Files and folders, relative to the workspace or absolute, as they were
    /// written.
    pub paths: Vec<(String, Access)>,
    /// Hosts.
    pub hosts: Vec<Host>,
    /// Commands.
    pub commands: Vec<Command>,
    /// Secrets that are filled in.
    pub secrets: Vec<SecretName>,
}

/// A host at a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// Its name, or its address, of version 6 in brackets.
    pub name: String,
    /// The port.
    pub port: u16,
}

impl std::fmt::Display for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.name, self.port)
    }
}

/// A command as it is given to the system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Text that a shell reads.
    Script {
        /// The text.
        text: String,
        /// The shell that will read it. To read for one what another runs
        /// would miss what the two read in different ways.
        shell: Shell,
    },
    /// A program with its arguments; no shell reads them.
    Argv(Vec<String>),
}

impl Touches {
    /// A call that touches nothing.
    pub fn nothing() -> Self {
        Self::default()
    }

    /// A path more that is read.
    #[must_use]
    pub fn reads(mut self, path: impl Into<String>) -> Self {
        self.paths.push((path.into(), Access::Read));
        self
    }

    /// A path more that is written.
    #[must_use]
    pub fn writes(mut self, path: impl Into<String>) -> Self {
        self.paths.push((path.into(), Access::Write));
        self
    }
}
