//! Pictures from people: read when they come in, given to people, and put
//! before models.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::{
    Fault, MAX_PICTURE_BYTES, MAX_PICTURE_SIDE, MAX_PICTURES, PictureId, PictureKind,
    PictureUpload, PictureView, RunId,
};
use imagesize::{ImageType, blob_size, image_type};
use llm::Image;
use store::{NewPicture, Store};

use crate::transcript::{Pictures, Shown};
use crate::{Engine, Result, SignedIn};

/// The most characters that are kept of a file's name.
const MAX_NAME: usize = 120;

/// How many pictures a request shows at most, and how many bytes of them. Those
/// of the present message come first, then the newest.
const SHOWN: usize = 8;
const SHOWN_BYTES: u64 = 20 << 20;

/// A picture to be shown to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// What its file is.
    pub media_type: PictureKind,
    /// The file.
    pub bytes: Vec<u8>,
}

/// Whether pictures are put together with their bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bytes {
    /// They are.
    Read,
    /// It is enough to know that they are there.
    Spared,
}

impl Engine {
    /// A picture of a person's own.
    pub async fn picture(&self, who: &SignedIn, id: PictureId) -> Result<Picture> {
        let (PictureView { media_type, .. }, bytes) = self.store().picture(who.id(), id).await?;
        Ok(Picture { media_type, bytes })
    }
}

/// Reads pictures as they come in. What they are is told by their bytes, whatever
/// they are called; of these only the head is understood.
pub(crate) fn read(uploads: Vec<PictureUpload>) -> std::result::Result<Vec<NewPicture>, Fault> {
    if uploads.len() > MAX_PICTURES {
        let sentence = format!("A message has at most {MAX_PICTURES} pictures.");
        return Err(Fault::field("pictures", sentence));
    }
    let one = |(n, upload): (usize, PictureUpload)| {
        let name = short(&upload.name);
        let called = if name.is_empty() { format!("Picture {}", n + 1) } else { name.clone() };
        let wrong = |what: &str| Fault::field("pictures", format!("{called} {what}"));
        picture(name, &upload.url).map_err(wrong)
    };
    uploads.into_iter().enumerate().map(one).collect()
}

fn picture(name: String, url: &str) -> std::result::Result<NewPicture, &'static str> {
    let data = url.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,"));
    let (_, data) = data.ok_or("is no `data:` URL in Base64.")?;
    // Base64 takes four characters for three bytes.
    if data.len() > MAX_PICTURE_BYTES.div_ceil(3) * 4 {
        return Err(TOO_LARGE);
    }
    let bytes = STANDARD.decode(data).map_err(|_| "is no `data:` URL in Base64.")?;
    if bytes.len() > MAX_PICTURE_BYTES {
        return Err(TOO_LARGE);
    }
    let media_type = match image_type(&bytes) {
        Ok(ImageType::Png) => PictureKind::Png,
        Ok(ImageType::Jpeg) => PictureKind::Jpeg,
        Ok(ImageType::Webp) => PictureKind::Webp,
        Ok(ImageType::Gif) => PictureKind::Gif,
        _ => return Err("is no picture in PNG, JPEG, WebP or GIF."),
    };
    let size = blob_size(&bytes).map_err(|_| "is damaged: its size cannot be read.")?;
    let side = |pixels: usize| u32::try_from(pixels).unwrap_or(u32::MAX);
    let (width, height) = (side(size.width), side(size.height));
    if width == 0 || height == 0 {
        return Err("is damaged: its size cannot be read.");
    }
    if width.max(height) > MAX_PICTURE_SIDE {
        return Err("has more than 8,000 pixels on a side.");
    }
    Ok(NewPicture { name, media_type, width, height, bytes })
}

const TOO_LARGE: &str = "is larger than 5 MiB.";

/// The last part of a file's name, without what would break a line.
fn short(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    name.trim().chars().filter(|c| !c.is_control()).take(MAX_NAME).collect()
}

/// The pictures that the requests of a run show: `earlier` are the runs before it,
/// oldest first.
pub(crate) async fn shown(
    store: &Store,
    earlier: impl IntoIterator<Item = RunId>,
    present: RunId,
    with: Bytes,
) -> std::result::Result<Pictures, store::Error> {
    let mut runs: Vec<RunId> = earlier.into_iter().collect();
    runs.push(present);
    let mut stored: HashMap<RunId, Vec<PictureView>> = HashMap::new();
    for (run, picture) in store.pictures_of(&runs).await? {
        stored.entry(run).or_default().push(picture);
    }
    let mut pictures = Pictures::default();
    let (mut number, mut bytes) = (0, 0);
    for run in runs.into_iter().rev() {
        let Some(views) = stored.remove(&run) else { continue };
        let mut shown = Shown::default();
        for view in views {
            number += 1;
            bytes += view.bytes;
            let fits = number <= SHOWN && bytes <= SHOWN_BYTES;
            let read = match with {
                _ if !fits => None,
                Bytes::Spared => Some(Vec::new()),
                Bytes::Read => store.picture_bytes(view.id).await?,
            };
            match read {
                Some(bytes) => {
                    let media_type = view.media_type.to_string();
                    shown.images.push(Image { media_type, bytes: bytes.into() });
                }
                None => shown.left_out += 1,
            }
        }
        if run == present {
            pictures.present = shown;
        } else {
            pictures.earlier.insert(run, shown);
        }
    }
    Ok(pictures)
}

