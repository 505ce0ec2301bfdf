//! `fs.read`: text from a file.

use std::io::{self, Read, Seek, SeekFrom};

use cap_std::fs::{Dir, File};
use policy::Touches;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::file::{open_regular, refusal};
use crate::room_path::RoomPath;
use crate::{Class, MAX_CONTENT, Output, Room, Tool, ToolError, text};

/// The largest piece of one call, in bytes.
const MAX_BYTES: u64 = MAX_CONTENT as u64;

/// The smallest: one character of any kind fits, so that reading on from piece
/// to piece always gets further.
const MIN_BYTES: u64 = 4;

pub(crate) struct FsRead;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Args {
    /// The file, relative to the workspace.
    path: String,
    /// Where to start, in bytes from the start of the file. Left out: 0.
    offset_bytes: Option<u64>,
    /// How many bytes to read, at most 65536. Left out: 65536.
    max_bytes: Option<u64>,
}

impl Tool for FsRead {
    const NAME: &'static str = "fs.read";
    const DESCRIPTION: &'static str = "Read a text file of the workspace, whole or a piece of it. \
                                       A note in square brackets at the end says if there is more.";
    const SYNONYMS: &'static [(&'static str, &'static str)] = &[
        ("file", "path"),
        ("filename", "path"),
        ("file_path", "path"),
        ("offset", "offset_bytes"),
    ];
    const CLASS: Class = Class::Pure;
    type Args = Args;

    fn touches(&self, args: &Args) -> Touches {
        Touches::nothing().reads(args.path.as_str())
    }

    async fn call(&self, room: &Room, args: Args) -> Result<Output, ToolError> {
        let path = RoomPath::parse(&args.path)?;
        room.files(move |workspace| read(workspace, &path, &args)).await
    }
}

fn read(workspace: &Dir, path: &RoomPath, args: &Args) -> Result<Output, ToolError> {
    let offset = args.offset_bytes.unwrap_or(0);
    let asked = args.max_bytes.unwrap_or(MAX_BYTES);
    let limit = asked.clamp(MIN_BYTES, MAX_BYTES);

    let (file, metadata) = open_regular(workspace, path)?;
    let size = metadata.len();
    let bytes = piece(file, offset, limit, size).map_err(|error| refusal(path, &error))?;
    let Some((start, text)) = whole_characters(&bytes, offset, size) else {
        let (path, size) = (path.shown(), text::count(size, "byte"));
        let message = format!("`{path}` ({size}) is not UTF-8 text; fs.read reads text only.");
        return Err(ToolError::input_invalid(message));
    };

    let end = start + text.len() as u64;
    let got = text::count(text.len() as u64, "byte");
    let mut output = Output::new(&format!("read {}: {got}", path.shown()), text.to_owned());
    if asked != limit {
        output = output.note(&format!("max_bytes was {asked}; {limit} was taken"));
    }
    if end < size && !bytes.is_empty() {
        let left_out = text::count(size - end, "byte");
        output = output.note(&format!(
            "{got} from offset {start}; {left_out} of {size} follow: go on with offset_bytes {end}"
        ));
        output.truncated = true;
    } else if size == 0 {
        output = output.note("the file is empty");
    } else if bytes.is_empty() {
        output = output.note(&format!("offset_bytes {offset} is past the end at {size}"));
    }
    Ok(output)
}

fn piece(mut file: File, offset: u64, limit: u64, size: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if offset < size {
        file.seek(SeekFrom::Start(offset))?;
        file.take(limit).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// The text in a piece of a file, and where it starts: without the rest of a
/// character that began before the piece, and without the start of one that
/// ends after it. None if it is no text.
fn whole_characters(bytes: &[u8], offset: u64, size: u64) -> Option<(u64, &str)> {
    let has_more = offset.saturating_add(bytes.len() as u64) < size;
    let continues = |byte: &&u8| **byte & 0b1100_0000 == 0b1000_0000;
    let skipped = match offset {
        0 => 0,
        _ => bytes.iter().take(3).take_while(continues).count(),
    };
    let bytes = &bytes[skipped..];
    if bytes.contains(&0) {
        return None;
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if has_more && error.error_len().is_none() => {
            std::str::from_utf8(&bytes[..error.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    Some((offset + skipped as u64, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_end_between_characters() {
        let text = "a🙂é".as_bytes();
        assert_eq!(whole_characters(text, 0, 7), Some((0, "a🙂é")));
        assert_eq!(whole_characters(&text[..3], 0, 7), Some((0, "a")));
        assert_eq!(whole_characters(&text[2..], 2, 7), Some((5, "é")));
        assert_eq!(whole_characters(&text[2..6], 2, 7), Some((5, "")));
    }

    #[test]
    fn what_is_not_text_is_known() {
        assert_eq!(whole_characters(b"a\0b", 0, 3), None);
        assert_eq!(whole_characters(b"a\xffb", 0, 9), None);
        assert_eq!(whole_characters(b"a\xf0\x9f", 0, 3), None);
    }
}
