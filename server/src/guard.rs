//! What stands before every route: the hosts we serve, the origins that may
//! write, and the gate before pages.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use app::context::session_token;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use domain::{Fault, FaultCode};
use engine::Credential;
use http::header::{
    ACCEPT, HOST, HeaderName, ORIGIN, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};

use crate::api::ApiFault;
use crate::auth::bearer;
use crate::router::AppState;
use crate::size::BodyLimit;

/// Where the server is reached from outside: scheme and host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    https: bool,
    authority: Authority,
}

impl PublicUrl {
    /// Whether browsers reach the server over HTTPS.
    pub fn is_https(&self) -> bool {
        self.https
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.https { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.authority)
    }
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let uri: Uri = text.parse().map_err(|_| "not a URL".to_owned())?;
        let https = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err("begin it with https:// or http://".to_owned()),
        };
        let authority = uri.authority().cloned().ok_or("it names no host")?;
        if !matches!(uri.path(), "" | "/") {
            return Err("a path is not supported; give scheme and host only".to_owned());
        }
        Ok(Self { https, authority })
    }
}

/// Refuses hosts that are not ours, and writes and streams that another site
/// begins. A page of another name that resolves to this machine must not get
/// in, and neither must a page of another port.
pub(crate) async fn request(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let public = state.public_url.as_ref();
    match check(request.method(), request.uri(), request.headers(), public) {
        Ok(()) => next.run(request).await,
        Err(fault) => ApiFault(fault).into_response(),
    }
}

fn check(
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    public: Option<&PublicUrl>,
) -> Result<(), Fault> {
    let host = text(headers, HOST).or(uri.authority().map(Authority::as_str));
    let host = host.filter(|host| is_ours(host, public)).ok_or_else(|| {
        let message =
            "This server does not serve that host. Start it with --public-url to allow one.";
        Fault::new(FaultCode::HostForeign, message)
    })?;
    let stream = text(headers, ACCEPT).is_some_and(|accept| accept.contains("text/event-stream"));
    let writes = !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    if (!writes && !stream) || bearer(headers).is_some() {
        return Ok(());
    }
    match (text(headers, ORIGIN), text(headers, HeaderName::from_static("sec-fetch-site"))) {
        (Some(origin), _) if is_origin_of(origin, host) => Ok(()),
        (Some(_), _) => {
            let message = "A page of another site may not do this.";
            Err(Fault::new(FaultCode::OriginForeign, message))
        }
        (None, Some("same-origin")) => Ok(()),
        (None, _) => {
            let message = "Send an Origin header that matches the host, or use a token.";
            Err(Fault::new(FaultCode::OriginMissing, message))
        }
    }
}

/// Headers of every answer.
pub(crate) async fn headers(request: Request, next: Next) -> Response {
    // The live part of the chat stands in a frame of the chat page.
    let framed = app::context::may_be_framed(request.uri().path());
    let frames = if framed { "SAMEORIGIN" } else { "DENY" };
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static(frames));
    // Not `no-referrer`: that would make the origin of form posts `null`.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

/// Leads people without an account to the setup, and people who are not signed
/// in to the login page.
pub(crate) async fn page(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if path.starts_with("/fn/") {
        // Server functions ask for themselves who calls; but they cannot see
        // whether the caller sits at this machine.
        return match path {
            "/fn/setup" if !is_direct(&request) => ApiFault(setup_elsewhere()).into_response(),
            _ => status_of_code(next.run(request).await).await,
        };
    }
    let engine = &state.engine;
    let needs_setup = match engine.needs_setup().await {
        Ok(answer) => answer,
        Err(error) => return ApiFault::from(error).into_response(),
    };
    if needs_setup {
        return match path {
            app::SETUP if is_direct(&request) => next.run(request).await,
            app::SETUP => ApiFault(setup_elsewhere()).into_response(),
            _ => Redirect::to(app::SETUP).into_response(),
        };
    }
    let signed_in = match session_token(request.headers()) {
        Some(token) => engine.authenticate(Credential::Cookie(token)).await.is_ok(),
        None => false,
    };
    match path {
        app::LOGIN if !signed_in => next.run(request).await,
        app::LOGIN | app::SETUP => Redirect::to(app::OVERVIEW).into_response(),
        _ if signed_in => next.run(request).await,
        _ => {
            let wanted = request.uri().path_and_query().map_or(app::OVERVIEW, |uri| uri.as_str());
            Redirect::to(&app::login(wanted)).into_response()
        }
    }
}

/// Gives an error of a server function the status of its code. Arguments that
/// cannot be read are refused before the function runs and could set one.
async fn status_of_code(response: Response) -> Response {
    if response.status() != StatusCode::INTERNAL_SERVER_ERROR {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, BodyLimit::USUAL.0).await else {
        return parts.status.into_response();
    };
    if let Ok(Refusal { error }) = serde_json::from_slice(&bytes)
        && let Ok(status) = StatusCode::from_u16(error.code.status())
    {
        parts.status = status;
    }
    Response::from_parts(parts, bytes.into())
}

/// The one form of errors on the wire.
#[derive(serde::Deserialize)]
struct Refusal {
    error: Fault,
}

/// Whether a request comes from this machine and through no proxy: only then
/// may whoever sent it become the first owner.
fn is_direct(request: &Request) -> bool {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let forwarded = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"];
    peer.is_some_and(|ConnectInfo(peer)| peer.ip().is_loopback())
        && forwarded.iter().all(|name| !request.headers().contains_key(*name))
}

fn setup_elsewhere() -> Fault {
    let message = "Setup works on the server itself only. There, open it on localhost, or run `openclawssy users add NAME --role owner`.";
    Fault::new(FaultCode::Forbidden, message)
}

fn text(headers: &HeaderMap, name: impl http::header::AsHeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

fn is_ours(host: &str, public: Option<&PublicUrl>) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    if public.is_some_and(|public| public.authority == authority) {
        return true;
    }
    matches!(authority.host(), "localhost" | "127.0.0.1" | "[::1]")
}

fn is_origin_of(origin: &str, host: &str) -> bool {
    let rest = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    rest.is_some_and(|rest| rest.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        assert!(is_origin_of("http://localhost:8080", "localhost:8080"));
        for foreign in ["http://localhost:8081", "null", "http://evil.test", "localhost:8080"] {
            assert!(!is_origin_of(foreign, "localhost:8080"), "{foreign}");
        }
    }

    #[test]
    fn only_loopback_and_the_public_host_are_ours() {
        let public: PublicUrl = "https://agents.example.test".parse().unwrap();
        for host in ["localhost:8080", "127.0.0.1", "[::1]:8080"] {
            assert!(is_ours(host, None), "{host}");
        }
        assert!(is_ours("agents.example.test", Some(&public)));
        for host in ["agents.example.test", "127.0.0.1.nip.io", "localhost.evil.test", "a@b@c", ""]
        {
            assert!(!is_ours(host, None), "{host}");
        }
        assert!("ftp://x".parse::<PublicUrl>().is_err());
        assert!("https://x/path".parse::<PublicUrl>().is_err());
    }
}