/// The pictures that a run was begun with, to begin another with them.
pub(crate) async fn whole(
    store: &Store,
    run: RunId,
) -> std::result::Result<Vec<NewPicture>, store::Error> {
    let mut pictures = Vec::new();
    for (_, view) in store.pictures_of(&[run]).await? {
        let PictureView { id, name, media_type, width, height, .. } = view;
        if let Some(bytes) = store.picture_bytes(id).await? {
            pictures.push(NewPicture { name, media_type, width, height, bytes });
        }
    }
    Ok(pictures)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

    use super::*;

    /// The head of a picture in PNG of so many pixels, which is all that is read.
    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes.extend([8, 6, 0, 0, 0]);
        bytes
    }

    fn gif(width: u16, height: u16) -> Vec<u8> {
        let mut bytes = b"GIF89a".to_vec();
        bytes.extend(width.to_le_bytes());
        bytes.extend(height.to_le_bytes());
        bytes.extend([0, 0, 0]);
        bytes
    }

    fn jpeg(width: u16, height: u16) -> Vec<u8> {
        let mut bytes = vec![0xff, 0xd8, 0xff, 0xe0, 0, 16];
        bytes.extend(b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
        bytes.extend([0xff, 0xc0, 0, 17, 8]);
        bytes.extend(height.to_be_bytes());
        bytes.extend(width.to_be_bytes());
        bytes.extend([3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1]);
        bytes
    }

    /// In its extended form, whose size is given less one.
    fn webp(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0".to_vec();
        bytes.extend(&(width - 1).to_le_bytes()[..3]);
        bytes.extend(&(height - 1).to_le_bytes()[..3]);
        bytes
    }

    fn upload(name: &str, bytes: &[u8]) -> PictureUpload {
        // What it says it is does not count.
        let url = format!("data:text/plain;base64,{}", STANDARD.encode(bytes));
        PictureUpload { name: name.into(), url }
    }

    fn refusal(uploads: Vec<PictureUpload>) -> String {
        read(uploads).unwrap_err().fields["pictures"].clone()
    }

    #[test]
    fn kind_and_size_are_read_from_the_head() {
        for (bytes, kind) in [
            (png(640, 48), PictureKind::Png),
            (jpeg(640, 48), PictureKind::Jpeg),
            (gif(640, 48), PictureKind::Gif),
            (webp(640, 48), PictureKind::Webp),
        ] {
            let [picture] = &read(vec![upload("C:\\a\\b\n.txt ", &bytes)]).unwrap()[..] else {
                panic!("{kind}");
            };
            assert_eq!((picture.media_type, picture.width, picture.height), (kind, 640, 48));
            assert_eq!((picture.name.as_str(), &picture.bytes), ("b.txt", &bytes));
        }
    }

    #[test]
    fn what_is_no_picture_or_too_large_is_named() {
        let mut heavy = png(10, 10);
        heavy.resize(MAX_PICTURE_BYTES, 0);
        assert!(read(vec![upload("", &heavy)]).is_ok());
        heavy.push(0);
        let table = [
            (vec![upload("a.svg", b"<svg/>")], "a.svg is no picture in PNG, JPEG, WebP or GIF."),
            (vec![upload("", b"")], "Picture 1 is no picture in PNG, JPEG, WebP or GIF."),
            (vec![upload("h", &heavy)], "h is larger than 5 MiB."),
            (vec![upload("w", &png(8_001, 1))], "w has more than 8,000 pixels on a side."),
            (vec![upload("z", &png(0, 1))], "z is damaged: its size cannot be read."),
            (vec![upload("c", &png(1, 1)[..12])], "c is damaged: its size cannot be read."),
            (vec![upload("p", &png(1, 1)); 5], "A message has at most 4 pictures."),
        ];
        for (uploads, sentence) in table {
            assert_eq!(refusal(uploads), sentence);
        }
        for url in ["", "https://a.example/a.png", "data:image/png,abc", "data:;base64,*"] {
            let bare = PictureUpload { name: String::new(), url: url.to_owned() };
            assert_eq!(refusal(vec![bare]), "Picture 1 is no `data:` URL in Base64.", "{url}");
        }
    }
}
