//! What a shell script would do, as far as reading can tell.
//!
//! A parser that knows bash's grammar reads the script, and every simple
//! command in it is listed, wherever it stands: in lists, pipelines and
//! substitutions, behind `env` and `xargs`, in a string given to `eval` or
//! `sh -c`. Redirections are listed as paths. What only shows when the script
//! runs is listed as unknown, so that nothing is passed over in silence. What
//! cannot be read is refused with its reason.
//!
//! This is comfort: a program that was allowed can do whatever the sandbox lets
//! it do, run others too. The sandbox is the wall.

mod command;
mod embedded;
mod launch;
mod variables;
mod walk;
mod word;

use crate::piece::Piece;
pub(crate) use command::{argv, program_name};

/// The shell that reads a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// bash.
    Bash,
    /// `sh`, whichever it is: nothing beyond the standard is sure.
    Sh,
}

/// Why a script could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// More than 32 KiB.
    #[error(
        "The script has {0} bytes; at most {MAX_SCRIPT} are read. Write what is long to a file \
         first."
    )]
    TooLong(usize),
    /// More signs that open something than can be followed.
    #[error(
        "The script opens more brackets or substitutions than can be followed. Make it shorter, or \
         write what is data to a file first."
    )]
    TooMuch,
    /// It is no script.
    #[error("The script cannot be read: {0}.")]
    Syntax(String),
    /// `sh` reads something in it otherwise than bash.
    #[error("sh does not read {0} as bash does. Write it without, or run it with bash.")]
    OtherShell(&'static str),
    /// A sign that shells read in different ways.
    #[error("The script holds the control character U+{0:04X}.")]
    Sign(u32),
    /// The reader itself failed.
    #[error("The script could not be read here.")]
    Reader,
}

/// The longest script, in bytes.
pub const MAX_SCRIPT: usize = 32 * 1024;

/// The most substitutions in a script. The parser's time grows with the cube
/// of their depth: this many in each other take it a fifth of a second.
const MAX_SUBSTITUTIONS: usize = 64;

/// The most signs of one kind that open something. It bounds how deep the
/// parser calls itself.
const MAX_OPENED: usize = 1000;

/// The most things that are listed of a script.
const MAX_PIECES: usize = 1000;

/// The stack that a script is read on. The deepest that the limits above let
/// through needs less than a quarter of it, also without optimisation.
const STACK: usize = 64 * 1024 * 1024;

/// Lists what a script would do.
pub(crate) fn read(text: &str, shell: Shell) -> Result<Vec<Piece>, Unreadable> {
    check(text)?;
    let text = text.to_owned();
    let reader = std::thread::Builder::new().name("script reader".to_owned()).stack_size(STACK);
    // A panic of the parser is its own failure and refuses the script alone.
    let reader = reader.spawn(move || walk::Walk::over(&text, shell));
    reader.map_err(|_| Unreadable::Reader)?.join().map_err(|_| Unreadable::Reader)?
}

/// Refuses what the parser must not be given.
fn check(text: &str) -> Result<(), Unreadable> {
    if text.len() > MAX_SCRIPT {
        return Err(Unreadable::TooLong(text.len()));
    }
    // A shell takes other blanks for part of a word, and so must everybody.
    let stray = |c: &char| c.is_control() && !matches!(c, '\n' | '\t');
    if let Some(sign) = text.chars().find(stray) {
        return Err(Unreadable::Sign(u32::from(sign)));
    }
    let count = |sign: &str| text.matches(sign).count();
    let substitutions = count("$(") + count("<(") + count(">(") + count("`");
    let opened = ["(", "{", "[", "!"].into_iter().map(count).max().unwrap_or(0);
    if substitutions > MAX_SUBSTITUTIONS || opened > MAX_OPENED {
        return Err(Unreadable::TooMuch);
    }
    Ok(())
}
