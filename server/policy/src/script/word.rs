//! What a word of a script will be once the shell has taken its quotes away.

use rable::{Node, NodeKind};

use super::walk::Walk;
use crate::Unreadable;
use crate::piece::{Spread, Unknown, Word};
use crate::script::Shell;

/// Which quotes are open between two signs of a word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    None,
    Single,
    Double,
}

struct Reading<'a> {
    raw: &'a str,
    text: String,
    quotes: Quotes,
    /// How the word is open, if it is.
    open: Option<Spread>,
    /// Whether an unguarded brace was seen: what follows may be a list.
    brace: bool,
    /// Whether the parser passed over something that a shell would expand.
    hidden: bool,
    /// Whether the word holds a command substitution.
    substitution: bool,
}

impl Walk {
    /// Reads a word, and lists what it runs by itself.
    pub(super) fn word(&mut self, node: &Node) -> Result<Word, Unreadable> {
        let NodeKind::Word { value, parts, .. } = &node.kind else {
            let raw = format!("{:?}", node.kind);
            self.unknown(Unknown::Substitution(raw.clone()))?;
            return Ok(Word::Open(raw, Spread::Many));
        };
        let mut reading = Reading {
            raw: value,
            text: String::new(),
            quotes: Quotes::None,
            open: None,
            brace: false,
            hidden: false,
            substitution: false,
        };
        for part in parts {
            self.part(part, &mut reading)?;
        }
        // A shell looks for the second backtick before it reads what is between,
        // the parser does not.
        if reading.substitution && value.contains('`') && !is_one_in_brackets(value, parts) {
            self.backticks(value)?;
        }
        if reading.hidden || reading.quotes != Quotes::None {
            self.unknown(Unknown::Substitution(value.clone()))?;
            return Ok(Word::Open(value.clone(), Spread::Many));
        }
        if let Some(spread) = reading.open {
            return Ok(Word::Open(value.clone(), spread));
        }
        self.code_in_quotes |= reading.text.contains("$(") || reading.text.contains('`');
        Ok(Word::Known(reading.text))
    }

    fn part(&mut self, part: &Node, reading: &mut Reading<'_>) -> Result<(), Unreadable> {
        let quoted = reading.quotes == Quotes::Double;
        if reading.quotes == Quotes::Single && !matches!(part.kind, NodeKind::WordLiteral { .. }) {
            reading.hidden = true;
        }
        match &part.kind {
            NodeKind::WordLiteral { value }
                if is_fallback(value) && reading.quotes != Quotes::Single =>
            {
                // The parser stops taking substitutions apart at a depth of two.
                self.embedded(value)?;
                reading.substitution = true;
                reading.open(quoted);
            }
            NodeKind::WordLiteral { value } => reading.literal(value),
            NodeKind::AnsiCQuote { content, decoded } => {
                self.only_bash("$'…'")?;
                // Shells differ in what these give, and NUL ends the word.
                if decoded.contains('\0') || content.contains("\\c") || content.contains("\\0") {
                    reading.open(true);
                } else {
                    reading.text.push_str(decoded);
                }
            }
            NodeKind::LocaleString { inner, .. } => {
                self.only_bash("$\"…\"")?;
                if inner.contains(['$', '`', '\\']) {
                    self.embedded(inner)?;
                    reading.open(true);
                } else {
                    reading.text.push_str(inner);
                }
            }
            NodeKind::CommandSubstitution { command, .. } => {
                reading.substitution = true;
                reading.open(quoted);
                self.substituted(command, reading.raw)?;
            }
            NodeKind::ProcessSubstitution { command, .. } => {
                self.only_bash("<(…)")?;
                reading.open(true);
                self.substituted(command, reading.raw)?;
            }
            NodeKind::BraceExpansion { .. } => {
                reading.open(false);
                // A brace list may hold substitutions, which the parser keeps
                // as text.
                self.embedded(reading.raw)?;
            }
            NodeKind::ParamExpansion { param, op, arg } => {
                let many = quoted && !(param.contains('@') || param.contains('*'));
                reading.open(many);
                self.parameter(reading.raw, &[Some(param), op.as_ref(), arg.as_ref()])?;
            }
            NodeKind::ParamIndirect { param, op, arg } => {
                reading.open(false);
                self.parameter(reading.raw, &[Some(param), op.as_ref(), arg.as_ref()])?;
            }
            NodeKind::ParamLength { param } => {
                reading.open(true);
                self.parameter(reading.raw, &[Some(param)])?;
            }
            NodeKind::ArithmeticExpansion { .. } => {
                reading.open(true);
                self.arithmetic(reading.raw)?;
            }
            _ => reading.hidden = true,
        }
        Ok(())
    }

    /// A command inside a word. bash writes it down anew before it runs it, and
    /// where a here-document and more stand in it, version 5.2 runs other words
    /// than were written.
    fn substituted(&mut self, command: &Node, raw: &str) -> Result<(), Unreadable> {
        let before = self.here_documents;
        self.node(command)?;
        if self.here_documents > before && !matches!(command.kind, NodeKind::Command { .. }) {
            self.unknown(Unknown::Substitution(raw.to_owned()))?;
        }
        Ok(())
    }

