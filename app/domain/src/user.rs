//! People: roles and names.

use serde::{Deserialize, Serialize};

use crate::text_enum::text_enum;
use crate::{Timestamp, UserId};

text_enum! {
    /// What a person may do.
    pub enum Role("role") {
        /// Administers the installation.
        Owner = "owner",
        /// Works with agents and sees what is their own.
        Member = "member",
    }
}

/// The name a person signs in with: 1 to 64 letters, digits, `-`, `_`, `.` or
/// `@`, kept in lower case so that no two people differ only in case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UserName(String);

/// Why a text is no user name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing was given.
    #[error("Choose a name.")]
    Empty,
    /// More than 64 characters.
    #[error("A name has at most 64 characters.")]
    TooLong,
    /// A character outside the set.
    #[error("A name is made of letters, digits, '-', '_', '.' and '@'.")]
    Characters,
}

impl UserName {
    /// The longest name, in characters.
    pub const MAX: usize = 64;

    /// Reads a name as a person typed it.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if text.chars().count() > Self::MAX {
            return Err(NameError::TooLong);
        }
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '@');
        if !text.chars().all(fits) {
            return Err(NameError::Characters);
        }
        Ok(Self(text.to_ascii_lowercase()))
    }

    /// The name as it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for UserName {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        Self::parse(&text)
    }
}

impl From<UserName> for String {
    fn from(name: UserName) -> Self {
        name.0
    }
}

impl std::fmt::Display for UserName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

/// A person, as pages show them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserView {
    /// Whose record this is.
    pub id: UserId,
    /// The name they sign in with.
    pub name: UserName,
    /// What they may do.
    pub role: Role,
    /// When the account was made.
    pub created_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_case_and_outer_space_only() {
        assert_eq!(UserName::parse("  Ada.L ").unwrap().as_str(), "ada.l");
        assert_eq!(UserName::parse(" "), Err(NameError::Empty));
        assert_eq!(UserName::parse("a b"), Err(NameError::Characters));
        assert_eq!(UserName::parse(&"a".repeat(65)), Err(NameError::TooLong));
    }
}
