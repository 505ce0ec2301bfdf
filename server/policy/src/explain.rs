//! The decision with everything that was looked at.

use std::fmt;

use domain::{GrantId, Mode};
use serde::Serialize;

use crate::decide::judge;
use crate::fit::Fit;
use crate::piece::Piece;
use crate::{Aside, Asker, Call, Rules, Verdict};

/// The most pieces that are told one by one.
const MAX_PIECES: usize = 100;

/// Why a call is decided as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// What was decided.
    pub verdict: Verdict,
    /// The first 100 pieces of the call, with the grants that speak of each.
    pub pieces: Vec<PieceReport>,
    /// How many pieces follow those.
    pub more_pieces: usize,
    /// Every grant of the agent, in order, and whether it counts for the call.
    pub grants: Vec<LookedAt>,
}

/// One piece of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PieceReport {
    /// What it is.
    pub what: String,
    /// What is said of it by itself.
    pub mode: Mode,
    /// The grants that speak of it, in their order.
    pub grants: Vec<Look>,
}

/// A grant that speaks of a piece.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Look {
    /// Which.
    pub grant: GrantId,
    /// What it says.
    pub mode: Mode,
    /// Whether it surely speaks of the piece; otherwise it may.
    pub surely: bool,
}

/// A grant that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LookedAt {
    /// Which.
    pub grant: GrantId,
    /// What it says.
    pub terms: String,
    /// Why it does not count; absent where it counts.
    pub aside: Option<Aside>,
}

/// Decides and tells everything that was looked at.
pub fn explain(rules: &Rules<'_>, asker: &Asker, call: &Call) -> Explanation {
    let pieces = Piece::of(call);
    let judged = judge(rules, asker, call, &pieces);
    let pieces = pieces.unwrap_or_default();
    let reports = pieces.iter().zip(&judged.findings).take(MAX_PIECES).map(|(piece, finding)| {
        let grants = finding.grants.iter().map(|(grant, fits)| Look {
            grant: grant.id,
            mode: grant.terms.mode,
            surely: *fits == Fit::Yes,
        });
        PieceReport { what: piece.to_string(), mode: finding.mode, grants: grants.collect() }
    });
    let grants = rules.grants.iter().map(|grant| LookedAt {
        grant: grant.id,
        terms: grant.terms.to_string(),
        aside: rules.aside(grant, asker, call),
    });
    Explanation {
        pieces: reports.collect(),
        more_pieces: pieces.len().saturating_sub(MAX_PIECES),
        grants: grants.collect(),
        verdict: judged.verdict,
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.verdict.mode, self.verdict.sentence)?;
        writeln!(f, "decided by: {}", self.verdict.rule)?;
        for piece in &self.pieces {
            writeln!(f, "  {}: {}", piece.what, piece.mode)?;
            for look in &piece.grants {
                let surely = if look.surely { "" } else { ", perhaps" };
                writeln!(f, "    {} {}{surely}", look.grant, look.mode)?;
            }
        }
        if self.more_pieces > 0 {
            writeln!(f, "  and {} more", self.more_pieces)?;
        }
        writeln!(f, "grants:")?;
        for grant in &self.grants {
            write!(f, "  {} {}", grant.grant, grant.terms)?;
            match grant.aside {
                None => writeln!(f)?,
                Some(aside) => writeln!(f, " [{}]", aside.reason())?,
            }
        }
        Ok(())
    }
}
