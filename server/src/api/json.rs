//! Request bodies: JSON, strict about fields that nobody knows, and clear about
//! what is wrong.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use domain::{Fault, FaultCode};
use http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;

use super::ApiFault;
use crate::size::BodyLimit;

/// A JSON body.
pub(crate) struct Body<T>(pub(crate) T);

impl<S, T> FromRequest<S> for Body<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = ApiFault;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiFault> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let is_json = kind.is_some_and(|kind| {
            let kind = kind.split(';').next().unwrap_or_default().trim();
            kind.eq_ignore_ascii_case("application/json") || kind.ends_with("+json")
        });
        if !is_json {
            let message = "Send the body as `Content-Type: application/json`.";
            return Err(Fault::new(FaultCode::UnsupportedType, message).into());
        }
        // The body limit is the only thing that can stop a whole body here,
        // besides a client that went away and will not read the answer.
        let limit = request.extensions().get().copied().unwrap_or(BodyLimit::USUAL);
        let bytes = Bytes::from_request(request, state).await.map_err(|_| too_large(limit))?;
        Ok(Self(read(&bytes)?))
    }
}

/// The answer to a body over the limit.
pub(crate) fn too_large(BodyLimit(limit): BodyLimit) -> Fault {
    let message = format!("The body is over the limit of {limit} bytes.");
    Fault::new(FaultCode::TooLarge, message)
}

/// Reads a field that is there as what it holds. So `null` is told from an absent
/// field: it is refused where it means nothing, and is a value of its own where
/// the field is an `Option` of an `Option`.
pub(crate) fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Fault> {
    let mut unknown = None;
    let mut track = serde_path_to_error::Track::new();
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let tracked = serde_path_to_error::Deserializer::new(&mut json, &mut track);
    let value = serde_ignored::deserialize(tracked, |path| {
        // An optional part of a body would stand in the path as a question mark.
        let named = || {
            let path = path.to_string();
            path.split('.').filter(|part| *part != "?").collect::<Vec<_>>().join(".")
        };
        unknown.get_or_insert_with(named);
    });
    let value: T = match value {
        Ok(value) => value,
        Err(error) => return Err(refusal(&error, &track.path().to_string())),
    };
    json.end().map_err(|error| refusal(&error, "."))?;
    match unknown {
        None => Ok(value),
        Some(name) => {
            let message = format!("There is no field `{name}`.");
            let mut fault = Fault::new(FaultCode::UnknownField, message.clone());
            fault.fields.insert(name, message);
            Err(fault)
        }
    }
}

fn refusal(error: &serde_json::Error, path: &str) -> Fault {
    let what = format!("{error}.");
    match error.classify() {
        Category::Data if path == "." => Fault::new(FaultCode::InvalidInput, what),
        Category::Data => Fault::field(path, what),
        Category::Syntax | Category::Eof | Category::Io => {
            Fault::new(FaultCode::InvalidJson, format!("The body is not JSON: {what}"))
        }
    }
}
