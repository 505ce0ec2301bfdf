//! Variables that programs take for orders.

/// Variables that a shell itself obeys: they decide which program a name means
/// or what is run beside it.
const OBEYED: &[&str] = &[
    "PATH",
    "ENV",
    "BASH_ENV",
    "SHELLOPTS",
    "BASHOPTS",
    "CDPATH",
    "HOME",
    "GLOBIGNORE",
    "EXECIGNORE",
    "PS0",
    "PS1",
    "PS2",
    "PS4",
    "PROMPT_COMMAND",
    "BASH_CMDS",
    "BASH_ALIASES",
    "SHELL",
];

/// Variables that change how a program looks or speaks and nothing it runs.
const HARMLESS: &[&str] = &[
    "CI",
    "CLICOLOR",
    "COLUMNS",
    "FORCE_COLOR",
    "IFS",
    "LANG",
    "LANGUAGE",
    "LINES",
    "NO_COLOR",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONUNBUFFERED",
    "RUST_BACKTRACE",
    "RUST_LOG",
    "TERM",
    "TZ",
];

/// Whether setting a variable of the shell changes what later commands mean.
pub(super) fn is_obeyed(name: &str) -> bool {
    OBEYED.contains(&name)
        || ["LD_", "DYLD_", "BASH_FUNC_"].iter().any(|start| name.starts_with(start))
}

/// Whether a program may be given a variable without doing other things.
pub(super) fn is_harmless(name: &str) -> bool {
    HARMLESS.contains(&name) || name.starts_with("LC_")
}

/// The name that an assignment sets: `X=1`, `X+=1`, `X[2]=1`.
pub(super) fn assigned(word: &str) -> Option<&str> {
    let end = word.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
    let (name, rest) = word.split_at(end);
    let begins = |c: char| c.is_ascii_alphabetic() || c == '_';
    let sets = rest.starts_with(['=', '[']) || rest.starts_with("+=");
    (sets && name.starts_with(begins)).then_some(name)
}

/// Names in arithmetic with a sign behind them that may set them.
pub(super) fn names_set(arithmetic: &str) -> Vec<&str> {
    if !arithmetic.contains('=') && !arithmetic.contains("++") && !arithmetic.contains("--") {
        return Vec::new();
    }
    arithmetic.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect()
}
