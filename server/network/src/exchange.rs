//! One request and its answer over one connection.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONNECTION, HOST, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::task::AbortOnDropHandle;

use crate::body::{Unpackable, Unpacking};
use crate::guard::CONNECT;
use crate::tls::Tls;
use crate::{Error, Guard, HostRules, Part, Phase, Request, Target};

/// The most bytes of an answer's status and headers.
pub(crate) const HEAD: usize = 64 * 1024;

/// The most headers of an answer.
pub(crate) const HEADERS: usize = 100;

/// The answer of one hop.
pub(crate) struct Hop {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    body: Incoming,
    /// Drives the connection for as long as the body is read.
    _driver: AbortOnDropHandle<()>,
}

/// Sends a request to its target, if it may be reached, and waits for the head
/// of the answer.
pub(crate) async fn send(
    guard: &Guard,
    tls: &Tls,
    rules: &HostRules,
    request: &Request,
) -> Result<Hop, Error> {
    let (stream, _) = guard.open(&request.target, rules).await?;
    if request.target.is_https() {
        let host = request.target.host();
        let secured = tokio::time::timeout(CONNECT, tls.secure(stream, host)).await;
        let slow = |_| timed_out(&request.target, Phase::Connection, CONNECT);
        over(secured.map_err(slow)??, request).await
    } else {
        over(stream, request).await
    }
}

async fn over<S>(stream: S, request: &Request) -> Result<Hop, Error>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let fail = |error: hyper::Error| failure(&request.target, &error);
    let mut builder = http1::Builder::new();
    builder.max_buf_size(HEAD).max_headers(HEADERS);
    let (mut sender, connection) = builder.handshake(TokioIo::new(stream)).await.map_err(fail)?;
    // How the connection ends is told to who reads from it.
    let driver = tokio::spawn(async { drop(connection.await) });
    let driver = AbortOnDropHandle::new(driver);
    let answer = sender.send_request(message(request)?).await.map_err(fail)?;
    let (parts, body) = answer.into_parts();
    // The connection reads a piece at a time and may go a piece too far.
    let size = |(name, value): (&HeaderName, &HeaderValue)| name.as_str().len() + value.len();
    if parts.headers.iter().map(size).sum::<usize>() > HEAD {
        let host = request.target.host().to_string();
        return Err(Error::TooLarge { host, part: Part::Head, limit: HEAD });
    }
    Ok(Hop { status: parts.status, headers: parts.headers, body, _driver: driver })
}

/// The request as it goes over the wire.
fn message(request: &Request) -> Result<http::Request<Full<Bytes>>, Error> {
    let broken = || Error::NoAddress("it cannot be sent".to_owned());
    let body = Full::new(request.body.bytes.clone());
    let mut message = http::Request::builder()
        .method(&request.method)
        .uri(request.target.path())
        .body(body)
        .map_err(|_| broken())?;
    let headers = message.headers_mut();
    *headers = request.headers.clone();
    let host = HeaderValue::from_str(&request.target.authority()).map_err(|_| broken())?;
    headers.insert(HOST, host);
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
    let any = || HeaderValue::from_static("*/*");
    headers.entry(ACCEPT).or_insert_with(any);
    let product = concat!("openclawssy/", env!("CARGO_PKG_VERSION"));
    headers.entry(USER_AGENT).or_insert(HeaderValue::from_static(product));
    Ok(message)
}

impl Hop {
    /// Reads the body to its end, or to where it is too large.
    pub(crate) async fn read(mut self, request: &Request) -> Result<Vec<u8>, Error> {
        let target = &request.target;
        let host = || target.host().to_string();
        let limit = request.max_bytes;
        let bad = |why| match why {
            Unpackable::TooLarge => Error::TooLarge { host: host(), part: Part::Body, limit },
            Unpackable::Broken => Error::Broken(host()),
        };
        let unknown = |encoding| Error::Encoding { host: host(), encoding };
        let mut unpacking = Unpacking::of(&self.headers, limit).map_err(unknown)?;
        // What is packed counts too, so that an endless stream of nothing ends.
        let mut packed = 0_usize;
        while let Some(frame) = self.body.frame().await {
            let frame = frame.map_err(|error| failure(target, &error))?;
            let Some(piece) = frame.data_ref() else { continue };
            packed = packed.saturating_add(piece.len());
            if packed > limit.saturating_add(HEAD) {
                return Err(bad(Unpackable::TooLarge));
            }
            unpacking.take(piece).map_err(bad)?;
        }
        if request.method == Method::HEAD || packed == 0 {
            return Ok(Vec::new());
        }
        unpacking.finish().map_err(bad)
    }
}

fn failure(target: &Target, error: &hyper::Error) -> Error {
    let host = target.host().to_string();
    if error.is_parse_too_large() {
        Error::TooLarge { host, part: Part::Head, limit: HEAD }
    } else {
        Error::Broken(host)
    }
}

/// The error of a target that took too long.
pub(crate) fn timed_out(target: &Target, phase: Phase, after: Duration) -> Error {
    Error::TimedOut { host: target.host().to_string(), phase, after }
}
