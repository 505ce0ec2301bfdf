//! Passwords: argon2id, one at a time.

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use domain::Fault;
use tokio::sync::Semaphore;

use crate::{Error, Result};

/// The fewest characters of a password.
const MIN: usize = 8;

/// The most bytes of a password; more is refused before it is hashed.
const MAX: usize = 1024;

/// Each hash takes 19 MiB for a moment; a crowd at the login page must not
/// take that many times over.
static ONE_AT_A_TIME: Semaphore = Semaphore::const_new(1);

/// Checks that a password may be chosen.
pub(crate) fn check(password: &str) -> std::result::Result<(), Fault> {
    if password.chars().count() < MIN {
        return Err(Fault::field("password", "A password has at least 8 characters."));
    }
    if password.len() > MAX {
        return Err(Fault::field("password", "A password has at most 1,024 bytes."));
    }
    Ok(())
}

/// Hashes a password with a fresh salt, in PHC form.
pub(crate) async fn hash(password: String) -> Result<String> {
    blocking(move || {
        let hash: PasswordHash = Argon2::default()
            .hash_password(password.as_bytes())
            .map_err(|error| Error::Broken(format!("hashing a password failed: {error}")))?;
        Ok(hash.to_string())
    })
    .await
}

/// Whether a password fits a hash. Without a hash the work is done all the
/// same, so that the time taken does not tell which names exist.
pub(crate) async fn fits(password: String, hash: Option<String>) -> Result<bool> {
    if password.len() > MAX {
        return Ok(false);
    }
    blocking(move || {
        let Some(hash) = hash else {
            let salt = [0u8; 16];
            let waste: std::result::Result<PasswordHash, _> =
                Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
            drop(std::hint::black_box(waste));
            return Ok(false);
        };
        let hash = PasswordHash::new(&hash).map_err(|error| {
            Error::Broken(format!("a stored password hash is damaged: {error}"))
        })?;
        Ok(Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
    })
    .await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let _permit =
        ONE_AT_A_TIME.acquire().await.map_err(|error| Error::Broken(error.to_string()))?;
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::Broken(error.to_string()))?
}
