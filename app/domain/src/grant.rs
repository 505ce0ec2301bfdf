//! Grants: what an agent may do, what it has to ask for, and what it never may.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::text_enum::text_enum;
use crate::{AgentId, ApprovalId, GrantId, Profile, RunId, Scope, Timestamp, ToolPattern};

text_enum! {
    /// What becomes of a call. The order is that in which they win: where
    /// several things speak of one call, the greatest decides.
    pub enum Mode("mode of a grant") {
        /// It runs.
        Allow = "allow",
        /// A person is asked first.
        Ask = "ask",
        /// It does not run.
        Deny = "deny",
    }
}

text_enum! {
    /// For which runs a grant counts.
    pub enum Ways("ways in") {
        /// Those with a person in front of them.
        Attended = "attended",
        /// Those without.
        Unattended = "unattended",
        /// All.
        Both = "both",
    }
}

/// Where a grant comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantOrigin {
    /// It is part of a profile that was chosen for the agent.
    Profile(Profile),
    /// A person wrote it.
    Person,
    /// A person answered this question and had the answer remembered.
    Remembered(ApprovalId),
}

/// How long a grant counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lasts {
    /// Until it is removed.
    #[default]
    Always,
    /// Until this moment; not in it.
    Until(Timestamp),
    /// In this run alone.
    Run(RunId),
}

/// What a grant says, as a person writes it and a file holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantTerms {
    /// Which tools.
    pub tool: ToolPattern,
    /// What becomes of a call of theirs.
    pub mode: Mode,
    /// In which runs.
    #[serde(default = "both_ways")]
    pub ways: Ways,
    /// For how long.
    #[serde(default)]
    pub lasts: Lasts,
    /// What of their reach. Last, since it may be a table.
    pub scope: Scope,
}

const fn both_ways() -> Ways {
    Ways::Both
}

/// A grant as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Which grant.
    pub id: GrantId,
    /// The agent it is for.
    pub agent_id: AgentId,
    /// When it was made.
    pub made_at: Timestamp,
    /// Where it comes from.
    pub origin: GrantOrigin,
    /// What it says.
    pub terms: GrantTerms,
}

/// A file of grants: a profile, further grants, or both.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GrantFile {
    /// The profile to begin with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    /// Further grants.
    pub grants: Vec<GrantTerms>,
}

/// More grants than an agent can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("An agent has at most {most} grants; these are {0}.", most = Grant::MAX_PER_AGENT)]
pub struct TooManyGrants(pub usize);

impl Grant {
    /// The most grants of one agent.
    pub const MAX_PER_AGENT: usize = 200;
}

impl GrantTerms {
    /// Terms that allow something to every run for good.
    pub const fn allow(tool: ToolPattern, scope: Scope) -> Self {
        Self { tool, mode: Mode::Allow, ways: Ways::Both, lasts: Lasts::Always, scope }
    }
}

impl GrantFile {
    /// All grants in it, each with its origin.
    pub fn terms(self) -> Result<Vec<(GrantOrigin, GrantTerms)>, TooManyGrants> {
        let of_profile = self.profile.into_iter().flat_map(|profile| {
            profile.terms().into_iter().map(move |terms| (GrantOrigin::Profile(profile), terms))
        });
        let own = self.grants.into_iter().map(|terms| (GrantOrigin::Person, terms));
        let all: Vec<_> = of_profile.chain(own).collect();
        if all.len() > Grant::MAX_PER_AGENT {
            return Err(TooManyGrants(all.len()));
        }
        Ok(all)
    }
}

impl fmt::Display for GrantTerms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({})", self.mode, self.tool, self.scope)?;
        match self.ways {
            Ways::Both => {}
            Ways::Attended => f.write_str(", where a person is there")?,
            Ways::Unattended => f.write_str(", where nobody is there")?,
        }
        match self.lasts {
            Lasts::Always => Ok(()),
            Lasts::Until(moment) => write!(f, ", until {moment}"),
            Lasts::Run(run) => write!(f, ", in {run}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<GrantTerms, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn words_read_back_and_the_stricter_mode_is_the_greater() {
        for mode in Mode::ALL {
            assert_eq!(mode.as_str().parse(), Ok(*mode));
        }
        for ways in Ways::ALL {
            assert_eq!(ways.as_str().parse(), Ok(*ways));
        }
        assert!(Mode::Allow < Mode::Ask && Mode::Ask < Mode::Deny);
    }

    #[test]
    fn a_grant_reads_back() {
        let bare = "0195c8a1d9f07c3a8f2e4b5c6d7e8f90";
        let terms = [
            r#"{"tool":"fs.*","mode":"allow","scope":"anything"}"#.to_owned(),
            r#"{"tool":"*","mode":"deny","ways":"unattended","scope":{"hosts":["*"]}}"#.to_owned(),
            format!(r#"{{"tool":"a","mode":"ask","lasts":{{"run":"run_{bare}"}},"scope":"anything"}}"#),
            r#"{"tool":"a","mode":"ask","lasts":{"until":"2026-01-01T00:00:00Z"},"scope":"anything"}"#
                .to_owned(),
        ];
        for json in terms {
            let terms = read(&json).unwrap();
            assert_eq!(read(&serde_json::to_string(&terms).unwrap()), Ok(terms.clone()), "{json}");
            for origin in [
                r#""person""#.to_owned(),
                r#"{"profile":"guarded"}"#.to_owned(),
                format!(r#"{{"remembered":"apr_{bare}"}}"#),
            ] {
                let grant = Grant {
                    id: format!("grt_{bare}").parse().unwrap(),
                    agent_id: format!("agt_{bare}").parse().unwrap(),
                    made_at: "2026-01-01T00:00:00Z".parse().unwrap(),
                    origin: serde_json::from_str(&origin).unwrap(),
                    terms: terms.clone(),
                };
                let text = serde_json::to_string(&grant).unwrap();
                assert_eq!(serde_json::from_str::<Grant>(&text).unwrap(), grant, "{text}");
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let table = [
            (r#"{"mode":"allow","scope":"anything"}"#, "`tool`"),
            (r#"{"tool":"a","scope":"anything"}"#, "`mode`"),
            (r#"{"tool":"a","mode":"allow"}"#, "`scope`"),
            (r#"{"tool":"a","mode":"yes","scope":"anything"}"#, "mode of a grant"),
            (r#"{"tool":"a b","mode":"allow","scope":"anything"}"#, "a b"),
            (r#"{"tool":"a","mode":"allow","way":"both","scope":"anything"}"#, "`way`"),
            (r#"{"tool":"a","mode":"allow","ways":"api","scope":"anything"}"#, "ways in"),
            (r#"{"tool":"a","mode":"allow","lasts":"long","scope":"anything"}"#, "long"),
        ];
        for (json, part) in table {
            let error = read(json).unwrap_err();
            assert!(error.contains(part), "{json}: {error}");
        }
    }

    #[test]
    fn a_file_is_its_profile_and_its_grants_up_to_the_limit() {
        let own = read(r#"{"tool":"a","mode":"deny","scope":"anything"}"#).unwrap();
        let file = GrantFile { profile: Some(Profile::ReadOnly), grants: vec![own.clone()] };
        let all = file.terms().unwrap();
        assert_eq!(all.last(), Some(&(GrantOrigin::Person, own.clone())));
        assert_eq!(all.len(), Profile::ReadOnly.terms().len() + 1);
        assert_eq!(all[0].0, GrantOrigin::Profile(Profile::ReadOnly));
        let file = GrantFile { profile: None, grants: vec![own; 201] };
        assert_eq!(file.terms(), Err(TooManyGrants(201)));
    }
}
