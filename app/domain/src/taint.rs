//! Taint: whether words from outside may steer a run.

use serde::{Deserialize, Serialize};

use crate::{CallId, Timestamp};

/// Where words came from that nobody here answers for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaintOrigin {
    /// A page or an answer from this host.
    Web(String),
    /// A tool of this MCP server.
    Mcp(String),
    /// A file of the workspace that holds what was fetched.
    File(String),
    /// A message of somebody who does not sign in here.
    Stranger(String),
    /// The answer of another agent whose run was marked.
    Agent(String),
}

/// One thing that marked a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaintSource {
    /// Where it came from.
    pub origin: TaintOrigin,
    /// The call that brought it; none where the run began with it.
    pub call: Option<CallId>,
    /// When it came in.
    pub at: Timestamp,
}

/// What marked a run so far: a fold over what came in, in order.
///
/// A mark is never taken back: what a model has read once, it may act on for
/// the rest of the run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taint {
    sources: Vec<TaintSource>,
    more: u64,
}

impl Taint {
    /// How many sources are kept; of later ones only the number.
    pub const MAX_SOURCES: usize = 32;

    /// Marks the run. The first of each origin is kept.
    pub fn mark(&mut self, source: TaintSource) {
        if self.sources.iter().any(|known| known.origin == source.origin) {
            return;
        }
        if self.sources.len() < Self::MAX_SOURCES {
            self.sources.push(source);
        } else {
            self.more = self.more.saturating_add(1);
        }
    }

    /// Whether anything marked the run.
    pub fn is_marked(&self) -> bool {
        !self.sources.is_empty()
    }

    /// What marked it, oldest first.
    pub fn sources(&self) -> &[TaintSource] {
        &self.sources
    }

    /// Since when it is marked.
    pub fn since(&self) -> Option<Timestamp> {
        self.sources.iter().map(|source| source.at).min()
    }

    /// What marked it, for people: the first and how many more.
    pub fn sentence(&self) -> Option<String> {
        let first = self.sources.first()?;
        let more = self.more + self.sources.len() as u64 - 1;
        Some(match more {
            0 => format!("This run has read {}", first.origin),
            1 => format!("This run has read {} and one thing more from outside", first.origin),
            n => format!("This run has read {} and {n} things more from outside", first.origin),
        })
    }
}

impl std::fmt::Display for TaintOrigin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Web(host) => write!(f, "what {host} sent"),
            Self::Mcp(server) => write!(f, "what the MCP server {server} gave"),
            Self::File(path) => write!(f, "the fetched file {path}"),
            Self::Stranger(who) => write!(f, "a message of {who}"),
            Self::Agent(name) => write!(f, "the answer of {name}, who had read from outside"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn web(host: &str, second: i64) -> TaintSource {
        let at = Timestamp::from_second(second).unwrap();
        TaintSource { origin: TaintOrigin::Web(host.to_owned()), call: None, at }
    }

    #[test]
    fn a_mark_stays_and_names_its_first_source() {
        let mut taint = Taint::default();
        assert!(!taint.is_marked() && taint.since().is_none() && taint.sentence().is_none());
        for source in [web("a.org", 1), web("a.org", 2), web("b.org", 3)] {
            taint.mark(source);
        }
        assert_eq!(taint.sources().len(), 2);
        assert_eq!(taint.since(), Timestamp::from_second(1).ok());
        let sentence = taint.sentence().unwrap();
        assert_eq!(sentence, "This run has read what a.org sent and one thing more from outside");
        let json = serde_json::to_string(&taint).unwrap();
        assert_eq!(serde_json::from_str::<Taint>(&json).unwrap(), taint);
    }

    #[test]
    fn the_sources_kept_are_bounded() {
        let mut taint = Taint::default();
        for n in 0..100 {
            taint.mark(web(&format!("{n}.org"), n));
        }
        assert_eq!(taint.sources().len(), Taint::MAX_SOURCES);
        assert!(taint.sentence().unwrap().contains("99 things more"));
    }
}
