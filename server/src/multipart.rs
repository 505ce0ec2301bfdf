//! The message form as a browser without scripts sends it, with files: turned into
//! the one form that its function reads.

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::{Fault, FaultCode};
use form_urlencoded::Serializer;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, Method};
use multer::Multipart;

use crate::api::ApiFault;

/// Where messages are posted.
pub(crate) const SEND: &str = "/fn/send";

/// What the form calls its files.
const FILES: &str = "picture";

/// Reads a form in parts before it goes on; leaves everything else alone.
pub(crate) async fn form(request: Request, next: Next) -> Response {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let boundary = kind.and_then(|kind| multer::parse_boundary(kind).ok());
    let is_form = request.method() == Method::POST && request.uri().path() == SEND;
    let Some(boundary) = boundary.filter(|_| is_form) else { return next.run(request).await };
    let (mut parts, body) = request.into_parts();
    let text = match read(body, boundary).await {
        Ok(text) => text,
        Err(error) => {
            let message = format!("The form cannot be read: {error}.");
            return ApiFault(Fault::new(FaultCode::InvalidInput, message)).into_response();
        }
    };
    let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
    parts.headers.insert(CONTENT_TYPE, kind);
    parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(text.len()));
    next.run(Request::from_parts(parts, Body::from(text))).await
}

/// Fields as they are; files as `pictures[n]`, each a URL that holds it. How much
/// there is, the limit on the body bounds.
async fn read(body: Body, boundary: String) -> multer::Result<String> {
    let mut form = Multipart::new(body.into_data_stream(), boundary);
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut pictures = 0;
    while let Some(field) = form.next_field().await? {
        let name = field.name().unwrap_or_default().to_owned();
        if name != FILES {
            fields.push((name, field.text().await?));
            continue;
        }
        let file = field.file_name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await?;
        // A field in which no file was chosen is sent as an empty one.
        if bytes.is_empty() {
            continue;
        }
        let url = format!("data:;base64,{}", STANDARD.encode(&bytes));
        fields.push((format!("pictures[{pictures}][name]"), file));
        fields.push((format!("pictures[{pictures}][url]"), url));
        pictures += 1;
    }
    Ok(Serializer::new(String::new()).extend_pairs(fields).finish())
}
