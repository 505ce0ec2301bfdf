//! Profiles: sets of grants to begin with.

use std::str::FromStr;

use crate::text_enum::text_enum;
use crate::{GrantTerms, Lasts, Mode, Scope, ToolPattern, Ways};

text_enum! {
    /// A set of grants that an agent may be given at once. They are ordinary
    /// grants from then on: seen, changed and removed one by one.
    ///
    /// | tools | read_only | guarded | workspace | full |
    /// |---|---|---|---|---|
    /// | look at files, the time, skills, measures | allow | allow | allow | allow |
    /// | change files of the workspace | | ask | allow | allow |
    /// | run commands | | ask | allow | allow |
    /// | give work to other agents | | allow | allow | allow |
    /// | reach the network | | ask | ask | allow |
    /// | every other tool | | | | allow |
    ///
    /// An empty place is denied. No profile names a secret.
    pub enum Profile("profile") {
        /// It looks and changes nothing.
        ReadOnly = "read_only",
        /// It asks before it changes anything.
        Guarded = "guarded",
        /// It does as it likes in its workspace, and asks before it leaves it.
        Workspace = "workspace",
        /// It asks for nothing.
        Full = "full",
    }
}

const LOOKS: &[&str] = &[
    "fs.list",
    "fs.read",
    "code.search",
    "time.now",
    "skill.list",
    "skill.read",
    "metrics.get",
    "tool.search",
];
const CHANGES: &[&str] = &["fs.*"];
const RUNS: &[&str] = &["shell.exec"];
const DELEGATES: &[&str] = &["agent.run", "agent.message"];
const NETWORK: &[&str] = &["http.request", "web.fetch"];
const EVERYTHING: &[&str] = &["*"];

impl Profile {
    /// What it says, in a sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::ReadOnly => "Looks at files and changes nothing.",
            Self::Guarded => {
                "Asks before it changes a file, runs a command or reaches the network."
            }
            Self::Workspace => {
                "Works freely in its workspace, and asks before it reaches the network."
            }
            Self::Full => "Uses every tool without asking.",
        }
    }

    /// The grants it stands for.
    pub fn terms(self) -> Vec<GrantTerms> {
        use Mode::{Allow, Ask};
        let sets: &[(&[&str], Mode)] = match self {
            Self::ReadOnly => &[(LOOKS, Allow)],
            Self::Guarded => {
                &[(LOOKS, Allow), (DELEGATES, Allow), (CHANGES, Ask), (RUNS, Ask), (NETWORK, Ask)]
            }
            Self::Workspace => &[
                (LOOKS, Allow),
                (DELEGATES, Allow),
                (CHANGES, Allow),
                (RUNS, Allow),
                (NETWORK, Ask),
            ],
            Self::Full => &[(EVERYTHING, Allow)],
        };
        let names = sets.iter().flat_map(|(names, mode)| names.iter().map(|name| (*name, *mode)));
        names
            .filter_map(|(name, mode)| {
                let tool = ToolPattern::from_str(name).ok()?;
                Some(GrantTerms {
                    tool,
                    mode,
                    ways: Ways::Both,
                    lasts: Lasts::Always,
                    scope: Scope::Anything,
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the closest grant of a profile says of a tool.
    fn says(profile: Profile, tool: &str) -> Option<Mode> {
        let terms = profile.terms().into_iter().filter(|terms| terms.tool.covers(tool));
        terms.max_by_key(|terms| terms.tool.closeness()).map(|terms| terms.mode)
    }

    #[test]
    fn each_profile_says_what_the_table_says() {
        use Mode::{Allow, Ask};
        let table = [
            ("fs.read", [Some(Allow), Some(Allow), Some(Allow), Some(Allow)]),
            ("time.now", [Some(Allow), Some(Allow), Some(Allow), Some(Allow)]),
            ("fs.write", [None, Some(Ask), Some(Allow), Some(Allow)]),
            ("fs.delete", [None, Some(Ask), Some(Allow), Some(Allow)]),
            ("shell.exec", [None, Some(Ask), Some(Allow), Some(Allow)]),
            ("agent.run", [None, Some(Allow), Some(Allow), Some(Allow)]),
            ("web.fetch", [None, Some(Ask), Some(Ask), Some(Allow)]),
            ("other.tool", [None, None, None, Some(Allow)]),
        ];
        for (tool, modes) in table {
            for (profile, mode) in Profile::ALL.iter().zip(modes) {
                assert_eq!(says(*profile, tool), mode, "{profile} {tool}");
            }
        }
        for profile in Profile::ALL {
            assert_eq!(profile.as_str().parse(), Ok(*profile));
        }
    }

    #[test]
    fn every_name_of_a_profile_is_one() {
        let sets = [LOOKS, CHANGES, RUNS, DELEGATES, NETWORK, EVERYTHING];
        for name in sets.concat() {
            assert!(name.parse::<ToolPattern>().is_ok(), "{name}");
        }
    }
}
