//! One connection of the program, and one from here on in its stead.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, HOST, TE, TRAILER, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, copy_bidirectional};
use tokio::net::TcpStream;
use tokio_util::task::AbortOnDropHandle;

use super::meter::Metered;
use super::{Decision, Proxy};
use crate::exchange::{HEAD, HEADERS};
use crate::{Error, Kind, Target};

/// How long a program may take to say what it wants.
const SAY: Duration = Duration::from_secs(10);

/// The longest wish that is quoted in a report, in characters.
const QUOTED: usize = 300;

type Answer = Response<Either<Full<Bytes>, Incoming>>;
type Upstream = Metered<TcpStream>;

/// What has to live until the connection ends.
enum Kept {
    /// A tunnel, to be filled once the program has heard that it stands.
    Tunnel(OnUpgrade, Upstream),
    /// What drives the connection that an answer comes from.
    Driver { _handle: AbortOnDropHandle<()> },
}

type Place = Arc<Mutex<Option<Kept>>>;

/// Serves one connection to its end.
pub(super) async fn serve<S>(proxy: Proxy, stream: S)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let place = Place::default();
    let service = service_fn(|request| {
        let (proxy, place) = (proxy.clone(), Arc::clone(&place));
        async move { Ok::<_, Infallible>(answer(&proxy, request, &place).await) }
    });
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(SAY);
    builder.max_buf_size(HEAD).max_headers(HEADERS).keep_alive(false);
    let served = builder.serve_connection(TokioIo::new(stream), service).with_upgrades().await;
    let kept = place.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let (Ok(()), Some(Kept::Tunnel(upgrade, mut upstream))) = (served, kept)
        && let Ok(upgraded) = upgrade.await
    {
        // Either end may go at any time; nobody is left to be told.
        let _ = copy_bidirectional(&mut TokioIo::new(upgraded), &mut upstream).await;
    }
}

async fn answer(proxy: &Proxy, mut request: Request<Incoming>, place: &Place) -> Answer {
    let is_tunnel = request.method() == Method::CONNECT;
    let target = if is_tunnel {
        Target::tunnel(&request.uri().to_string())
    } else {
        plain(&request.uri().to_string())
    };
    let opened = match &target {
        Ok(target) => open(proxy, target).await,
        Err(error) => Err(error.clone()),
    };
    let wanted = match &target {
        Ok(target) => format!("{}:{}", target.host(), target.port()),
        // What cannot be read may hold a password, so only its start is told.
        Err(_) => request.uri().scheme_str().unwrap_or("something unreadable").to_owned(),
    };
    let outcome = opened.as_ref().map(|_| ()).map_err(Error::clone);
    (proxy.report)(Decision { wanted: wanted.chars().take(QUOTED).collect(), outcome });
    let (target, upstream) = match (target, opened) {
        (Ok(target), Ok(upstream)) => (target, upstream),
        (Err(error), _) | (_, Err(error)) => return refusal(&error),
    };
    if is_tunnel {
        keep(place, Kept::Tunnel(hyper::upgrade::on(&mut request), upstream));
        return Response::new(Either::Left(Full::default()));
    }
    match forward(request, &target, upstream).await {
        Ok((answer, driver)) => {
            keep(place, Kept::Driver { _handle: driver });
            answer.map(Either::Right)
        }
        Err(_) => refusal(&Error::Broken(target.host().to_string())),
    }
}

/// A plain request names its whole address; a secure one is for a tunnel.
fn plain(uri: &str) -> Result<Target, Error> {
    let target = Target::parse(uri)?;
    if target.is_https() {
        return Err(Error::NoAddress("a proxy takes https by CONNECT only".to_owned()));
    }
    Ok(target)
}

async fn open(proxy: &Proxy, target: &Target) -> Result<Upstream, Error> {
    proxy.budget.check()?;
    let (stream, _) = proxy.guard.open(target, &proxy.rules).await?;
    Ok(Metered::new(stream, Arc::clone(&proxy.budget)))
}

/// Sends a plain request on, and comes back with the head of its answer.
async fn forward(
    mut request: Request<Incoming>,
    target: &Target,
    upstream: Upstream,
) -> Result<(Response<Incoming>, AbortOnDropHandle<()>), Unsent> {
    let mut builder = hyper::client::conn::http1::Builder::new();
    builder.max_buf_size(HEAD).max_headers(HEADERS);
    let (mut sender, connection) = builder.handshake(TokioIo::new(upstream)).await?;
    let driver = AbortOnDropHandle::new(tokio::spawn(async { drop(connection.await) }));
    *request.uri_mut() = target.path().parse()?;
    strip(request.headers_mut());
    // The host that was checked, whatever the program wrote here.
    request.headers_mut().insert(HOST, HeaderValue::from_str(&target.authority())?);
    request.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    let mut answer = sender.send_request(request).await?;
    strip(answer.headers_mut());
    Ok((answer, driver))
}

/// Something between here and there failed; what it was changes nothing.
struct Unsent;

impl<E: std::error::Error> From<E> for Unsent {
    fn from(_: E) -> Self {
        Self
    }
}

/// Takes out what is meant for one connection only (RFC 9110, section 7.6.1).
fn strip(headers: &mut HeaderMap) {
    let named = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
    let named = named.flat_map(|value| value.split(','));
    let mut names: Vec<HeaderName> = named.filter_map(|name| name.trim().parse().ok()).collect();
    names.extend([CONNECTION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE]);
    names.push(HeaderName::from_static("keep-alive"));
    names.extend(headers.keys().filter(|name| name.as_str().starts_with("proxy-")).cloned());
    for name in names {
        headers.remove(name);
    }
}

fn refusal(error: &Error) -> Answer {
    let mut answer = Response::new(Either::Left(Full::from(format!("{error}\n"))));
    *answer.status_mut() = match error.kind() {
        Kind::Invalid => StatusCode::BAD_REQUEST,
        Kind::Refused => StatusCode::FORBIDDEN,
        Kind::Failed => StatusCode::BAD_GATEWAY,
        Kind::TimedOut => StatusCode::GATEWAY_TIMEOUT,
    };
    answer
}

fn keep(place: &Place, kept: Kept) {
    *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
}
