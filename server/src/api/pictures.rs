//! `/v1/pictures`, and pictures in the bodies of messages.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use domain::{Fault, FaultCode, PictureUpload};
use engine::{Engine, Picture};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use serde::Deserialize;

use super::Reply;
use crate::auth::Caller;

/// A picture that comes with a message, in the form of OpenAI's chat.
#[derive(Deserialize)]
pub(crate) struct Attachment {
    #[serde(rename = "type")]
    kind: AttachmentKind,
    image_url: ImageUrl,
    /// What its file is called.
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
enum AttachmentKind {
    #[serde(rename = "image_url")]
    ImageUrl,
}

#[derive(Deserialize)]
struct ImageUrl {
    /// A `data:` URL. Nothing is fetched.
    url: String,
    /// Programs written for OpenAI's interface send it; each provider decides for
    /// itself how closely it looks.
    #[serde(rename = "detail")]
    _detail: Option<String>,
}

impl From<Attachment> for PictureUpload {
    fn from(attachment: Attachment) -> Self {
        let Attachment { kind: AttachmentKind::ImageUrl, image_url, name } = attachment;
        Self { name, url: image_url.url }
    }
}

/// The pictures of a body.
pub(crate) fn uploads(attachments: Option<Vec<Attachment>>) -> Vec<PictureUpload> {
    attachments.unwrap_or_default().into_iter().map(PictureUpload::from).collect()
}

/// `GET /v1/pictures/{id}`: the file, to its owner. What is at an address never
/// changes.
pub(crate) async fn show(
    Caller(who): Caller,
    State(engine): State<Engine>,
    Path(id): Path<String>,
) -> Reply<Response> {
    let fault = |_| Fault::new(FaultCode::PictureNotFound, "There is no such picture.");
    let id = id.parse().map_err(fault)?;
    let Picture { media_type, bytes } = engine.picture(&who, id).await?;
    let headers = [
        (CONTENT_TYPE, media_type.as_str()),
        (CACHE_CONTROL, "private, max-age=86400, immutable"),
        // A file from outside is looked at, and nothing in it does anything.
        (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
    ];
    Ok((headers, bytes).into_response())
}
