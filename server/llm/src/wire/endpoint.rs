//! Where requests go, the key that goes with them, and keeping both out of
//! what people read.

use std::fmt;

use domain::ProviderForm;
use reqwest::Url;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};

use super::SetupError;

/// The most characters of an error's detail.
const MAX_DETAIL: usize = 500;

const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const X_GOOG_API_KEY: HeaderName = HeaderName::from_static("x-goog-api-key");

/// The version of the Messages API that is spoken, as every request has to say.
/// https://platform.claude.com/docs/en/api/versioning
const ANTHROPIC_VERSION: (HeaderName, HeaderValue) =
    (HeaderName::from_static("anthropic-version"), HeaderValue::from_static("2023-06-01"));

/// What the hosts of one form want in their own way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// OpenAI itself, on its own hosts or on Azure.
    OpenAi,
    /// Mistral's own API.
    Mistral,
    /// Everybody else.
    Common,
}

/// The base address, its form, and the key.
pub(super) struct Endpoint {
    form: ProviderForm,
    /// Up to where the form's own paths begin.
    base: Url,
    /// The base as it was given, for the places where a provider repeats it.
    given: String,
    key: Option<Key>,
}

struct Key {
    text: String,
    name: HeaderName,
    /// Marked as sensitive, so that no log of headers shows it.
    value: HeaderValue,
}

/// Reads a base address as a person wrote it.
pub(super) fn base(given: &str) -> Result<Url, SetupError> {
    let mut url = Url::parse(given.trim()).map_err(|_| SetupError::Address)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(SetupError::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(SetupError::Credentials);
    }
    url.set_fragment(None);
    Ok(url)
}

impl Endpoint {
    /// Takes the base with or without a slash at the end, with the whole path of
    /// the form, or without the version where the form has but one.
    pub(super) fn new(
        form: ProviderForm,
        given: &str,
        key: Option<&str>,
    ) -> Result<Self, SetupError> {
        let mut base = base(given)?;
        let path = base.path().trim_end_matches('/');
        let path = ends(form).iter().find_map(|end| path.strip_suffix(end)).unwrap_or(path);
        let versioned = path.rsplit('/').next().is_some_and(is_version);
        let path = match form {
            ProviderForm::Anthropic if !versioned => format!("{path}/v1"),
            ProviderForm::Gemini if !versioned => format!("{path}/v1beta"),
            _ => path.to_owned(),
        };
        base.set_path(&path);
        // A key from a file or a form often brings a line end with it.
        let key = key.map(str::trim).filter(|key| !key.is_empty());
        let key = key.map(|key| Key::new(form, key)).transpose()?;
        Ok(Self { form, base, given: given.trim().to_owned(), key })
    }

    pub(super) fn form(&self) -> ProviderForm {
        self.form
    }

    pub(super) fn base(&self) -> &Url {
        &self.base
    }

    pub(super) fn dialect(&self) -> Dialect {
        let host = self.base.host_str().unwrap_or_default();
        let is_of = |domain: &str| {
            host.strip_suffix(domain).is_some_and(|h| h.is_empty() || h.ends_with('.'))
        };
        if is_of("openai.com") || is_of("openai.azure.com") {
            Dialect::OpenAi
        } else if is_of("mistral.ai") {
            Dialect::Mistral
        } else {
            Dialect::Common
        }
    }

    /// Where a model is asked.
    pub(super) fn exchange(&self, model: &str) -> Url {
        match self.form {
            ProviderForm::OpenaiChat => self.below(&["chat", "completions"]),
            ProviderForm::OpenaiResponses => self.below(&["responses"]),
            ProviderForm::Anthropic => self.below(&["messages"]),
            ProviderForm::Gemini => {
                let name = model.strip_prefix("models/").unwrap_or(model);
                let mut url = self.below(&["models", &format!("{name}:streamGenerateContent")]);
                url.query_pairs_mut().append_pair("alt", "sse");
                url
            }
            ProviderForm::Ollama => self.below(&["api", "chat"]),
        }
    }

