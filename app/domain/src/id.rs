//! Ids: one newtype for each kind of thing, all over UUIDv7.
//!
//! Version 7 ids sort by the time they were made, which keeps index pages
//! together. As text an id carries its kind as a prefix, so that a session's id
//! pasted where a run's is expected is refused instead of not found.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// A text that is no id of the kind that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not an id that starts with {prefix}")]
pub struct BadId {
    /// The prefix that ids of this kind start with, for example `run_`.
    pub prefix: &'static str,
    /// The text that was found.
    pub text: String,
}

macro_rules! id {
    ($(#[$meta:meta])* $name:ident, $prefix:literal) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            /// What the text form starts with.
            pub const PREFIX: &'static str = $prefix;

            /// Wraps an id that a clock made or a row holds.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The bare UUID, as it is stored.
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}{}", Self::PREFIX, self.0.simple())
            }
        }

        impl FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                text.strip_prefix(Self::PREFIX)
                    .and_then(|rest| Uuid::try_parse(rest).ok())
                    .map(Self)
                    .ok_or_else(|| BadId { prefix: Self::PREFIX, text: text.chars().take(80).collect() })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id!(
    /// A person who signs in.
    UserId, "usr_"
);
id!(
    /// A named worker.
    AgentId, "agt_"
);
id!(
    /// One conversation of a user with an agent on a channel.
    SessionId, "ses_"
);
id!(
    /// What a user or the agent said in a session.
    MessageId, "msg_"
);
id!(
    /// One piece of work of an agent.
    RunId, "run_"
);
id!(
    /// One tool call. Ours, unique across runs; the model's own id for the call
    /// stays beside it for the wire.
    CallId, "call_"
);
id!(
    /// A question to a person about one exact tool call.
    ApprovalId, "apr_"
);
id!(
    /// A permission of an agent.
    GrantId, "grt_"
);
id!(
    /// A picture that somebody sent.
    PictureId, "pic_"
);
id!(
    /// A stored model endpoint. People call it by its name.
    ProviderId, "prv_"
);

#[cfg(test)]
mod tests {
    use super::*;

    const BARE: &str = "0195c8a1d9f07c3a8f2e4b5c6d7e8f90";

    #[test]
    fn text_form_carries_the_kind_and_reads_back() {
        let id: RunId = format!("run_{BARE}").parse().unwrap();
        assert_eq!(id.to_string(), format!("run_{BARE}"));
        assert_eq!(RunId::from_uuid(id.as_uuid()), id);
    }

    #[test]
    fn another_kind_of_id_is_refused() {
        let error = format!("ses_{BARE}").parse::<RunId>().unwrap_err();
        assert_eq!(error.prefix, "run_");
        assert!(BARE.parse::<RunId>().is_err());
        assert!("run_nope".parse::<RunId>().is_err());
        assert!("nope".parse::<RunId>().is_err());
    }
}
