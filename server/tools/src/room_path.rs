//! Paths inside a room.

use std::path::{Component, Path, PathBuf};

use crate::{ToolError, text};

/// The longest path, in bytes.
const MAX_PATH: usize = 1024;

/// The longest name of one file or folder, in bytes; what Linux takes.
const MAX_NAME: usize = 255;

/// A path that does not lead out of the room by its wording.
///
/// This check is for clear answers; it is not the wall. A path may still pass
/// through links, and the wall against those is the folder handle, which the
/// kernel resolves beneath itself. Wording is checked first since the kernel
/// would answer "not found" for `missing/../../etc`, which is an attempt to
/// leave all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RoomPath(String);

impl RoomPath {
    /// Reads a path as the model wrote it. Malformed ones are invalid input,
    /// those that lead out are violations.
    pub(crate) fn parse(path: &str) -> Result<Self, ToolError> {
        let invalid = |reason: &str| Err(ToolError::input_invalid(format!("`path` {reason}.")));
        if path.is_empty() {
            return invalid("is empty");
        }
        if path.contains('\0') {
            return invalid("holds a NUL byte");
        }
        if path.len() > MAX_PATH {
            return invalid(&format!("is longer than {MAX_PATH} bytes"));
        }
        let mut depth = 0_usize;
        for component in Path::new(path).components() {
            match component {
                Component::Normal(name) if name.len() > MAX_NAME => {
                    return invalid(&format!("has a name longer than {MAX_NAME} bytes"));
                }
                Component::Normal(_) => depth += 1,
                Component::CurDir => {}
                Component::ParentDir => depth = depth.checked_sub(1).ok_or_else(|| leaves(path))?,
                Component::RootDir | Component::Prefix(_) => return Err(leaves(path)),
            }
        }
        Ok(Self(path.to_owned()))
    }

    /// Reads the path of a file: its wording must not mean a folder.
    pub(crate) fn of_file(path: &str) -> Result<Self, ToolError> {
        let path = Self::parse(path)?;
        if path.is_folder() {
            let message = format!("`path` names a folder, not a file: `{}`.", path.shown());
            return Err(ToolError::input_invalid(message));
        }
        Ok(path)
    }

    /// The path, relative to the room's folder.
    pub(crate) fn as_path(&self) -> &Path {
        Path::new(&self.0)
    }

    /// The path by its wording alone, without `.` and `..`: two that lead to the
    /// same place without links are equal then.
    pub(crate) fn plain(&self) -> PathBuf {
        let mut plain = PathBuf::new();
        for component in self.as_path().components() {
            match component {
                Component::ParentDir => drop(plain.pop()),
                Component::Normal(name) => plain.push(name),
                Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
            }
        }
        plain
    }

    /// The path, fit to stand in a message.
    pub(crate) fn shown(&self) -> String {
        text::shown(&self.0)
    }

    /// Whether the wording can only mean a folder.
    fn is_folder(&self) -> bool {
        matches!(self.0.rsplit('/').next(), Some("" | "." | ".."))
    }
}

/// The refusal of a path that leads out.
pub(crate) fn leaves(path: &str) -> ToolError {
    ToolError::escape(format!(
        "`{}` leads out of the workspace. Give a path inside it, for example `notes.txt`.",
        text::shown(path)
    ))
}

#[cfg(test)]
mod tests {
    use domain::ToolErrorCode::{InputInvalid, SandboxViolation};

    use super::*;

    #[test]
    fn paths_inside_are_taken() {
        let deep = "d/".repeat(500);
        for path in [".", "a", "./a", "a/b/", "a/../b", "..a", "é🙂", "~", "a\\b", &deep] {
            assert!(RoomPath::parse(path).is_ok(), "{path}");
        }
    }

    #[test]
    fn what_leads_out_is_told_from_what_is_malformed() {
        let (long, far) = ("x".repeat(256), "d/".repeat(513));
        let table = [
            ("..", SandboxViolation),
            ("../x", SandboxViolation),
            ("a/../../x", SandboxViolation),
            ("./../x", SandboxViolation),
            ("/", SandboxViolation),
            ("/etc/passwd", SandboxViolation),
            ("//x", SandboxViolation),
            ("", InputInvalid),
            ("a\0b", InputInvalid),
            (&long, InputInvalid),
            (&far, InputInvalid),
        ];
        for (path, code) in table {
            assert_eq!(RoomPath::parse(path).unwrap_err().code, code, "{path}");
        }
    }

    #[test]
    fn a_folder_is_known_by_its_ending() {
        for (path, folder) in [("a/", true), ("a/.", true), ("a/..", true), ("a", false)] {
            assert_eq!(RoomPath::parse(path).unwrap().is_folder(), folder, "{path}");
        }
    }
}
