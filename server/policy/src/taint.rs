//! What a run that has read from outside is asked for.

use domain::{Grant, GrantOrigin, Lasts, Reach, Scope, TaintOrigin, ToolClass};

use crate::piece::Piece;
use crate::{Asker, Call, Host};

/// Whether a call that is allowed has to be asked for, since words from outside
/// may have led to it. The grants are those that allowed its pieces.
pub(crate) fn asks(asker: &Asker, call: &Call, pieces: &[Piece], allowed_by: &[&Grant]) -> bool {
    asker.taint.is_marked()
        && can_harm(asker, call, pieces, allowed_by)
        && !was_answered(asker, allowed_by)
}

fn can_harm(asker: &Asker, call: &Call, pieces: &[Piece], allowed_by: &[&Grant]) -> bool {
    match call.class {
        // A child of the run carries its marks and is asked itself.
        ToolClass::Pure | ToolClass::Reads | ToolClass::Delegates => false,
        ToolClass::Writes | ToolClass::RunsCode | ToolClass::TalksToPeople => true,
        ToolClass::Network => pieces.iter().any(|piece| match piece {
            Piece::Secret(_) => true,
            Piece::Host(host) => !is_known(asker, host, allowed_by),
            Piece::Tool | Piece::Path(..) | Piece::Command(_) | Piece::Unknown(_) => false,
        }),
    }
}

/// Whether the run has heard from a host before, or a person named it word for
/// word.
fn is_known(asker: &Asker, host: &Host, allowed_by: &[&Grant]) -> bool {
    let heard = asker.taint.sources().iter().any(|source| match &source.origin {
        TaintOrigin::Web(name) => name.eq_ignore_ascii_case(&host.name),
        _ => false,
    });
    let named = |reach: &Reach| {
        let one = |pattern: &&domain::HostPattern| pattern.names_one();
        reach.hosts.iter().filter(one).any(|pattern| pattern.covers(&host.name, host.port))
    };
    heard
        || allowed_by.iter().any(|grant| match &grant.terms.scope {
            Scope::Only(reach) => named(reach),
            Scope::Anything => false,
        })
}

/// Whether a person who knew of the marks allowed every piece for this run.
fn was_answered(asker: &Asker, allowed_by: &[&Grant]) -> bool {
    let Some(since) = asker.taint.since() else { return false };
    !allowed_by.is_empty()
        && allowed_by.iter().all(|grant| {
            grant.terms.lasts == Lasts::Run(asker.run)
                && matches!(grant.origin, GrantOrigin::Remembered(_))
                && grant.made_at >= since
        })
}
