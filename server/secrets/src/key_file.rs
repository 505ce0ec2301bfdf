//! The file that holds the key: 32 random bytes that nobody else may read.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

/// Bytes of a key.
pub(crate) const KEY_LEN: usize = 32;

/// A key in memory; wiped when dropped.
pub(crate) type Key = Zeroizing<[u8; KEY_LEN]>;

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// Others than its owner may read or write it.
    #[error("the key file {0} is open to other people; run: chmod 600 {0}")]
    Open(PathBuf),
    /// It holds something else than a key.
    #[error("the key file {0} does not hold a key of 32 bytes; restore it from a backup")]
    Damaged(PathBuf),
    /// It is gone, so what was sealed with it cannot be opened.
    #[error("the key file {0} is missing")]
    Missing(PathBuf),
    /// It cannot be read or made.
    #[error("the key file {0} cannot be used: {1}")]
    Io(PathBuf, #[source] std::io::Error),
    /// The operating system gives no random bytes.
    #[error("no random key can be made: {0}")]
    Random(getrandom::Error),
}

/// Reads the key.
pub(crate) fn read(path: &Path) -> Result<Key, KeyFileError> {
    let io = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => KeyFileError::Missing(path.to_owned()),
        _ => KeyFileError::Io(path.to_owned(), error),
    };
    let file = File::open(path).map_err(io)?;
    if file.metadata().map_err(io)?.mode() & 0o077 != 0 {
        return Err(KeyFileError::Open(path.to_owned()));
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(KEY_LEN + 1));
    file.take(KEY_LEN as u64 + 1).read_to_end(&mut bytes).map_err(io)?;
    let key = <[u8; KEY_LEN]>::try_from(bytes.as_slice());
    key.map(Zeroizing::new).map_err(|_| KeyFileError::Damaged(path.to_owned()))
}

/// Reads the key, and makes one if there is none. Of processes that make one at
/// the same time, one wins and the others read its key.
pub(crate) fn read_or_make(path: &Path) -> Result<Key, KeyFileError> {
    match read(path) {
        Err(KeyFileError::Missing(_)) => {}
        found => return found,
    }
    let io = |error| KeyFileError::Io(path.to_owned(), error);
    let mut key = Zeroizing::new([0; KEY_LEN]);
    getrandom::fill(key.as_mut_slice()).map_err(KeyFileError::Random)?;
    // Written whole beside its place, then linked there: a reader never sees
    // half a key, and a link does not replace what is there.
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{:016x}", getrandom::u64().map_err(KeyFileError::Random)?));
    let draft = PathBuf::from(draft);
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft).map_err(io)?;
    file.write_all(key.as_slice()).and_then(|()| file.sync_all()).map_err(io)?;
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft).map_err(io)?;
    match linked {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(io(error)),
    }
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(io)?;
    }
    read(path)
}
