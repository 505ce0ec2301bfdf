//! The walk over a script as the parser gives it.

use domain::Access;
use rable::{Node, NodeKind, PipeSep};

use super::{MAX_PIECES, Shell, Unreadable, variables};
use crate::Host;
use crate::piece::{Piece, Simple, Surroundings, Unknown, Word};

/// How deep scripts in scripts are followed: `eval` of `eval`, substitutions in
/// here-documents.
const MAX_DEPTH: usize = 16;

/// Collects what a script would do.
pub(super) struct Walk {
    pub(super) shell: Shell,
    pieces: Vec<Piece>,
    depth: usize,
    /// Whether the script goes to another folder somewhere. Order is not
    /// looked at: a loop or a function may turn it around.
    pub(super) moved: bool,
    /// Whether it hands variables to all programs somewhere.
    pub(super) exports: bool,
    /// Whether arithmetic is done: it runs substitutions that stand in the
    /// values of variables.
    pub(super) arithmetic: bool,
    /// How many here-documents were met.
    pub(super) here_documents: usize,
    /// Whether a quoted text holds a substitution, as such a value would.
    pub(super) code_in_quotes: bool,
}

impl Walk {
    /// Walks over a whole script.
    pub(super) fn over(text: &str, shell: Shell) -> Result<Vec<Piece>, Unreadable> {
        let mut walk = Self::new(shell);
        walk.nested(text)?;
        walk.end()
    }

    /// A walk that has met nothing.
    pub(super) const fn new(shell: Shell) -> Self {
        Self {
            shell,
            pieces: Vec::new(),
            depth: 0,
            moved: false,
            exports: false,
            arithmetic: false,
            here_documents: 0,
            code_in_quotes: false,
        }
    }

    /// What was found, seen with what the script does elsewhere.
    pub(super) fn end(mut self) -> Result<Vec<Piece>, Unreadable> {
        if self.arithmetic && self.code_in_quotes {
            let why = "a substitution as text, and arithmetic that would run it".to_owned();
            self.unknown(Unknown::Substitution(why))?;
        }
        for piece in &mut self.pieces {
            match piece {
                Piece::Command(simple) => {
                    let moved = self.moved && is_relative(&simple.program);
                    if self.exports || moved {
                        simple.surroundings = Surroundings::Changed;
                    }
                }
                Piece::Path(word, _) if self.moved => {
                    if let Word::Known(path) = word
                        && !path.starts_with('/')
                    {
                        *word = Word::Open(std::mem::take(path), crate::piece::Spread::One);
                    }
                }
                _ => {}
            }
        }
        Ok(self.pieces)
    }

    /// Reads a script that stands in this one.
    pub(super) fn nested(&mut self, text: &str) -> Result<(), Unreadable> {
        if self.depth == MAX_DEPTH {
            return Err(Unreadable::TooMuch);
        }
        super::check(text)?;
        let nodes = rable::parse(text, false).map_err(|error| {
            Unreadable::Syntax(format!("line {}: {}", error.line(), error.message()))
        })?;
        self.depth += 1;
        let walked = self.nodes(&nodes);
        self.depth -= 1;
        walked
    }

    pub(super) fn found(&mut self, piece: Piece) -> Result<(), Unreadable> {
        if self.pieces.len() == MAX_PIECES {
            return Err(Unreadable::TooMuch);
        }
        self.pieces.push(piece);
        Ok(())
    }

    pub(super) fn unknown(&mut self, unknown: Unknown) -> Result<(), Unreadable> {
        self.found(Piece::Unknown(unknown))
    }

    pub(super) fn command(&mut self, simple: Simple) -> Result<(), Unreadable> {
        self.found(Piece::Command(simple))
    }

    /// A variable of the shell is set.
    pub(super) fn sets(&mut self, name: &str) -> Result<(), Unreadable> {
        let name = name.split('[').next().unwrap_or(name);
        if variables::is_obeyed(name) {
            self.unknown(Unknown::Variable(name.to_owned()))?;
        }
        Ok(())
    }

    fn nodes(&mut self, nodes: &[Node]) -> Result<(), Unreadable> {
        nodes.iter().try_for_each(|node| self.node(node))
    }

