//! Simple commands: what they set, what they run, and what they carry.

use rable::{Node, NodeKind};

use super::launch::{Carried, Launch, launch};
use super::walk::Walk;
use super::{Shell, Unreadable, variables};
use crate::piece::{Piece, Role, Simple, Spread, Surroundings, Unknown, Word};

/// The most commands that carry each other.
const MAX_CARRIED: usize = 16;

/// Lists what a program with its arguments would do.
pub(crate) fn argv(words: &[String]) -> Result<Vec<Piece>, Unreadable> {
    let mut walk = Walk::new(Shell::Sh);
    let words: Vec<_> = words.iter().cloned().map(Word::Known).collect();
    walk.run(&words, Surroundings::Plain, 0)?;
    walk.end()
}

impl Walk {
    /// A simple command with its assignments.
    pub(super) fn simple(
        &mut self,
        assignments: &[Node],
        words: &[Node],
    ) -> Result<(), Unreadable> {
        let mut surroundings = Surroundings::Plain;
        for assignment in assignments {
            let NodeKind::Word { value, .. } = &assignment.kind else { continue };
            let name = variables::assigned(value).unwrap_or(value);
            if words.is_empty() {
                self.sets(name)?;
            } else if !variables::is_harmless(name) {
                surroundings = Surroundings::Changed;
            }
            // A subscript is arithmetic, and the parser keeps it as text.
            if value[name.len()..].starts_with('[') {
                self.arithmetic(value)?;
            }
            if value[name.len()..].contains("=(") {
                self.only_bash("an array")?;
                self.embedded(value)?;
            }
            self.word(assignment)?;
        }
        let words = words.iter().map(|word| self.word(word)).collect::<Result<Vec<_>, _>>()?;
        if words.is_empty() {
            return Ok(());
        }
        self.run(&words, surroundings, 0)
    }

    /// A command by its words, and whatever it runs in turn.
    fn run(
        &mut self,
        words: &[Word],
        surroundings: Surroundings,
        carried: usize,
    ) -> Result<(), Unreadable> {
        if carried == MAX_CARRIED {
            return Err(Unreadable::TooMuch);
        }
        let text = || words.iter().map(Word::to_string).collect::<Vec<_>>().join(" ");
        let program = match words.first().and_then(Word::known) {
            Some(name) if !name.is_empty() => name,
            _ => return self.unknown(Unknown::Name(text())),
        };
        let (name, of_system) = program_name(program);
        let launch = launch(name, &words[1..]);
        // What only looks like `env` in another folder may be anything.
        let role = match (&launch, of_system) {
            (Launch::Carries(..), true) => Role::Carries,
            _ => Role::Runs,
        };
        self.command(Simple {
            program: program.to_owned(),
            args: words[1..].to_vec(),
            surroundings,
            role,
        })?;
        self.shell_state(name, &words[1..])?;
        match launch {
            Launch::Nothing | Launch::Asks => Ok(()),
            Launch::Runs(carried_by) | Launch::Carries(carried_by) => {
                carried_by.into_iter().try_for_each(|one| self.carried(one, surroundings, carried))
            }
            Launch::Options => self.unknown(Unknown::Options(text())),
            Launch::Input => self.unknown(Unknown::Input(text())),
            Launch::OpenScript => self.unknown(Unknown::Script(text())),
        }
    }

    fn carried(
        &mut self,
        one: Carried,
        surroundings: Surroundings,
        carried: usize,
    ) -> Result<(), Unreadable> {
        match one {
            Carried::Words { words, variables } => {
                let harmless = variables.iter().all(|name| variables::is_harmless(name));
                let surroundings = if harmless { surroundings } else { Surroundings::Changed };
                self.run(&words, surroundings, carried + 1)
            }
            Carried::Script { text, shell } => {
                let inner = shell.unwrap_or(self.shell);
                let own = std::mem::replace(&mut self.shell, inner);
                let read = self.nested(&text);
                self.shell = own;
                read
            }
        }
    }

    /// What a builtin changes for the commands around it.
    fn shell_state(&mut self, name: &str, args: &[Word]) -> Result<(), Unreadable> {
        let known = || args.iter().filter_map(Word::known);
        match name {
            "cd" | "pushd" | "popd" | "chroot" => self.moved = true,
            "env" | "sudo" | "doas" => {
                let moves = |word: &str| {
                    let option = word.starts_with('-') && !word.starts_with("--");
                    (option && word.contains(['C', 'D'])) || word.starts_with("--chdir")
                };
                self.moved |= known().any(moves);
            }
            "export" | "declare" | "typeset" | "local" | "readonly" => {
                let names = |word: &str| !word.starts_with('-');
                self.exports |= args.iter().any(|word| match word.known() {
                    Some(word) => {
                        let name = variables::assigned(word).unwrap_or(word);
                        names(word) && !variables::is_harmless(name)
                    }
                    None => true,
                });
                self.names(args)?;
            }
            "set" => {
                let exports = |word: &str| {
                    word == "allexport"
                        || (word.starts_with('-') && !word.starts_with("--") && word.contains('a'))
                };
                self.exports |= known().any(exports);
            }
            "let" => {
                self.arithmetic = true;
                self.names(args)?;
            }
            "read" | "printf" | "mapfile" | "readarray" | "getopts" | "unset" | "test" | "[" => {
                self.arithmetic |= known().any(|word| word == "-v" || word.contains('['));
                self.names(args)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Names of variables among the arguments of a builtin that sets them.
    fn names(&mut self, args: &[Word]) -> Result<(), Unreadable> {
        for word in args.iter().filter_map(Word::known) {
            // `-vPATH` and `PATH=x` name it too.
            let word = word.strip_prefix("-v").unwrap_or(word);
            self.sets(variables::assigned(word).unwrap_or(word))?;
        }
        Ok(())
    }
}

/// The name of a program, and whether it is the one of the system's folders.
pub(crate) fn program_name(program: &str) -> (&str, bool) {
    const FOLDERS: &[&str] = &["/bin", "/usr/bin", "/sbin", "/usr/sbin"];
    match program.rsplit_once('/') {
        None => (program, true),
        Some((folder, name)) => (name, FOLDERS.contains(&folder)),
    }
}

/// A word that is there but not known.
pub(super) fn open(text: &str) -> Word {
    Word::Open(text.to_owned(), Spread::Many)
}
