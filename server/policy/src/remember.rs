//! The grant that makes an answer last.

use domain::{
    Access, BadScope, CommandPattern, GrantTerms, HostPattern, Lasts, Mode, PathPattern, Reach,
    Scope, ToolPattern, Ways,
};

use crate::piece::{Piece, Role, Simple, Surroundings, Word, shown};
use crate::{Asker, Call, Presence, Unreadable};

/// Why an answer cannot be made to last.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotRemembered {
    /// The call has no pieces that a grant could name.
    #[error(
        "The call touches nothing that a grant could name; only the whole tool could be granted."
    )]
    WholeTool,
    /// A piece cannot be named so that nothing else is covered.
    #[error("No grant covers just this: {0}.")]
    Piece(String),
    /// The call cannot be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// The call has too many pieces for one grant.
    #[error(transparent)]
    Scope(#[from] BadScope),
}

/// The narrowest grant that answers the same call in the same way: its tool,
/// those paths, hosts, secrets, and commands with all their words, for runs
/// that come in as this one did. Never a whole tool.
pub fn remember(
    asker: &Asker,
    call: &Call,
    mode: Mode,
    lasts: Lasts,
) -> Result<GrantTerms, NotRemembered> {
    let mut reach = Reach::default();
    for piece in Piece::of(call)? {
        add(&mut reach, &piece)?;
    }
    let tool: ToolPattern =
        call.tool.parse().map_err(|_| NotRemembered::Piece(shown(&call.tool)))?;
    let ways = match asker.presence {
        Presence::Here => Ways::Attended,
        Presence::Later | Presence::Nobody => Ways::Unattended,
    };
    Ok(GrantTerms { tool, mode, ways, lasts, scope: Scope::only(reach)? })
}

fn add(reach: &mut Reach, piece: &Piece) -> Result<(), NotRemembered> {
    let unnamed = || NotRemembered::Piece(piece.to_string());
    match piece {
        Piece::Tool => return Err(NotRemembered::WholeTool),
        Piece::Path(Word::Known(path), access) => {
            let pattern = PathPattern::exactly(path).ok_or_else(unnamed)?;
            once(
                match access {
                    Access::Read => &mut reach.read,
                    Access::Write => &mut reach.write,
                },
                pattern,
            );
        }
        Piece::Host(host) => {
            let pattern = HostPattern::exactly(&host.name, host.port).ok_or_else(unnamed)?;
            once(&mut reach.hosts, pattern);
        }
        Piece::Command(Simple { role: Role::Carries, .. }) => {}
        Piece::Command(simple) if simple.surroundings == Surroundings::Plain => {
            let args = simple.args.iter().map(Word::known);
            let words: Option<Vec<_>> =
                std::iter::once(Some(simple.program.as_str())).chain(args).collect();
            let pattern = words.and_then(|words| CommandPattern::exactly(&words));
            once(&mut reach.commands, pattern.ok_or_else(unnamed)?);
        }
        Piece::Secret(name) => once(&mut reach.secrets, name.clone()),
        Piece::Path(Word::Open(..), _) | Piece::Command(_) | Piece::Unknown(_) => {
            return Err(unnamed());
        }
    }
    Ok(())
}

fn once<T: PartialEq>(patterns: &mut Vec<T>, pattern: T) {
    if !patterns.contains(&pattern) {
        patterns.push(pattern);
    }
}
