//! The grants that count.

use domain::{Grant, Lasts, Timestamp};
use serde::Serialize;

use crate::{Asker, Call};

/// What people granted an agent, at a moment.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// All its grants.
    pub grants: &'a [Grant],
    /// The moment; some no longer count at it.
    pub now: Timestamp,
}

/// Why a grant says nothing of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Aside {
    /// It speaks of other tools.
    OtherTool,
    /// It is for runs with somebody there, or without.
    OtherWays,
    /// It is for another run.
    OtherRun,
    /// Its time is over.
    Over,
}

impl Rules<'_> {
    /// Why a grant does not count for a call; `None` where it counts.
    pub(crate) fn aside(&self, grant: &Grant, asker: &Asker, call: &Call) -> Option<Aside> {
        let terms = &grant.terms;
        if !terms.tool.covers(&call.tool) {
            return Some(Aside::OtherTool);
        }
        if !asker.presence.is_of(terms.ways) {
            return Some(Aside::OtherWays);
        }
        match terms.lasts {
            Lasts::Run(run) if run != asker.run => Some(Aside::OtherRun),
            Lasts::Until(end) if end <= self.now => Some(Aside::Over),
            Lasts::Always | Lasts::Until(_) | Lasts::Run(_) => None,
        }
    }
}

impl Aside {
    /// The reason, as part of a sentence.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::OtherTool => "speaks of other tools",
            Self::OtherWays => "is not for runs that come in this way",
            Self::OtherRun => "is for another run",
            Self::Over => "is over",
        }
    }
}
