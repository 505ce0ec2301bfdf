//! Programs that run other programs.

use super::command::open;
use super::{Shell, variables};
use crate::piece::{Spread, Word};

/// What a program runs beside itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Launch {
    /// Nothing that is known of.
    Nothing,
    /// These; itself it does nothing.
    Carries(Vec<Carried>),
    /// These, and it does something itself.
    Runs(Vec<Carried>),
    /// Nothing; it was asked about a command or told to run none.
    Asks,
    /// Something, in a way that is not known here.
    Options,
    /// What it reads from its input or from files of its own.
    Input,
    /// A script that is not known.
    OpenScript,
}

/// What is run by another program.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Carried {
    /// A command, with these variables set for it.
    Words {
        /// Its words.
        words: Vec<Word>,
        /// The names.
        variables: Vec<String>,
    },
    /// A script, for this shell or the one that runs already.
    Script {
        /// Its text.
        text: String,
        /// The shell.
        shell: Option<Shell>,
    },
}

/// Options of a program as far as they matter: those without a value, and
/// those with one. Any other may mean anything.
struct Options {
    flags: &'static str,
    values: &'static str,
    /// A value only where it is attached.
    attached: &'static str,
    long: &'static [&'static str],
    long_values: &'static [&'static str],
}

const NO_OPTIONS: Options =
    Options { flags: "", values: "", attached: "", long: &[], long_values: &[] };

/// What a program runs, by its name and its arguments.
pub(super) fn launch(name: &str, args: &[Word]) -> Launch {
    match name {
        "env" => env(args),
        "nohup" | "builtin" | "busybox" | "toybox" => carries(args, &NO_OPTIONS, 0),
        "timeout" => carries(
            args,
            &Options {
                flags: "fpv",
                values: "ks",
                long: &["foreground", "preserve-status", "verbose"],
                long_values: &["kill-after", "signal"],
                ..NO_OPTIONS
            },
            1,
        ),
        "nice" => carries(
            args,
            &Options {
                flags: "0123456789",
                values: "n",
                long_values: &["adjustment"],
                ..NO_OPTIONS
            },
            0,
        ),
        "ionice" => {
            let long_values = &["class", "classdata"];
            carries(args, &Options { flags: "t", values: "cn", long_values, ..NO_OPTIONS }, 0)
        }
        "stdbuf" => {
            let long_values = &["input", "output", "error"];
            carries(args, &Options { values: "ioe", long_values, ..NO_OPTIONS }, 0)
        }
        "setsid" => {
            let long = &["ctty", "fork", "wait"];
            carries(args, &Options { flags: "cfw", long, ..NO_OPTIONS }, 0)
        }
        "time" => carries(args, &Options { flags: "pv", ..NO_OPTIONS }, 0),
        "exec" => carries(args, &Options { flags: "cl", values: "a", ..NO_OPTIONS }, 0),
        "command" => command(args),
        "xargs" => xargs(args),
        "sudo" => {
            with_rights(args, &Options { flags: "nEHSkbPA", values: "ughpCTrtD", ..NO_OPTIONS })
        }
        "doas" => with_rights(args, &Options { flags: "n", values: "u", ..NO_OPTIONS }),
        "find" => find(args),
        "sh" | "dash" | "ash" => shell(args, Shell::Sh),
        "bash" => shell(args, Shell::Bash),
        "zsh" | "ksh" | "mksh" | "fish" | "csh" | "tcsh" => other_shell(args),
        "eval" => eval(args),
        "trap" => trap(args),
        "alias" if args.iter().any(|word| word.known().is_none_or(|word| word.contains('='))) => {
            Launch::Options
        }
        "hash"
            if args.iter().any(|word| word.known().is_none_or(|word| word.starts_with("-p"))) =>
        {
            Launch::Options
        }
        "mapfile" | "readarray"
            if args.iter().any(|word| word.known().is_some_and(|word| word.starts_with("-C"))) =>
        {
            Launch::OpenScript
        }
        _ => Launch::Nothing,
    }
}

