//! Model providers, as pages and the API show them. No view holds a key.

use serde::{Deserialize, Serialize};

use crate::text_enum::text_enum;
use crate::{ProviderId, Timestamp};

text_enum! {
    /// The form that a provider speaks.
    pub enum ProviderForm("form of a provider") {
        /// OpenAI's chat completions, which most others speak too.
        OpenaiChat = "openai_chat",
        /// OpenAI's Responses.
        OpenaiResponses = "openai_responses",
        /// Anthropic's Messages.
        Anthropic = "anthropic",
        /// Google's Gemini API.
        Gemini = "gemini",
        /// Ollama's own.
        Ollama = "ollama",
    }
}

impl ProviderForm {
    /// What people call it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::OpenaiChat => "OpenAI chat completions",
            Self::OpenaiResponses => "OpenAI Responses",
            Self::Anthropic => "Anthropic Messages",
            Self::Gemini => "Google Gemini",
            Self::Ollama => "Ollama",
        }
    }
}

text_enum! {
    /// How a connection to a provider went.
    pub enum CheckOutcome("outcome of a connection test") {
        /// It answered with its models.
        Ok = "ok",
        /// The host's name leads nowhere.
        Unresolved = "unresolved",
        /// Nothing listens at the address.
        Refused = "refused",
        /// Nothing came in time.
        Timeout = "timeout",
        /// No secure connection could be made.
        Tls = "tls",
        /// The network failed in another way.
        Unreachable = "unreachable",
        /// It wants a key, and none was sent.
        KeyMissing = "key_missing",
        /// It does not take the key.
        KeyRefused = "key_refused",
        /// There is nothing at that path.
        NotFound = "not_found",
        /// It answers, but not in the form that was chosen.
        NotCompatible = "not_compatible",
        /// It sends the request to another address.
        Redirected = "redirected",
        /// A limit or the quota is used up.
        RateLimited = "rate_limited",
        /// It has trouble itself.
        Failing = "failing",
        /// The stored key does not open.
        KeyLocked = "key_locked",
    }
}

/// What came of a connection test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionCheck {
    /// In one word.
    pub outcome: CheckOutcome,
    /// In a sentence that says what to do.
    pub message: String,
    /// The models it offers.
    pub models: Vec<String>,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}

text_enum! {
    /// Who set a provider up.
    pub enum ProviderSource("source of a provider") {
        /// It comes with the product.
        BuiltIn = "built_in",
        /// It was given when the server was started; not to be changed here.
        Environment = "environment",
        /// It was added and is stored.
        Stored = "stored",
    }
}

text_enum! {
    /// What is known about a provider's key.
    pub enum KeyState("state of a key") {
        /// There is none.
        None = "none",
        /// It is stored and opens.
        Set = "set",
        /// It is stored and does not open; it has to be entered again.
        Locked = "locked",
    }
}

/// One provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderView {
    /// Its name, by which models are called: `name/model`.
    pub name: String,
    /// Who set it up.
    pub source: ProviderSource,
    /// The id of the preset it was made from.
    pub preset: String,
    /// The form that it speaks; `None` for what is built in.
    pub form: Option<ProviderForm>,
    /// Where it is; empty for what is built in.
    pub base_url: String,
    /// Whether it has a key.
    pub key: KeyState,
    /// When the key was set.
    pub key_set_at: Option<Timestamp>,
    /// The models it offered when it was last asked, at most 2,000.
    pub models: Vec<String>,
    /// When it was last asked.
    pub models_at: Option<Timestamp>,
}

/// A kind of provider that is known, with what need not be typed then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresetView {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub label: String,
    /// The form that it speaks.
    pub form: ProviderForm,
    /// Where it is; empty if that differs from place to place.
    pub base_url: String,
    /// Whether it wants a key.
    pub needs_key: bool,
    /// The page where a key is to be had.
    pub key_page: Option<String>,
}

/// One provider with what its page needs beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderPage {
    /// The provider; `None` where one is to be added.
    pub provider: Option<ProviderView>,
    /// The kinds to choose from.
    pub presets: Vec<PresetView>,
}

/// A model server that was found on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundServer {
    /// The preset that fits.
    pub preset: String,
    /// What that is called.
    pub label: String,
    /// A name that is free.
    pub name: String,
    /// Where it answers.
    pub base_url: String,
    /// How many models it offers.
    pub models: usize,
}

/// The name of a provider: 1 to 40 small letters, digits, `-`, `_` and `.`,
/// beginning with a letter or digit.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProviderName(String);

/// Why a text is no provider's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "A name has 1 to 40 small letters, digits, '-', '_' and '.', and begins with a letter or digit."
)]
pub struct BadProviderName;

impl ProviderName {
    /// The longest name, in characters.
    pub const MAX: usize = 40;

    /// Reads a name as a person typed it.
    pub fn parse(text: &str) -> Result<Self, BadProviderName> {
        let text = text.trim();
        let fits = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || b"-_.".contains(&c);
        let begins = text.bytes().next().is_some_and(|c| c.is_ascii_alphanumeric());
        if !begins || text.len() > Self::MAX || !text.bytes().all(fits) {
            return Err(BadProviderName);
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for ProviderName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

impl ProviderId {
    /// What a sealed key is bound to: it opens only in the row it was sealed
    /// for, and only for the server that it was meant for.
    pub fn key_context(self, origin: &str) -> String {
        format!("provider key {self} {origin}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_fit_for_a_model_and_a_path() {
        assert_eq!(ProviderName::parse(" open-router.2 ").unwrap().as_str(), "open-router.2");
        for bad in ["", "a/b", "A", "-a", ".a", "a b", "é", &"a".repeat(41)] {
            assert_eq!(ProviderName::parse(bad), Err(BadProviderName), "{bad:?}");
        }
    }

    #[test]
    fn words_read_back() {
        for outcome in CheckOutcome::ALL {
            assert_eq!(outcome.as_str().parse(), Ok(*outcome));
        }
        for form in ProviderForm::ALL {
            assert_eq!(form.as_str().parse(), Ok(*form));
        }
    }
}
