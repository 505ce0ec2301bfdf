//! What the file tools share: opening, and errors of the file system.

use std::io::{self, ErrorKind};

use cap_std::fs::{Dir, File, Metadata, OpenOptions, OpenOptionsExt};
use domain::ToolErrorCode;
use rustix::fs::OFlags;
use rustix::io::Errno;

use crate::ToolError;
use crate::room_path::{RoomPath, leaves};

/// Opens a regular file to read it. The kind is asked before opening, since to
/// open a device can itself do something, and once more of what was opened,
/// since it may have been exchanged in between.
pub(crate) fn open_regular(
    workspace: &Dir,
    path: &RoomPath,
) -> Result<(File, Metadata), ToolError> {
    let broken = |error| refusal(path, &error);
    must_be_file(path, &workspace.metadata(path.as_path()).map_err(broken)?)?;
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(no_waiting());
    let file = workspace.open_with(path.as_path(), &options).map_err(broken)?;
    let metadata = file.metadata().map_err(broken)?;
    must_be_file(path, &metadata)?;
    Ok((file, metadata))
}

/// Open flags under which a pipe without a second end is no trap.
pub(crate) fn no_waiting() -> i32 {
    OFlags::NONBLOCK.bits().cast_signed()
}

/// Refuses folders, pipes, sockets and devices.
pub(crate) fn must_be_file(path: &RoomPath, metadata: &Metadata) -> Result<(), ToolError> {
    let path = path.shown();
    if metadata.is_file() {
        Ok(())
    } else if metadata.is_dir() {
        Err(ToolError::input_invalid(format!("`{path}` is a folder; fs.list shows what is in it.")))
    } else {
        Err(ToolError::input_invalid(format!("`{path}` is not a regular file.")))
    }
}

/// An error of the file system as the answer to a call.
///
/// The handle's own refusal to leave the room is a "permission denied" that no
/// system call returned, so it carries no system error number; that tells it
/// from a file whose mode forbids reading.
pub(crate) fn refusal(path: &RoomPath, error: &io::Error) -> ToolError {
    let shown = path.shown();
    if error.kind() == ErrorKind::PermissionDenied && error.raw_os_error().is_none() {
        return leaves(&shown);
    }
    if Errno::from_io_error(error) == Some(Errno::LOOP) {
        return ToolError::input_invalid(format!("The links at `{shown}` lead in a circle."));
    }
    let reason = match error.kind() {
        ErrorKind::NotFound => format!("There is no `{shown}` in the workspace."),
        ErrorKind::NotADirectory => format!("A part of `{shown}` is a file, not a folder."),
        ErrorKind::IsADirectory => format!("`{shown}` is a folder."),
        ErrorKind::AlreadyExists => format!("`{shown}` exists already."),
        ErrorKind::PermissionDenied => format!("The server may not open `{shown}`."),
        ErrorKind::InvalidInput => format!("The file system does not take `{shown}`."),
        ErrorKind::InvalidFilename => format!("`{shown}` is too long a path."),
        // What is left is no fault of the arguments: a full disk, a broken one.
        _ => {
            let message = format!("The file system refused `{shown}`: {error}.");
            return ToolError::new(ToolErrorCode::InternalError, message);
        }
    };
    ToolError::input_invalid(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forbidden_file_is_told_from_an_escape() {
        let path = RoomPath::parse("a").unwrap();
        let code = |error: io::Error| refusal(&path, &error).code;
        let by_the_handle = io::Error::new(ErrorKind::PermissionDenied, "led outside");
        assert_eq!(code(by_the_handle), ToolErrorCode::SandboxViolation);
        assert_eq!(code(Errno::ACCESS.into()), ToolErrorCode::InputInvalid);
        assert_eq!(code(Errno::LOOP.into()), ToolErrorCode::InputInvalid);
        assert_eq!(code(Errno::NOSPC.into()), ToolErrorCode::InternalError);
    }
}