/// Where the arguments begin that are no options; `None` where an option is not
/// known, or a word that may be one.
fn after(args: &[Word], options: &Options) -> Option<usize> {
    let mut at = 0;
    while let Some(word) = args.get(at) {
        let word = match word {
            Word::Known(word) => word.as_str(),
            // In quotes it may still be an option.
            Word::Open(..) => return None,
        };
        if word == "--" {
            return Some(at + 1);
        }
        if let Some(long) = word.strip_prefix("--") {
            let (name, attached) = match long.split_once('=') {
                Some((name, _)) => (name, true),
                None => (long, false),
            };
            at += match (options.long.contains(&name), options.long_values.contains(&name)) {
                (true, _) => 1,
                (_, true) if attached => 1,
                (_, true) => 2,
                _ => return None,
            };
            continue;
        }
        let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
            return Some(at);
        };
        at += 1;
        for (n, letter) in letters.char_indices() {
            if options.values.contains(letter) {
                if n + letter.len_utf8() == letters.len() {
                    at += 1;
                }
                break;
            }
            if options.attached.contains(letter) {
                break;
            }
            if !options.flags.contains(letter) {
                return None;
            }
        }
    }
    Some(at.min(args.len()))
}

/// A program that runs its arguments, behind options and so many words of its
/// own.
fn carries(args: &[Word], options: &Options, own: usize) -> Launch {
    let Some(at) = after(args, options) else { return Launch::Options };
    // A word that falls into several shifts what follows.
    if args[at..].iter().take(own).any(|word| word.known().is_none()) {
        return Launch::Options;
    }
    words(args.get(at + own..).unwrap_or_default().to_vec(), Vec::new())
}

fn words(words: Vec<Word>, variables: Vec<String>) -> Launch {
    if words.is_empty() {
        return Launch::Asks;
    }
    Launch::Carries(vec![Carried::Words { words, variables }])
}

/// Assignments in front of a command, and where it begins.
fn assignments(args: &[Word]) -> (Vec<String>, usize) {
    let names = args.iter().map_while(|word| {
        let word = word.known()?;
        let (name, _) = word.split_once('=')?;
        Some(variables::assigned(word).unwrap_or(name).to_owned())
    });
    let names: Vec<_> = names.collect();
    let end = names.len();
    (names, end)
}

fn env(args: &[Word]) -> Launch {
    let options = Options {
        flags: "i0v",
        values: "uCa",
        long: &["ignore-environment", "null", "debug"],
        long_values: &["unset", "chdir", "argv0"],
        ..NO_OPTIONS
    };
    let Some(mut at) = after(args, &options) else { return Launch::Options };
    if args.get(at).and_then(Word::known) == Some("-") {
        at += 1;
    }
    let (variables, end) = assignments(&args[at..]);
    words(args[at + end..].to_vec(), variables)
}

fn command(args: &[Word]) -> Launch {
    let asks = |word: &Word| {
        word.known().is_some_and(|word| {
            let letters = word.strip_prefix('-').filter(|letters| !letters.starts_with('-'));
            letters.is_some_and(|letters| letters.contains(['v', 'V']))
        })
    };
    if args.first().is_some_and(asks) {
        return Launch::Asks;
    }
    carries(args, &Options { flags: "p", ..NO_OPTIONS }, 0)
}

fn xargs(args: &[Word]) -> Launch {
    let options = Options {
        flags: "0rtpxo",
        values: "InPLsdEa",
        attached: "iel",
        long: &["null", "no-run-if-empty", "verbose", "interactive", "exit", "open-tty"],
        long_values: &["max-args", "max-procs", "max-chars", "delimiter", "arg-file"],
    };
    let Some(at) = after(args, &options) else { return Launch::Options };
    // What stands for the words it reads may be any mark that was chosen, so
    // every word behind the name may change, unless none was.
    let replaces = args[..at].iter().any(|word| {
        word.known().is_some_and(|word| word.starts_with("-I") || word.starts_with("-i"))
    });
    let mut inner: Vec<_> = args[at..].to_vec();
    if inner.is_empty() {
        return Launch::Asks;
    }
    if replaces {
        // The mark may be in the name as well.
        let marked = |word: &Word| word.known().is_none_or(|word| word.contains(['{', '}', '%']));
        if marked(&inner[0]) || !is_braces(&args[..at]) {
            inner[0] = open("what xargs reads");
        }
        for word in &mut inner[1..] {
            *word = open("what xargs reads");
        }
    } else {
        inner.push(open("what xargs reads"));
    }
    words(inner, Vec::new())
}

/// Whether the mark that `xargs` replaces is `{}` or `%`.
fn is_braces(options: &[Word]) -> bool {
    let usual = |word: &str| matches!(word, "{}" | "%" | "-I{}" | "-I%" | "-i" | "-i{}");
    options.iter().any(|word| word.known().is_some_and(usual))
}

