//! Where requests go, the key that goes with them, and keeping both out of
//! what people read.

use std::fmt;

use reqwest::Url;
use reqwest::header::HeaderValue;

use super::SetupError;

/// The most characters of an error's detail.
const MAX_DETAIL: usize = 500;

/// The address of the completions, and the key.
pub(super) struct Endpoint {
    url: Url,
    /// The base as it was given, for the places where a provider repeats it.
    base: String,
    key: Option<Key>,
}

struct Key {
    text: String,
    /// Marked as sensitive, so that no log of headers shows it.
    bearer: HeaderValue,
}

impl Endpoint {
    /// Reads a base address as a person wrote it: with or without a slash at
    /// the end, or with the whole path.
    pub(super) fn new(base: &str, key: Option<&str>) -> Result<Self, SetupError> {
        let base = base.trim();
        let mut url = Url::parse(base).map_err(|_| SetupError::Address)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(SetupError::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(SetupError::Credentials);
        }
        url.set_fragment(None);
        if !url.path().trim_end_matches('/').ends_with("/chat/completions") {
            let mut path = url.path_segments_mut().map_err(|()| SetupError::Address)?;
            path.pop_if_empty().extend(["chat", "completions"]);
        }
        // A key from a file or a form often brings a line end with it.
        let key = key.map(str::trim).filter(|key| !key.is_empty()).map(Key::new).transpose()?;
        Ok(Self { url, base: base.to_owned(), key })
    }

    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// The value of the `Authorization` header.
    pub(super) fn bearer(&self) -> Option<HeaderValue> {
        self.key.as_ref().map(|key| key.bearer.clone())
    }

    /// What somebody else wrote, made fit to be shown: without the key and the
    /// address, and cut to a bearable length.
    pub(super) fn clean(&self, text: &str) -> String {
        let mut text =
            text.replace(self.url.as_str(), "[address]").replace(&self.base, "[address]");
        if let Some(key) = &self.key {
            text = text.replace(&key.text, "[key]");
        }
        text.trim().chars().take(MAX_DETAIL).collect()
    }
}

impl Key {
    fn new(text: &str) -> Result<Self, SetupError> {
        let header = HeaderValue::from_str(&format!("Bearer {text}"));
        let mut bearer = header.map_err(|_| SetupError::Key)?;
        bearer.set_sensitive(true);
        Ok(Self { text: text.to_owned(), bearer })
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the query, where some providers want a key.
        let mut url = self.url.clone();
        url.set_query(None);
        f.debug_struct("Endpoint")
            .field("url", &url.as_str())
            .field("key", &self.key.as_ref().map(|_| "hidden"))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(base: &str) -> String {
        Endpoint::new(base, None).unwrap().url().to_string()
    }

    #[test]
    fn the_path_is_added_once() {
        let whole = "https://a.example/v1/chat/completions";
        assert_eq!(url(" https://a.example/v1"), whole);
        assert_eq!(url("https://a.example/v1/"), whole);
        assert_eq!(url("https://a.example/v1/chat/completions"), whole);
        assert_eq!(url("http://[::1]:11434"), "http://[::1]:11434/chat/completions");
        assert_eq!(
            url("https://a.example/x?version=1"),
            "https://a.example/x/chat/completions?version=1"
        );
    }

    #[test]
    fn what_cannot_work_is_refused() {
        let error = |base: &str, key: Option<&str>| Endpoint::new(base, key).unwrap_err();
        assert_eq!(error("example.com/v1", None), SetupError::Address);
        assert_eq!(error("", None), SetupError::Address);
        assert_eq!(error("ftp://a.example", None), SetupError::Scheme);
        assert_eq!(error("https://me:pw@a.example", None), SetupError::Credentials);
        assert_eq!(error("https://a.example", Some("a\nb")), SetupError::Key);
    }

    #[test]
    fn an_empty_key_is_no_key() {
        assert!(Endpoint::new("https://a.example", Some(" \n")).unwrap().bearer().is_none());
        let endpoint = Endpoint::new("https://a.example", Some("sk-1\n")).unwrap();
        let bearer = endpoint.bearer().unwrap();
        assert_eq!(bearer.to_str().unwrap(), "Bearer sk-1");
        assert!(bearer.is_sensitive());
    }

    #[test]
    fn details_lose_key_and_address_and_are_cut_between_characters() {
        let endpoint = Endpoint::new("https://a.example/v1", Some("sk-1234")).unwrap();
        let text =
            "bad key sk-1234 at https://a.example/v1/chat/completions (https://a.example/v1)";
        assert_eq!(endpoint.clean(text), "bad key [key] at [address] ([address])");
        assert_eq!(endpoint.clean(&"é🙂".repeat(400)).chars().count(), 500);
    }
}