    fn optional(&mut self, node: Option<&Node>) -> Result<(), Unreadable> {
        node.map_or(Ok(()), |node| self.node(node))
    }

    /// Words that are data: only what they run by themselves is listed.
    fn data(&mut self, words: &[Node]) -> Result<(), Unreadable> {
        words.iter().try_for_each(|word| self.word(word).map(drop))
    }

    /// Lists what a part of a script does. A kind of part that is not known
    /// here is listed as unknown.
    pub(super) fn node(&mut self, node: &Node) -> Result<(), Unreadable> {
        match &node.kind {
            NodeKind::Command { assignments, words, redirects } => {
                self.nodes(redirects)?;
                self.simple(assignments, words)
            }
            NodeKind::Pipeline { commands, separators } => {
                if separators.contains(&PipeSep::PipeBoth) {
                    self.only_bash("|&")?;
                }
                self.nodes(commands)
            }
            NodeKind::List { items } => items.iter().try_for_each(|item| self.node(&item.command)),
            NodeKind::If { condition, then_body, else_body, redirects } => {
                self.node(condition)?;
                self.node(then_body)?;
                self.optional(else_body.as_deref())?;
                self.nodes(redirects)
            }
            NodeKind::While { condition, body, redirects }
            | NodeKind::Until { condition, body, redirects } => {
                self.node(condition)?;
                self.node(body)?;
                self.nodes(redirects)
            }
            NodeKind::For { var, words, body, redirects } => {
                self.sets(var)?;
                self.data(words.as_deref().unwrap_or_default())?;
                self.node(body)?;
                self.nodes(redirects)
            }
            NodeKind::Select { var, words, body, redirects } => {
                self.only_bash("select")?;
                self.sets(var)?;
                self.data(words.as_deref().unwrap_or_default())?;
                self.node(body)?;
                self.nodes(redirects)
            }
            NodeKind::ForArith { init, cond, incr, body, redirects } => {
                self.only_bash("for ((…))")?;
                for part in [init, cond, incr] {
                    self.arithmetic(part)?;
                }
                self.node(body)?;
                self.nodes(redirects)
            }
            NodeKind::Case { word, patterns, redirects } => {
                self.word(word)?;
                for pattern in patterns {
                    self.data(&pattern.patterns)?;
                    self.optional(pattern.body.as_ref())?;
                }
                self.nodes(redirects)
            }
            NodeKind::Function { body, .. } => self.node(body),
            NodeKind::Subshell { body, redirects } | NodeKind::BraceGroup { body, redirects } => {
                self.node(body)?;
                self.nodes(redirects)
            }
            NodeKind::Coproc { command, .. } => {
                self.only_bash("coproc")?;
                self.node(command)
            }
            NodeKind::Negation { pipeline } => self.node(pipeline),
            NodeKind::Time { pipeline, .. } => {
                self.only_bash("time")?;
                self.node(pipeline)
            }
            NodeKind::ArithmeticCommand { redirects, raw_content, .. } => {
                self.only_bash("((…))")?;
                self.arithmetic(raw_content)?;
                self.nodes(redirects)
            }
            NodeKind::ConditionalExpr { body, redirects } => {
                self.only_bash("[[ … ]]")?;
                self.condition(body)?;
                self.nodes(redirects)
            }
            NodeKind::Redirect { op, target, varfd, .. } => {
                if let Some(name) = varfd {
                    self.only_bash("{name}>")?;
                    self.sets(name)?;
                }
                self.redirect(op, target)
            }
            NodeKind::HereDoc { delimiter, content, quoted, .. } => {
                self.here_document(delimiter, content, *quoted)
            }
            NodeKind::Empty | NodeKind::Comment { .. } => Ok(()),
            other => self.unknown(Unknown::Substitution(format!("{other:?}"))),
        }
    }