fn with_rights(args: &[Word], options: &Options) -> Launch {
    let Some(at) = after(args, options) else { return Launch::Options };
    let (variables, end) = assignments(&args[at..]);
    match words(args[at + end..].to_vec(), variables) {
        Launch::Carries(carried) => Launch::Runs(carried),
        _ => Launch::Nothing,
    }
}

fn find(args: &[Word]) -> Launch {
    // An expansion outside quotes may bring its own `-exec`; names of files do
    // not end one.
    let spreads = |word: &Word| match word {
        Word::Open(text, Spread::Many) => text.contains(['$', '`']),
        _ => false,
    };
    if args.iter().any(spreads) {
        return Launch::Options;
    }
    let (mut carried, mut at) = (Vec::new(), 0);
    while at < args.len() {
        let runs = |word: &str| matches!(word, "-exec" | "-execdir" | "-ok" | "-okdir");
        at += 1;
        if !args[at - 1].known().is_some_and(runs) {
            continue;
        }
        let ends = |word: &Word| matches!(word.known(), Some(";" | "+"));
        let Some(end) = args[at..].iter().position(ends) else { return Launch::Options };
        let named = |word: &Word| match word.known() {
            Some(text) if !text.contains("{}") => word.clone(),
            _ => open("what find names"),
        };
        let words: Vec<_> = args[at..at + end].iter().map(named).collect();
        if words.is_empty() {
            return Launch::Options;
        }
        carried.push(Carried::Words { words, variables: Vec::new() });
        at += end + 1;
    }
    if carried.is_empty() { Launch::Nothing } else { Launch::Runs(carried) }
}

/// A shell. Only `-c` with a known string shows what it will run; a file named
/// as its script is a command like any other.
fn shell(args: &[Word], shell: Shell) -> Launch {
    let (mut at, mut from_string) = (0, false);
    while let Some(word) = args.get(at) {
        let Some(word) = word.known() else { break };
        let harmless = ["--norc", "--noprofile", "--posix", "--restricted", "--verbose"];
        if word == "--" || word == "-" {
            at += 1;
            break;
        }
        if harmless.contains(&word) {
            at += 1;
            continue;
        }
        let Some(letters) = word.strip_prefix(['-', '+']).filter(|rest| !rest.is_empty()) else {
            break;
        };
        // A login or interactive shell runs files of its home folder first.
        if !letters.chars().all(|letter| "abcefhkmnprtuvxBCEHPTo".contains(letter)) {
            return Launch::Input;
        }
        from_string |= word.starts_with('-') && letters.contains('c');
        at += 1 + letters.matches('o').count();
    }
    match (from_string, args.get(at)) {
        (true, Some(Word::Known(text))) => {
            let script = Carried::Script { text: text.clone(), shell: Some(shell) };
            Launch::Carries(vec![script])
        }
        (true, _) => Launch::OpenScript,
        (false, Some(Word::Known(_))) => Launch::Nothing,
        (false, Some(Word::Open(..))) => Launch::OpenScript,
        (false, None) => Launch::Input,
    }
}

/// A shell with another grammar: what it is given as a string is not read here.
fn other_shell(args: &[Word]) -> Launch {
    match args {
        [] => Launch::Input,
        args if args.iter().all(|word| word.known().is_some_and(|word| !word.starts_with('-'))) => {
            Launch::Nothing
        }
        _ => Launch::OpenScript,
    }
}

fn eval(args: &[Word]) -> Launch {
    let words: Option<Vec<_>> = args.iter().map(Word::known).collect();
    match words.as_deref() {
        None => Launch::OpenScript,
        Some([]) => Launch::Asks,
        Some(words) => {
            let words = if words[0] == "--" { &words[1..] } else { words };
            Launch::Carries(vec![Carried::Script { text: words.join(" "), shell: None }])
        }
    }
}

fn trap(args: &[Word]) -> Launch {
    let args = match args.first().and_then(Word::known) {
        Some("--") => &args[1..],
        Some("-l" | "-p" | "-P") => return Launch::Asks,
        _ => args,
    };
    match args {
        [] | [Word::Known(_)] => Launch::Asks,
        [Word::Known(text), ..] if text.is_empty() || text == "-" => Launch::Asks,
        [Word::Known(text), ..] => {
            Launch::Carries(vec![Carried::Script { text: text.clone(), shell: None }])
        }
        [Word::Open(..), ..] => Launch::OpenScript,
    }
}
