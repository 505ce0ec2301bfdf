//! A text file as it is edited.

use std::io::Read;

use cap_std::fs::Dir;

use crate::ToolError;
use crate::file::{open_regular, refusal};
use crate::room_path::RoomPath;

/// The largest file that can be edited, in bytes.
const MAX_EDITED: u64 = 4 * 1024 * 1024;

/// The mark of byte order that some editors put before UTF-8 text.
const MARK: &str = "\u{feff}";

/// The text of a file with what an edit must keep about it. The text itself has
/// lines that end in a line feed, wherever all lines of the file end alike.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Document {
    pub(crate) text: String,
    has_mark: bool,
    pub(crate) endings: Endings,
}

/// How the lines of a file end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endings {
    /// With a line feed.
    Lf,
    /// With a carriage return and a line feed.
    CrLf,
    /// Some so, some so. Such a text is taken byte for byte.
    Mixed,
}

impl Document {
    /// Reads the text of a file that there must be.
    pub(crate) fn read(workspace: &Dir, path: &RoomPath) -> Result<Self, ToolError> {
        let (file, metadata) = open_regular(workspace, path)?;
        let shown = path.shown();
        let too_large = || {
            let limit = MAX_EDITED / 1024 / 1024;
            ToolError::input_invalid(format!("`{shown}` is larger than {limit} MiB."))
        };
        if metadata.len() > MAX_EDITED {
            return Err(too_large());
        }
        let mut bytes = Vec::new();
        let read = file.take(MAX_EDITED + 1).read_to_end(&mut bytes);
        read.map_err(|error| refusal(path, &error))?;
        // It may have grown meanwhile.
        if bytes.len() as u64 > MAX_EDITED {
            return Err(too_large());
        }
        match String::from_utf8(bytes) {
            Ok(text) if !text.contains('\0') => Ok(Self::of(text)),
            _ => Err(ToolError::input_invalid(format!("`{shown}` is not UTF-8 text."))),
        }
    }

    fn of(text: String) -> Self {
        let (has_mark, text) = match text.strip_prefix(MARK) {
            Some(rest) => (true, rest.to_owned()),
            None => (false, text),
        };
        let (all, with_return) = (text.matches('\n').count(), text.matches("\r\n").count());
        let endings = match with_return {
            0 => Endings::Lf,
            with_return if with_return == all => Endings::CrLf,
            _ => Endings::Mixed,
        };
        let text = if endings == Endings::CrLf { text.replace("\r\n", "\n") } else { text };
        Self { text, has_mark, endings }
    }

    /// What a model wrote, with its lines ended as those of the text.
    pub(crate) fn like(&self, written: &str) -> String {
        match self.endings {
            Endings::Mixed => written.to_owned(),
            Endings::Lf | Endings::CrLf => written.replace("\r\n", "\n"),
        }
    }

    /// Another text in the place of this one's, as the file's bytes.
    pub(crate) fn bytes(&self, text: &str) -> Vec<u8> {
        let mark = if self.has_mark { MARK } else { "" };
        let text = match self.endings {
            Endings::CrLf => text.replace('\n', "\r\n"),
            Endings::Lf | Endings::Mixed => text.to_owned(),
        };
        format!("{mark}{text}").into_bytes()
    }
}

/// The text that stands at a path, where there is a file; a few words in its
/// place where it cannot be shown.
pub(crate) fn standing_text(workspace: &Dir, path: &RoomPath) -> Result<Option<String>, ToolError> {
    let at = path.as_path();
    if let Err(error) = workspace.symlink_metadata(at)
        && error.kind() == std::io::ErrorKind::NotFound
    {
        return Ok(None);
    }
    let metadata = workspace.metadata(at).map_err(|error| refusal(path, &error))?;
    match Document::read(workspace, path) {
        Ok(document) => Ok(Some(document.text)),
        Err(_) if metadata.is_file() => {
            Ok(Some(format!("({} bytes that are not shown)\n", metadata.len())))
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_was_not_changed_gives_the_same_bytes() {
        for text in ["", "a", "a\nb", "a\r\nb\r\n", "\u{feff}a\r\r\nb", "a\r\nb\n", "a\rb", "\n"] {
            let document = Document::of(text.to_owned());
            assert_eq!(document.bytes(&document.text), text.as_bytes(), "{text:?}");
        }
    }

    #[test]
    fn new_lines_end_as_the_old_ones_do() {
        let windows = Document::of("a\r\nb\r\n".to_owned());
        assert_eq!((windows.text.as_str(), windows.endings), ("a\nb\n", Endings::CrLf));
        assert_eq!(windows.bytes(&windows.like("x\r\ny\n")), b"x\r\ny\r\n");
        let unix = Document::of("a\n".to_owned());
        assert_eq!(unix.bytes(&unix.like("x\r\ny\n")), b"x\ny\n");
        let mixed = Document::of("a\r\nb\n".to_owned());
        assert_eq!(mixed.bytes(&mixed.like("x\r\ny\n")), b"x\r\ny\n");
    }
}