    /// Follows what stands inside `${…}`.
    fn parameter(&mut self, raw: &str, parts: &[Option<&String>]) -> Result<(), Unreadable> {
        let [param, rest @ ..] = parts else { return Ok(()) };
        let inside: String = rest.iter().flatten().map(|part| part.as_str()).collect();
        self.arithmetic |= param.is_some_and(|param| param.contains('[')) || inside.contains(':');
        // `${x@P}` runs what a variable holds. `${x:=…}` sets one.
        if inside.contains("@P") || (inside.starts_with('@') && inside.contains('P')) {
            self.unknown(Unknown::Substitution(raw.to_owned()))?;
        }
        if let Some(param) = param
            && (inside.starts_with(":=") || inside.starts_with('='))
        {
            self.sets(param)?;
        }
        for part in parts.iter().flatten() {
            self.embedded(part)?;
        }
        Ok(())
    }

    /// Follows what stands in arithmetic: substitutions, and variables that are
    /// read as arithmetic themselves.
    pub(super) fn arithmetic(&mut self, raw: &str) -> Result<(), Unreadable> {
        self.arithmetic = true;
        for name in super::variables::names_set(raw) {
            self.sets(name)?;
        }
        self.embedded(raw)
    }

    /// Refuses for `sh` what only bash reads this way.
    pub(super) fn only_bash(&self, what: &'static str) -> Result<(), Unreadable> {
        match self.shell {
            Shell::Bash => Ok(()),
            Shell::Sh => Err(Unreadable::OtherShell(what)),
        }
    }
}

/// Whether the one thing that a word expands is a substitution in brackets, so
/// that backticks in it are its own affair.
fn is_one_in_brackets(raw: &str, parts: &[Node]) -> bool {
    let is_literal = |part: &Node| matches!(part.kind, NodeKind::WordLiteral { .. });
    let before = parts.iter().map_while(|part| match &part.kind {
        NodeKind::WordLiteral { value } => Some(value.len()),
        _ => None,
    });
    let begins: usize = before.sum();
    parts.iter().filter(|part| !is_literal(part)).count() == 1
        && raw.get(begins..).is_some_and(|rest| rest.starts_with("$("))
}

/// Whether a literal is a whole substitution that the parser left as text.
fn is_fallback(text: &str) -> bool {
    let begun = ["$(", "<(", ">("].iter().any(|start| text.starts_with(start));
    begun && text.ends_with(')')
}

impl Reading<'_> {
    /// What follows only shows at run time: one word where quotes hold it
    /// together.
    fn open(&mut self, one: bool) {
        let spread = if one { Spread::One } else { Spread::Many };
        self.open = Some(match self.open {
            Some(Spread::Many) => Spread::Many,
            _ => spread,
        });
    }

    fn literal(&mut self, text: &str) {
        let mut signs = text.chars().peekable();
        while let Some(sign) = signs.next() {
            match (self.quotes, sign) {
                (Quotes::Single, '\'') => self.quotes = Quotes::None,
                (Quotes::Single, _) => self.text.push(sign),
                (Quotes::None, '\'') => self.quotes = Quotes::Single,
                (Quotes::None, '"') => self.quotes = Quotes::Double,
                (Quotes::Double, '"') => self.quotes = Quotes::None,
                (_, '`') => self.hidden = true,
                (quotes, '$') => {
                    // A name, or a sign that begins an expansion, behind it.
                    let expands = |next: char| {
                        next.is_ascii_alphanumeric()
                            || "_{([*@#?-$!".contains(next)
                            || (quotes == Quotes::None && matches!(next, '\'' | '"'))
                    };
                    self.hidden |= signs.peek().is_some_and(|next| expands(*next));
                    self.text.push('$');
                }
                (Quotes::None, '\\') => match signs.next() {
                    Some('\n') => {}
                    Some(next) => self.text.push(next),
                    // The end of the script: the shell keeps it.
                    None => self.text.push('\\'),
                },
                (Quotes::Double, '\\') => match signs.peek() {
                    Some('\n') => {
                        signs.next();
                    }
                    Some(next) if "$`\"\\".contains(*next) => {
                        self.text.push(*next);
                        signs.next();
                    }
                    _ => self.text.push('\\'),
                },
                (Quotes::Double, _) => self.text.push(sign),
                (Quotes::None, _) => self.bare(sign, signs.peek().copied()),
            }
        }
    }

    /// A sign outside quotes.
    fn bare(&mut self, sign: char, next: Option<char>) {
        match sign {
            // Braces and names of files may fall into several words.
            '*' | '?' => self.open(false),
            '[' if self.raw.contains(']') => self.open(false),
            '~' if self.text.is_empty() => self.open(true),
            '(' => self.open(false),
            '{' => self.brace = true,
            ',' | '.' if self.brace => self.open(false),
            '<' | '>' if next == Some('(') => self.hidden = true,
            // bash reads on to the bracket that closes a subscript, sh does not.
            ' ' | '\t' | '\n' | ';' | '|' | '&' if !self.raw.contains("=(") => self.hidden = true,
            _ => {}
        }
        self.text.push(sign);
    }
}