    /// Where the list of models is.
    pub(super) fn models(&self) -> Url {
        let page = |name: &str| {
            let mut url = self.below(&["models"]);
            url.query_pairs_mut().append_pair(name, "1000");
            url
        };
        match self.form {
            ProviderForm::OpenaiChat | ProviderForm::OpenaiResponses => self.below(&["models"]),
            ProviderForm::Anthropic => page("limit"),
            ProviderForm::Gemini => page("pageSize"),
            ProviderForm::Ollama => self.below(&["api", "tags"]),
        }
    }

    /// The headers that every request has to carry.
    pub(super) fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if self.form == ProviderForm::Anthropic {
            let (name, version) = ANTHROPIC_VERSION;
            headers.insert(name, version);
        }
        if let Some(key) = &self.key {
            headers.insert(key.name.clone(), key.value.clone());
        }
        headers
    }

    /// What somebody else wrote, made fit to be shown: without the key and the
    /// address, and cut to a bearable length.
    pub(super) fn clean(&self, text: &str) -> String {
        let base = self.base.as_str();
        let mut text = text.replace(base, "[address]").replace(&self.given, "[address]");
        if let Some(key) = &self.key {
            text = text.replace(&key.text, "[key]");
        }
        text.trim().chars().take(MAX_DETAIL).collect()
    }

    fn below(&self, segments: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }
}

/// What is taken off the end of an address, where somebody gave more than its
/// base.
fn ends(form: ProviderForm) -> &'static [&'static str] {
    match form {
        ProviderForm::OpenaiChat => &["/chat/completions"],
        ProviderForm::OpenaiResponses => &["/responses"],
        ProviderForm::Anthropic => &["/messages"],
        ProviderForm::Gemini => &["/models"],
        // `/v1` is where Ollama speaks the form of OpenAI.
        ProviderForm::Ollama => &["/api/chat", "/api", "/v1"],
    }
}

