//! Pictures that people send with a message.

use serde::{Deserialize, Serialize};

use crate::PictureId;
use crate::text_enum::text_enum;

/// The most pictures of one message.
pub const MAX_PICTURES: usize = 4;

/// The most bytes of one picture.
pub const MAX_PICTURE_BYTES: usize = 5 << 20;

/// The most pixels of a side.
pub const MAX_PICTURE_SIDE: u32 = 8_000;

text_enum! {
    /// What a picture's file is; its media type.
    pub enum PictureKind("picture's media type") {
        /// Portable Network Graphics.
        Png = "image/png",
        /// JPEG.
        Jpeg = "image/jpeg",
        /// WebP.
        Webp = "image/webp",
        /// Graphics Interchange Format.
        Gif = "image/gif",
    }
}

/// A picture on its way here, as a browser or a program sends it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PictureUpload {
    /// What its file is called; may be empty.
    #[serde(default)]
    pub name: String,
    /// Its bytes, as a URL that holds them: `data:image/png;base64,…`.
    pub url: String,
}

/// A stored picture, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PictureView {
    /// Which picture.
    pub id: PictureId,
    /// What its file was called.
    pub name: String,
    /// What its file is.
    pub media_type: PictureKind,
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
    /// The bytes of its file.
    pub bytes: u64,
}

impl PictureView {
    /// What stands for the picture where it is not seen.
    pub fn alt(&self) -> String {
        let Self { name, width, height, .. } = self;
        let name = if name.is_empty() { "Picture" } else { name };
        format!("{name}, {width} by {height} pixels")
    }
}
