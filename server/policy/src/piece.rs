//! The pieces of a call: each is judged for itself, and all have to pass.

use std::fmt;

use domain::{Access, SecretName};

use crate::{Call, Command, Host, Unreadable, script};

/// One thing that a call touches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// The tool itself, where its call touches nothing else.
    Tool,
    /// A path.
    Path(Word, Access),
    /// A host.
    Host(Host),
    /// A simple command.
    Command(Simple),
    /// A secret.
    Secret(SecretName),
    /// Part of a script that only shows when it runs.
    Unknown(Unknown),
}

/// A word of a script after the shell has read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Word {
    /// What it will be.
    Known(String),
    /// It only shows when the script runs: the text of the script.
    Open(String, Spread),
}

/// Into how many words an open one may fall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spread {
    /// One.
    One,
    /// Any number, also none.
    Many,
}

/// A simple command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Simple {
    /// Its program's name.
    pub(crate) program: String,
    /// Its arguments.
    pub(crate) args: Vec<Word>,
    /// Whether anything else in the script may change what the program is or
    /// does.
    pub(crate) surroundings: Surroundings,
    /// Whether it needs a grant of its own.
    pub(crate) role: Role,
}

/// What a script does around a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Surroundings {
    /// Nothing that matters to it.
    Plain,
    /// It sets variables that programs may take for orders, or goes to another
    /// folder before it runs what lies there.
    Changed,
}

/// What a command is in its script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// It does something itself.
    Runs,
    /// It only carries another, which is listed too: `nohup make` is `make`.
    /// What forbids it still counts.
    Carries,
}

/// Why part of a script only shows when it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// A command whose name is an expansion.
    Name(String),
    /// A string that is run as a script and is not known.
    Script(String),
    /// A shell that takes its commands from its input or from files of its
    /// own.
    Input(String),
    /// A substitution that cannot be followed.
    Substitution(String),
    /// A variable that decides what names mean.
    Variable(String),
    /// A program that runs another, with options that are not known here.
    Options(String),
}

impl Piece {
    /// The pieces of a call, in the order of its touches.
    pub(crate) fn of(call: &Call) -> Result<Vec<Self>, Unreadable> {
        let touches = &call.touches;
        let mut pieces = Vec::new();
        for (path, access) in &touches.paths {
            pieces.push(Self::Path(Word::Known(path.clone()), *access));
        }
        pieces.extend(touches.hosts.iter().cloned().map(Self::Host));
        for command in &touches.commands {
            pieces.extend(match command {
                Command::Script { text, shell } => script::read(text, *shell)?,
                Command::Argv(words) => script::argv(words)?,
            });
        }
        pieces.extend(touches.secrets.iter().cloned().map(Self::Secret));
        if !pieces.iter().any(Self::needs_a_grant) {
            pieces.push(Self::Tool);
        }
        Ok(pieces)
    }

    /// Whether it has to be covered. A command that only carries another has
    /// not.
    pub(crate) fn needs_a_grant(&self) -> bool {
        !matches!(self, Self::Command(Simple { role: Role::Carries, .. }))
    }
}

impl Word {
    /// The word, if it is known.
    pub(crate) fn known(&self) -> Option<&str> {
        match self {
            Self::Known(text) => Some(text),
            Self::Open(..) => None,
        }
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(text) | Self::Open(text, _) => f.write_str(&shown(text)),
        }
    }
}

impl fmt::Display for Simple {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<_> = self.args.iter().map(Word::to_string).collect();
        f.write_str(&shown(&[&self.program, " ", &words.join(" ")].concat()))
    }
}

impl fmt::Display for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tool => f.write_str("the call itself"),
            Self::Path(path, Access::Read) => write!(f, "read `{path}`"),
            Self::Path(path, Access::Write) => write!(f, "write `{path}`"),
            Self::Host(host) => write!(f, "reach {}", shown(&host.to_string())),
            Self::Command(simple) => write!(f, "run `{simple}`"),
            Self::Secret(name) => write!(f, "use the secret {name}"),
            Self::Unknown(unknown) => unknown.fmt(f),
        }
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(text) => {
                write!(f, "run a command whose name only shows when it runs: `{}`", shown(text))
            }
            Self::Script(text) => {
                write!(f, "run as a script what only shows when it runs: `{}`", shown(text))
            }
            Self::Input(text) => {
                write!(f, "run what a shell reads elsewhere: `{}`", shown(text))
            }
            Self::Substitution(text) => {
                write!(f, "run a substitution that cannot be followed: `{}`", shown(text))
            }
            Self::Variable(name) => {
                write!(f, "set {}, which decides what commands mean", shown(name))
            }
            Self::Options(text) => {
                write!(f, "run another program in a way that is not known here: `{}`", shown(text))
            }
        }
    }
}

/// A text fit to stand in a sentence: one line, at most 200 characters.
pub(crate) fn shown(text: &str) -> String {
    const MOST: usize = 200;
    let text = text.trim_end();
    let mut line: String =
        text.chars().take(MOST).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(MOST).is_some() {
        line.push('…');
    }
    line
}
