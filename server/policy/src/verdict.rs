//! What was decided, and by what.

use std::fmt;

use domain::{GrantId, Mode};
use serde::Serialize;

/// What decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Deciding {
    /// This grant.
    Grant(GrantId),
    /// No grant covers a piece of the call.
    Default,
    /// A script in it cannot be read.
    Unreadable,
    /// Part of a script in it only shows when it runs.
    Unknown,
    /// The run has read words from outside.
    Taint,
    /// This would ask, and nobody is there.
    Nobody(Box<Deciding>),
}

/// What becomes of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Whether it runs.
    pub mode: Mode,
    /// What decided. Of several it is the first of the strictest.
    pub rule: Deciding,
    /// Why, in one sentence that a person and a model can use.
    pub sentence: String,
}

impl fmt::Display for Deciding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Grant(id) => id.fmt(f),
            Self::Default => f.write_str("default"),
            Self::Unreadable => f.write_str("unreadable"),
            Self::Unknown => f.write_str("unknown"),
            Self::Taint => f.write_str("taint"),
            Self::Nobody(rule) => write!(f, "nobody:{rule}"),
        }
    }
}
