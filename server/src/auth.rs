//! Who calls the API: a person by cookie, or a program by token.

use app::context::session_token;
use axum::extract::{FromRef, FromRequestParts};
use domain::{Fault, FaultCode};
use engine::{Credential, Engine, SignedIn};
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderMap, HeaderValue};

use crate::api::ApiFault;

/// The caller of a route; a request without a valid credential does not get
/// past it.
pub(crate) struct Caller(pub(crate) SignedIn);

impl<S> FromRequestParts<S> for Caller
where
    S: Send + Sync,
    Engine: FromRef<S>,
{
    type Rejection = ApiFault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiFault> {
        Ok(Self(caller(&Engine::from_ref(state), &parts.headers).await?))
    }
}

/// Who sends a request, by its credential.
pub(crate) async fn caller(engine: &Engine, headers: &HeaderMap) -> Result<SignedIn, ApiFault> {
    let cookie = session_token(headers);
    let credential = match (bearer(headers), &cookie) {
        (Some(token), _) => Credential::Bearer(token),
        (None, Some(cookie)) => Credential::Cookie(cookie),
        (None, None) => {
            let message = "Send a token as `Authorization: Bearer …`, or sign in.";
            return Err(Fault::new(FaultCode::AuthRequired, message).into());
        }
    };
    Ok(engine.authenticate(credential).await?)
}

/// The token of a request. A browser never sends one by itself, so a request
/// that has one was made on purpose.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION).map(HeaderValue::to_str)?.ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