/// Whether a segment of a path names a version, such as `v1` or `v1beta`.
fn is_version(segment: &str) -> bool {
    segment.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

impl Key {
    fn new(form: ProviderForm, text: &str) -> Result<Self, SetupError> {
        let (name, value) = match form {
            ProviderForm::OpenaiChat | ProviderForm::OpenaiResponses | ProviderForm::Ollama => {
                (AUTHORIZATION, format!("Bearer {text}"))
            }
            ProviderForm::Anthropic => (X_API_KEY, text.to_owned()),
            ProviderForm::Gemini => (X_GOOG_API_KEY, text.to_owned()),
        };
        let mut value = HeaderValue::from_str(&value).map_err(|_| SetupError::Key)?;
        value.set_sensitive(true);
        Ok(Self { text: text.to_owned(), name, value })
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the query, where some providers want a key.
        let mut url = self.base.clone();
        url.set_query(None);
        f.debug_struct("Endpoint")
            .field("form", &self.form)
            .field("base", &url.as_str())
            .field("key", &self.key.as_ref().map(|_| "hidden"))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAT: ProviderForm = ProviderForm::OpenaiChat;

    fn url(form: ProviderForm, base: &str) -> String {
        Endpoint::new(form, base, None).unwrap().exchange("m").to_string()
    }

    #[test]
    fn the_path_is_added_once() {
        let whole = "https://a.example/v1/chat/completions";
        assert_eq!(url(CHAT, " https://a.example/v1"), whole);
        assert_eq!(url(CHAT, "https://a.example/v1/"), whole);
        assert_eq!(url(CHAT, "https://a.example/v1/chat/completions"), whole);
        assert_eq!(url(CHAT, "http://[::1]:11434"), "http://[::1]:11434/chat/completions");
        assert_eq!(
            url(CHAT, "https://a.example/x?version=1"),
            "https://a.example/x/chat/completions?version=1"
        );
    }

    #[test]
    fn each_form_has_its_own_path() {
        let responses = ProviderForm::OpenaiResponses;
        assert_eq!(url(responses, "https://a.example/v1"), "https://a.example/v1/responses");
        for base in ["https://a.example", "https://a.example/v1", "https://a.example/v1/messages"] {
            assert_eq!(url(ProviderForm::Anthropic, base), "https://a.example/v1/messages");
        }
        let proxied = url(ProviderForm::Anthropic, "https://a.example/api/anthropic");
        assert_eq!(proxied, "https://a.example/api/anthropic/v1/messages");
        for base in ["https://a.example", "https://a.example/v1beta/"] {
            let expected = "https://a.example/v1beta/models/m:streamGenerateContent?alt=sse";
            assert_eq!(url(ProviderForm::Gemini, base), expected);
        }
        for base in
            ["http://a.example:11434", "http://a.example:11434/v1", "http://a.example:11434/api"]
        {
            assert_eq!(url(ProviderForm::Ollama, base), "http://a.example:11434/api/chat");
        }
    }

    #[test]
    fn the_list_of_models_stands_beside_it() {
        let list = |form, base| Endpoint::new(form, base, None).unwrap().models().to_string();
        for base in ["https://a.example/v1", "https://a.example/v1/chat/completions"] {
            assert_eq!(list(CHAT, base), "https://a.example/v1/models");
        }
        let anthropic = list(ProviderForm::Anthropic, "https://a.example");
        assert_eq!(anthropic, "https://a.example/v1/models?limit=1000");
        let ollama = list(ProviderForm::Ollama, "http://a.example/v1");
        assert_eq!(ollama, "http://a.example/api/tags");
    }

    #[test]
    fn what_cannot_work_is_refused() {
        let error = |base: &str, key: Option<&str>| Endpoint::new(CHAT, base, key).unwrap_err();
        assert_eq!(error("example.com/v1", None), SetupError::Address);
        assert_eq!(error("", None), SetupError::Address);
        assert_eq!(error("ftp://a.example", None), SetupError::Scheme);
        assert_eq!(error("https://me:pw@a.example", None), SetupError::Credentials);
        assert_eq!(error("https://a.example", Some("a\nb")), SetupError::Key);
    }

    #[test]
    fn the_key_goes_where_the_form_wants_it_and_an_empty_one_nowhere() {
        for (form, name, value) in [
            (CHAT, "authorization", "Bearer sk-1"),
            (ProviderForm::Anthropic, "x-api-key", "sk-1"),
            (ProviderForm::Gemini, "x-goog-api-key", "sk-1"),
        ] {
            let headers =
                Endpoint::new(form, "https://a.example", Some("sk-1\n")).unwrap().headers();
            assert_eq!(headers[name], value);
            assert!(headers[name].is_sensitive());
            let headers = Endpoint::new(form, "https://a.example", Some(" \n")).unwrap().headers();
            assert!(!headers.contains_key(name));
        }
    }

    #[test]
    fn dialects_are_told_by_the_host() {
        for (base, dialect) in [
            ("https://api.openai.com/v1", Dialect::OpenAi),
            ("https://eu.api.openai.com/v1", Dialect::OpenAi),
            ("https://me.openai.azure.com/openai/v1", Dialect::OpenAi),
            ("https://api.mistral.ai/v1", Dialect::Mistral),
            ("https://notopenai.com/v1", Dialect::Common),
            ("https://openai.com.example/v1", Dialect::Common),
        ] {
            assert_eq!(Endpoint::new(CHAT, base, None).unwrap().dialect(), dialect, "{base}");
        }
    }

    #[test]
    fn details_lose_key_and_address_and_are_cut_between_characters() {
        let endpoint = Endpoint::new(CHAT, "https://a.example/v1/", Some("sk-1234")).unwrap();
        let text =
            "bad key sk-1234 at https://a.example/v1/chat/completions (https://a.example/v1)";
        assert_eq!(endpoint.clean(text), "bad key [key] at [address]/chat/completions ([address])");
        assert_eq!(endpoint.clean(&"é🙂".repeat(400)).chars().count(), 500);
    }
}