    /// Where a here-document ends, and whether it expands anything, hangs on
    /// its mark: shells differ about those that are no plain word.
    fn here_document(&mut self, mark: &str, content: &str, quoted: bool) -> Result<(), Unreadable> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "_-.!+:@%".contains(c);
        if mark.is_empty() || !mark.chars().all(plain) {
            return Err(Unreadable::Syntax("a here-document ends with no plain word".to_owned()));
        }
        self.here_documents += 1;
        if quoted { Ok(()) } else { self.embedded(content) }
    }

    /// A test between `[[` and `]]`.
    fn condition(&mut self, node: &Node) -> Result<(), Unreadable> {
        match &node.kind {
            NodeKind::UnaryTest { op, operand } => {
                self.arithmetic |= op == "-v";
                self.condition(operand)
            }
            NodeKind::BinaryTest { op, left, right } => {
                self.arithmetic |= op.starts_with('-');
                self.condition(left)?;
                self.condition(right)
            }
            NodeKind::CondAnd { left, right } | NodeKind::CondOr { left, right } => {
                self.condition(left)?;
                self.condition(right)
            }
            NodeKind::CondNot { operand } => self.condition(operand),
            NodeKind::CondParen { inner } => self.condition(inner),
            NodeKind::CondTerm { value, .. } => self.embedded(value),
            NodeKind::Word { .. } => self.word(node).map(drop),
            other => self.unknown(Unknown::Substitution(format!("{other:?}"))),
        }
    }

    fn redirect(&mut self, op: &str, target: &Node) -> Result<(), Unreadable> {
        let (value, parts) = match &target.kind {
            NodeKind::Word { value, parts, .. } => (value.as_str(), &parts[..]),
            _ => ("", &[][..]),
        };
        let is_substitution =
            matches!(parts, [part] if matches!(part.kind, NodeKind::ProcessSubstitution { .. }));
        // The parser takes whatever follows for the target, also an operator.
        let is_word =
            !value.is_empty() && !value.starts_with(['\n', ';', '&', '|', '<', '>', '(', ')']);
        if !is_word && !is_substitution {
            return Err(Unreadable::Syntax(format!("nothing stands behind `{op}`")));
        }
        let target = self.word(target)?;
        let accesses: &[Access] = match op {
            "<" => &[Access::Read],
            ">" | ">>" | ">|" => &[Access::Write],
            "<>" => &[Access::Read, Access::Write],
            "&>" | "&>>" => {
                self.only_bash("&>")?;
                &[Access::Write]
            }
            "<<<" => return self.only_bash("<<<"),
            ">&-" | "<&-" => return Ok(()),
            ">&" | "<&" => match &target {
                Word::Known(text) if text.chars().all(|c| c.is_ascii_digit() || c == '-') => {
                    return Ok(());
                }
                _ => &[Access::Write],
            },
            other => return self.unknown(Unknown::Substitution(other.to_owned())),
        };
        if is_substitution {
            return Ok(());
        }
        if let Word::Known(path) = &target {
            if is_stream(path) {
                return Ok(());
            }
            if let Some(host) = host_of_device(path) {
                return self.found(Piece::Host(host));
            }
        }
        accesses.iter().try_for_each(|access| self.found(Piece::Path(target.clone(), *access)))
    }
}

/// Whether a program is named by a place that depends on the folder.
fn is_relative(program: &str) -> bool {
    program.contains('/') && !program.starts_with('/')
}

/// Whether a path is no file but what the process has open anyway, or a source
/// or sink that holds nothing.
fn is_stream(path: &str) -> bool {
    let known = ["null", "zero", "full", "random", "urandom", "tty", "stdin", "stdout", "stderr"];
    let Some(name) = path.strip_prefix("/dev/") else { return false };
    let descriptor = |name: &str| {
        name.strip_prefix("fd/").is_some_and(|n| n.chars().all(|c| c.is_ascii_digit()))
    };
    known.contains(&name) || descriptor(name)
}

/// The host that bash reaches for a path below `/dev/tcp` or `/dev/udp`.
fn host_of_device(path: &str) -> Option<Host> {
    let rest = path.strip_prefix("/dev/tcp/").or_else(|| path.strip_prefix("/dev/udp/"))?;
    let (name, port) = rest.split_once('/')?;
    // A port may stand as a service's name; then the host is judged at port 0,
    // which no pattern names.
    let name = if name.contains(':') { format!("[{name}]") } else { name.to_owned() };
    Some(Host { name, port: port.parse().unwrap_or(0) })
}
