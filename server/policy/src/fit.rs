//! Whether a grant speaks of a piece.

use domain::{
    Access, CommandPattern, Grant, GrantOrigin, HostPattern, Mode, PathPattern, Reach, Rest, Scope,
};

use crate::piece::{Piece, Simple, Surroundings, Word};
use crate::script::program_name;

/// How surely a grant speaks of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fit {
    /// It does not.
    No,
    /// It may: the piece is not wholly known. That is enough to ask and to
    /// deny, and not to allow.
    Maybe,
    /// It does.
    Yes,
}

/// How closely a grant names a piece and its tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Closeness {
    piece: usize,
    tool: usize,
    remembered: bool,
}

impl Closeness {
    /// Whether a grant that allows wins over one that asks: it is as close in
    /// both, and closer in one, or it was made by answering that question.
    pub(crate) const fn wins_over(self, asking: Self) -> bool {
        let as_close = self.piece >= asking.piece && self.tool >= asking.tool;
        let closer = self.piece > asking.piece || self.tool > asking.tool;
        as_close && (closer || (self.remembered && !asking.remembered))
    }
}

/// How a grant speaks of one piece of a call; all pieces are given, since a
/// secret is bound to what else its call reaches.
pub(crate) fn fit(grant: &Grant, piece: &Piece, pieces: &[Piece]) -> (Fit, Closeness) {
    let (fit, near) = match &grant.terms.scope {
        Scope::Anything => (anything(grant.terms.mode, piece), 0),
        Scope::Only(reach) => named(grant.terms.mode, reach, piece, pieces),
    };
    let remembered = matches!(grant.origin, GrantOrigin::Remembered(_));
    (fit, Closeness { piece: near, tool: grant.terms.tool.closeness(), remembered })
}

/// "Anything" allows no secret, but asks for and denies them too. Of what only
/// carries a command it says nothing that it does not say of the command.
fn anything(mode: Mode, piece: &Piece) -> Fit {
    match (piece, mode) {
        (Piece::Secret(_), Mode::Allow) => Fit::No,
        (piece, _) if !piece.needs_a_grant() => Fit::No,
        _ => Fit::Yes,
    }
}

fn named(mode: Mode, reach: &Reach, piece: &Piece, pieces: &[Piece]) -> (Fit, usize) {
    match piece {
        Piece::Tool => (Fit::No, 0),
        Piece::Path(word, access) => {
            let patterns = match access {
                Access::Read => &reach.read,
                Access::Write => &reach.write,
            };
            best(patterns, |pattern| path(pattern, word), PathPattern::closeness)
        }
        Piece::Host(host) => {
            let fits = |pattern: &HostPattern| sure(pattern.covers(&host.name, host.port));
            best(&reach.hosts, fits, HostPattern::closeness)
        }
        Piece::Command(simple) => {
            let speaks =
                |pattern: &CommandPattern| piece.needs_a_grant() || !pattern.words().is_empty();
            let fits = |pattern: &CommandPattern| match speaks(pattern) {
                true => command(pattern, simple),
                false => Fit::No,
            };
            best(&reach.commands, fits, CommandPattern::closeness)
        }
        Piece::Unknown(_) => best(&reach.commands, unknown, CommandPattern::closeness),
        Piece::Secret(name) => {
            let named = reach.secrets.contains(name);
            let fits = named && (mode != Mode::Allow || keeps_to(reach, pieces));
            (sure(fits), usize::MAX)
        }
    }
}

/// Whether a call reaches only the hosts and runs only the commands that stand
/// beside a secret, if any stand there.
fn keeps_to(reach: &Reach, pieces: &[Piece]) -> bool {
    let bound = !reach.hosts.is_empty() || !reach.commands.is_empty();
    !bound
        || pieces.iter().all(|piece| match piece {
            Piece::Host(host) => {
                reach.hosts.iter().any(|pattern| pattern.covers(&host.name, host.port))
            }
            Piece::Command(simple) => {
                !piece.needs_a_grant()
                    || reach.commands.iter().any(|pattern| command(pattern, simple) == Fit::Yes)
            }
            Piece::Unknown(_) => reach.commands.iter().any(|pattern| unknown(pattern) == Fit::Yes),
            Piece::Tool | Piece::Path(..) | Piece::Secret(_) => true,
        })
}

const fn sure(fits: bool) -> Fit {
    if fits { Fit::Yes } else { Fit::No }
}

/// The surest and then the closest of several patterns.
fn best<P>(
    patterns: &[P],
    fits: impl Fn(&P) -> Fit,
    closeness: impl Fn(&P) -> usize,
) -> (Fit, usize) {
    let found = patterns.iter().map(|pattern| (fits(pattern), closeness(pattern)));
    found.filter(|(fit, _)| *fit != Fit::No).max().unwrap_or((Fit::No, 0))
}

fn path(pattern: &PathPattern, word: &Word) -> Fit {
    match word {
        Word::Known(path) if goes_up(path) => Fit::Maybe,
        Word::Known(path) => sure(pattern.covers(path)),
        Word::Open(..) => Fit::Maybe,
    }
}

/// Whether a path goes up on its way, so that links decide where it leads.
fn goes_up(path: &str) -> bool {
    path.split('/').any(|name| name == "..")
}

/// What only shows when it runs is a command as good as any.
fn unknown(pattern: &CommandPattern) -> Fit {
    if pattern.words().is_empty() { Fit::Yes } else { Fit::Maybe }
}

fn command(pattern: &CommandPattern, simple: &Simple) -> Fit {
    let [program, words @ ..] = pattern.words() else { return Fit::Yes };
    let mut fit = match (name(program, &simple.program), simple.surroundings) {
        (Fit::Yes, Surroundings::Changed) => Fit::Maybe,
        (fit, _) => fit,
    };
    if fit == Fit::No {
        return Fit::No;
    }
    let mut args = simple.args.iter();
    for wanted in words {
        match args.next() {
            Some(Word::Known(word)) if word == wanted => {}
            Some(Word::Known(_)) | None => return Fit::No,
            // What it becomes may be this word, or several, or none.
            Some(Word::Open(..)) => return Fit::Maybe,
        }
    }
    match (pattern.rest(), args.next()) {
        (Rest::Anything, _) | (Rest::Nothing, None) => {}
        (Rest::Nothing, Some(Word::Open(..))) => fit = Fit::Maybe,
        (Rest::Nothing, Some(Word::Known(_))) => return Fit::No,
    }
    fit
}

/// Whether a pattern's program is the one that a command names. One of the same
/// name in another folder may be a copy or a link.
fn name(wanted: &str, program: &str) -> Fit {
    if wanted == program {
        return Fit::Yes;
    }
    let ((wanted_name, _), (own_name, of_system)) = (program_name(wanted), program_name(program));
    match wanted_name == own_name {
        true if !wanted.contains('/') && of_system => Fit::Yes,
        true => Fit::Maybe,
        false => Fit::No,
    }
}
