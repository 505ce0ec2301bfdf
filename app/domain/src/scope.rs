//! What a grant covers of a tool's reach.

use std::fmt;
use std::str::FromStr;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::text_enum::text_enum;
use crate::text_pattern::text_form;
use crate::{CommandPattern, HostPattern, PathPattern};

text_enum! {
    /// What is done with a path.
    pub enum Access("access to a path") {
        /// It is read, or looked at.
        Read = "read",
        /// It is made, changed, moved or removed.
        Write = "write",
    }
}

/// What a grant covers: whatever the tool reaches, or only what is named.
///
/// In text it is the word `anything`, or a table of what is named. There is no
/// empty table: a list that somebody forgot to fill must not open everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Every path, host and command. Not secrets: those are always named.
    Anything,
    /// What is named and nothing else.
    Only(Reach),
}

/// What is named, each kind by its patterns. A call may reach several things;
/// each has to be covered, be it by different grants.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reach {
    /// Paths that may be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub read: Vec<PathPattern>,
    /// Paths that may be written. To read them is another thing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub write: Vec<PathPattern>,
    /// Hosts that may be reached.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<HostPattern>,
    /// Commands that may run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<CommandPattern>,
    /// Secrets that may be filled in. Where hosts or commands stand beside
    /// them, only in calls that reach nothing but those.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<SecretName>,
}

/// Why a table is no scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadScope {
    /// It names nothing.
    #[error(
        "A scope names at least one pattern of `read`, `write`, `hosts`, `commands` or `secrets`, \
         or is the word \"anything\"."
    )]
    Empty,
    /// It names more than 64 patterns.
    #[error("A scope has at most {} patterns.", Reach::MAX)]
    TooMany,
}

impl Reach {
    /// The most patterns, of all kinds together.
    pub const MAX: usize = 64;

    /// How many patterns there are.
    pub fn len(&self) -> usize {
        let Self { read, write, hosts, commands, secrets } = self;
        read.len() + write.len() + hosts.len() + commands.len() + secrets.len()
    }

    /// Whether nothing is named.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Scope {
    /// The scope of what is named.
    pub fn only(reach: Reach) -> Result<Self, BadScope> {
        match reach.len() {
            0 => Err(BadScope::Empty),
            n if n > Reach::MAX => Err(BadScope::TooMany),
            _ => Ok(Self::Only(reach)),
        }
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Anything => serializer.serialize_str("anything"),
            Self::Only(reach) => reach.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct WordOrTable;

        impl<'de> Visitor<'de> for WordOrTable {
            type Value = Scope;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the word \"anything\" or a table of patterns")
            }

            fn visit_str<E: Error>(self, word: &str) -> Result<Scope, E> {
                match word {
                    "anything" => Ok(Scope::Anything),
                    _ => Err(E::invalid_value(serde::de::Unexpected::Str(word), &self)),
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<Scope, A::Error> {
                let reach = Reach::deserialize(MapAccessDeserializer::new(table))?;
                Scope::only(reach).map_err(A::Error::custom)
            }
        }

        deserializer.deserialize_any(WordOrTable)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Only(Reach { read, write, hosts, commands, secrets }) = self else {
            return f.write_str("anything");
        };
        fn part<T: fmt::Display>(label: &str, patterns: &[T]) -> Option<String> {
            let patterns: Vec<_> = patterns.iter().map(T::to_string).collect();
            (!patterns.is_empty()).then(|| format!("{label} {}", patterns.join(", ")))
        }
        let parts = [
            part("read", read),
            part("write", write),
            part("hosts", hosts),
            part("commands", commands),
            part("secrets", secrets),
        ];
        f.write_str(&parts.into_iter().flatten().collect::<Vec<_>>().join("; "))
    }
}

/// The name that a secret is used by: 1 to 100 of a to z, digits and `_-./`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SecretName(String);

/// A text that is no secret's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a secret's name: 1 to 100 of the letters a to z, digits and `_-./`.")]
pub struct BadSecretName(pub String);

impl SecretName {
    /// The longest name, in bytes.
    pub const MAX: usize = 100;

    /// The name as it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SecretName {
    type Err = BadSecretName;

    fn from_str(text: &str) -> Result<Self, BadSecretName> {
        let fits = |c: char| {
            c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | '.' | '/')
        };
        if text.is_empty() || text.len() > Self::MAX || !text.chars().all(fits) {
            return Err(BadSecretName(text.chars().take(Self::MAX).collect()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for SecretName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

text_form!(SecretName);

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Scope, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn both_forms_read_back() {
        for json in [
            r#""anything""#,
            r#"{"read":["src/**"],"write":["target/**"]}"#,
            r#"{"hosts":["api.example.com"],"secrets":["github_token"]}"#,
            r#"{"commands":["git status","cargo test *"]}"#,
        ] {
            assert_eq!(serde_json::to_string(&read(json).unwrap()).unwrap(), json);
        }
        let scope = read(r#"{"write":["b"],"read":["a","c/**"]}"#).unwrap();
        assert_eq!(scope.to_string(), "read a, c/**; write b");
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let many = format!(r#"{{"read":[{}]}}"#, vec![r#""a""#; 65].join(","));
        let table = [
            ("{}", "at least one pattern"),
            (r#"{"read":[]}"#, "at least one pattern"),
            (many.as_str(), "at most 64 patterns"),
            (r#""all""#, "anything"),
            ("7", "anything"),
            (r#"{"paths":["a"]}"#, "`paths`"),
            (r#"{"read":["../a"]}"#, "../a"),
            (r#"{"hosts":["http://a"]}"#, "http://a"),
            (r#"{"commands":["git * x"]}"#, "git * x"),
            (r#"{"secrets":["*"]}"#, "secret's name"),
        ];
        for (json, part) in table {
            let error = read(json).unwrap_err();
            assert!(error.contains(part), "{json}: {error}");
        }
    }
}
