use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::key_file::{self, KEY_LEN, Key};
use crate::{KeyFileError, SecretText};

/// The first byte of a sealed value: how it was made.
const XCHACHA20_POLY1305: u8 = 1;

const NONCE_LEN: usize = 24;

/// Seals and opens secrets with the key of a key file, which is read when it is
/// first needed and made when something is first sealed.
pub struct Sealer {
    path: PathBuf,
    key: Mutex<Option<Key>>,
}

/// Why a sealed value does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no key to open it with.
    #[error(transparent)]
    Key(#[from] KeyFileError),
    /// It was sealed with another key, for another place, or was changed.
    #[error("the sealed value does not open with the key in {0}")]
    Sealed(PathBuf),
}

impl Sealer {
    /// Uses the key file at a path. Reads nothing yet.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), key: Mutex::new(None) }
    }

    /// Where the key file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Looks whether the key file, if there is one, can be used.
    pub fn check(&self) -> Result<(), KeyFileError> {
        match key_file::read(&self.path) {
            Ok(_) | Err(KeyFileError::Missing(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Seals a secret for one place, named by `context`.
    pub fn seal(&self, secret: &SecretText, context: &str) -> Result<Vec<u8>, KeyFileError> {
        let cipher = self.cipher(key_file::read_or_make)?;
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(KeyFileError::Random)?;
        let payload = Payload { msg: secret.reveal().as_bytes(), aad: context.as_bytes() };
        // Fails only for texts of over 256 GB.
        let sealed = cipher.encrypt(&nonce.into(), payload).unwrap_or_default();
        Ok([&[XCHACHA20_POLY1305][..], &nonce, &sealed].concat())
    }

    /// Opens what was sealed for the same place.
    pub fn open(&self, sealed: &[u8], context: &str) -> Result<SecretText, OpenError> {
        let cipher = self.cipher(key_file::read)?;
        let closed = || OpenError::Sealed(self.path.clone());
        let (nonce, text) = match sealed.split_first() {
            Some((&XCHACHA20_POLY1305, rest)) => {
                rest.split_at_checked(NONCE_LEN).ok_or_else(closed)?
            }
            _ => return Err(closed()),
        };
        let payload = Payload { msg: text, aad: context.as_bytes() };
        let nonce = <[u8; NONCE_LEN]>::try_from(nonce).map_err(|_| closed())?;
        let plain = cipher.decrypt(&nonce.into(), payload).map_err(|_| closed())?;
        String::from_utf8(plain).map(SecretText::new).map_err(|_| closed())
    }

    /// A key for one purpose, the same each time, that tells nothing of the key
    /// file or of other purposes (HKDF-SHA256, RFC 5869). Makes the key file if
    /// there is none.
    pub fn derive(&self, purpose: &str) -> Result<Zeroizing<[u8; KEY_LEN]>, KeyFileError> {
        let key = self.key(key_file::read_or_make)?;
        let mut derived = Zeroizing::new([0; KEY_LEN]);
        // Fails only for keys of over 8,160 bytes.
        Hkdf::<Sha256>::new(None, key.as_slice())
            .expand(purpose.as_bytes(), derived.as_mut_slice())
            .map_err(|_| KeyFileError::Damaged(self.path.clone()))?;
        Ok(derived)
    }

    fn cipher(
        &self,
        key: impl FnOnce(&Path) -> Result<Key, KeyFileError>,
    ) -> Result<XChaCha20Poly1305, KeyFileError> {
        Ok(XChaCha20Poly1305::new((&*self.key(key)?).into()))
    }

    fn key(
        &self,
        key: impl FnOnce(&Path) -> Result<Key, KeyFileError>,
    ) -> Result<Key, KeyFileError> {
        let mut known = self.key.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *known {
            Some(key) => Ok(key.clone()),
            none => Ok(none.insert(key(&self.path)?).clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn sealer() -> (tempfile::TempDir, Sealer) {
        let folder = tempfile::tempdir().unwrap();
        let sealer = Sealer::at(folder.path().join("secret.key"));
        (folder, sealer)
    }

    #[test]
    fn a_secret_comes_back_in_its_place_alone() {
        let (_folder, sealer) = sealer();
        let secret = SecretText::new("correct horse 42".into());
        let sealed = sealer.seal(&secret, "row 1").unwrap();
        assert_eq!(sealer.open(&sealed, "row 1").unwrap().reveal(), secret.reveal());
        assert!(matches!(sealer.open(&sealed, "row 2"), Err(OpenError::Sealed(_))));
        assert_ne!(sealed, sealer.seal(&secret, "row 1").unwrap(), "the nonce is new each time");
        assert_eq!(format!("{secret:?}"), "SecretText(hidden)");
        let again = Sealer::at(sealer.path());
        assert_eq!(again.open(&sealed, "row 1").unwrap().reveal(), secret.reveal());
    }

    #[test]
    fn a_derived_key_is_the_same_for_its_purpose_alone() {
        let (_folder, sealer) = sealer();
        let derived = sealer.derive("one").unwrap();
        assert_eq!(Sealer::at(sealer.path()).derive("one").unwrap(), derived);
        assert_ne!(sealer.derive("two").unwrap(), derived);
        let (_folder, other) = self::sealer();
        assert_ne!(other.derive("one").unwrap(), derived);
    }

    #[test]
    fn no_byte_can_be_changed() {
        let (_folder, sealer) = sealer();
        let sealed = sealer.seal(&SecretText::new("x".into()), "row").unwrap();
        for n in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[n] ^= 1;
            assert!(sealer.open(&changed, "row").is_err(), "byte {n}");
            assert!(sealer.open(&sealed[..n], "row").is_err(), "cut at {n}");
        }
    }

    #[test]
    fn the_key_file_is_private_or_not_used() {
        let (_folder, sealer) = sealer();
        let sealed = sealer.seal(&SecretText::new("x".into()), "row").unwrap();
        let mode = fs::metadata(sealer.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::set_permissions(sealer.path(), Permissions::from_mode(0o640)).unwrap();
        let other = Sealer::at(sealer.path());
        assert!(matches!(other.check(), Err(KeyFileError::Open(_))));
        assert!(matches!(other.open(&sealed, "row"), Err(OpenError::Key(KeyFileError::Open(_)))));
    }

    #[test]
    fn a_lost_key_file_is_not_made_anew_by_opening() {
        let (_folder, sealer) = sealer();
        let sealed = sealer.seal(&SecretText::new("x".into()), "row").unwrap();
        fs::remove_file(sealer.path()).unwrap();
        let other = Sealer::at(sealer.path());
        let lost = other.open(&sealed, "row");
        assert!(matches!(lost, Err(OpenError::Key(KeyFileError::Missing(_)))));
        assert!(!sealer.path().exists());
        // Sealing makes another key; what the old one sealed stays closed.
        other.seal(&SecretText::new("y".into()), "row").unwrap();
        assert!(matches!(other.open(&sealed, "row"), Err(OpenError::Sealed(_))));
    }
}
