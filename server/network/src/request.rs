//! What is asked, and what comes back.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method, StatusCode, header};

use crate::{Error, Target};

/// The most bytes of an answer that can be asked for.
pub const MAX_BYTES: usize = 5 * 1024 * 1024;

/// The most bytes of a request's headers and body together.
pub const MAX_REQUEST: usize = 1024 * 1024;

/// The longest that a request can be given.
pub const MAX_TIME: Duration = Duration::from_secs(120);

/// One request. Headers that hold a secret are marked as sensitive; they go to
/// the origin of the target and nowhere else.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Where it goes.
    pub target: Target,
    /// Its headers, without those that the client sets itself.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Body,
    /// The time for all of it, redirects included; at most [`MAX_TIME`].
    pub time: Duration,
    /// The most bytes that an answer may have, unpacked; at most [`MAX_BYTES`].
    pub max_bytes: usize,
}

/// What is sent with a request.
#[derive(Clone, Default)]
pub struct Body {
    /// The bytes.
    pub bytes: Bytes,
    /// Whether there is a secret in them.
    pub secrecy: Secrecy,
}

/// Whether something holds a secret.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Secrecy {
    /// It holds none.
    #[default]
    Plain,
    /// It holds one.
    Secret,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers, at most 64 KiB.
    pub headers: HeaderMap,
    /// Where it came from, after redirects.
    pub target: Target,
    /// The body, unpacked.
    pub body: Vec<u8>,
    /// How many redirects led there.
    pub redirects: usize,
}

/// Without the bytes, which may be secret.
impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Body").field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}

impl Request {
    /// A request for something, with nothing else said.
    pub fn get(target: Target) -> Self {
        Self {
            method: Method::GET,
            target,
            headers: HeaderMap::new(),
            body: Body::default(),
            time: Duration::from_secs(15),
            max_bytes: 1024 * 1024,
        }
    }

    /// Refuses what a caller may not say.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if let Some(name) = self.headers.keys().find(|name| is_the_clients(name)) {
            return Err(Error::Header(name.to_string()));
        }
        let headers = self.headers.iter().map(|(name, value)| name.as_str().len() + value.len());
        if headers.sum::<usize>() + self.body.bytes.len() > MAX_REQUEST {
            return Err(Error::RequestTooLarge(MAX_REQUEST));
        }
        Ok(())
    }
}

/// Headers by which a request would be another one than was checked (`Host`),
/// would be read as two (`Transfer-Encoding`), or would speak to what stands in
/// between.
fn is_the_clients(name: &HeaderName) -> bool {
    const OWN: [HeaderName; 12] = [
        header::HOST,
        header::CONNECTION,
        header::CONTENT_LENGTH,
        header::TRANSFER_ENCODING,
        header::TE,
        header::TRAILER,
        header::UPGRADE,
        header::EXPECT,
        header::ACCEPT_ENCODING,
        header::VIA,
        HeaderName::from_static("keep-alive"),
        HeaderName::from_static("http2-settings"),
    ];
    OWN.contains(name) || name.as_str().starts_with("proxy-")
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn headers_that_make_it_another_request_are_refused() {
        for (name, wanted) in [
            ("host", false),
            ("transfer-encoding", false),
            ("proxy-authorization", false),
            ("authorization", true),
            ("x-api-key", true),
        ] {
            let mut request = Request::get(Target::parse("http://a.test/").unwrap());
            request.headers.insert(name, HeaderValue::from_static("x"));
            assert_eq!(request.check().is_ok(), wanted, "{name}");
        }
    }

    #[test]
    fn a_request_has_a_size() {
        let mut request = Request::get(Target::parse("http://a.test/").unwrap());
        request.body.bytes = vec![0; MAX_REQUEST].into();
        assert_eq!(request.check(), Ok(()));
        request.headers.insert("x", HeaderValue::from_static(""));
        assert_eq!(request.check(), Err(Error::RequestTooLarge(MAX_REQUEST)));
    }
}
