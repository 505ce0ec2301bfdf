//! How long the body of a request may be.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::{MAX_PICTURE_BYTES, MAX_PICTURES};
use http::Method;
use http::header::CONTENT_LENGTH;
use http_body_util::Limited;

use crate::api::{ApiFault, too_large};
use crate::auth::caller;
use crate::multipart::SEND;
use crate::router::AppState;

/// How many long bodies are taken in at once; others wait for them.
pub(crate) const LONG_AT_ONCE: usize = 4;

/// The most bytes of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BodyLimit(pub(crate) usize);

impl BodyLimit {
    /// Of most requests.
    pub(crate) const USUAL: Self = Self(1 << 20);

    /// Of a message with pictures: they come in Base64, which a form writes a
    /// little longer still.
    const PICTURES: Self = Self(Self::USUAL.0 + MAX_PICTURES * MAX_PICTURE_BYTES / 2 * 3);

    fn of(request: &Request) -> Self {
        let takes_pictures =
            matches!(request.uri().path(), "/v1/runs" | "/v1/chat/messages" | SEND);
        match takes_pictures && request.method() == Method::POST {
            true => Self::PICTURES,
            false => Self::USUAL,
        }
    }
}

/// Refuses bodies that say themselves that they are too long before anything of
/// them is read, and cuts the others off. Long ones are read for people alone who
/// are signed in, a few at a time.
pub(crate) async fn limit(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let mut limit = BodyLimit::of(&request);
    let length = request.headers().get(CONTENT_LENGTH).and_then(|text| text.to_str().ok());
    let length = length.and_then(|text| text.parse::<u64>().ok());
    let is_over = |limit: BodyLimit| length.is_some_and(|length| length > limit.0 as u64);
    if is_over(limit) {
        return ApiFault(too_large(limit)).into_response();
    }
    let mut _place = None;
    if limit != BodyLimit::USUAL && (length.is_none() || is_over(BodyLimit::USUAL)) {
        match caller(&state.engine, request.headers()).await {
            // It fails only where it was closed, which nobody does.
            Ok(_) => _place = state.long_bodies.acquire().await.ok(),
            Err(fault) if is_over(BodyLimit::USUAL) => return fault.into_response(),
            Err(_) => limit = BodyLimit::USUAL,
        }
    }
    request.extensions_mut().insert(limit);
    next.run(request.map(|body| Body::new(Limited::new(body, limit.0)))).await
}
