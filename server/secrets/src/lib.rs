//! Secrets at rest: the key file, and what is sealed with it.
//!
//! A sealed value opens only with the key it was sealed with and only in the
//! place it was sealed for, so rows of a stolen or restored database cannot be
//! swapped.

mod key_file;
mod sealer;
mod text;

pub use key_file::KeyFileError;
pub use sealer::{OpenError, Sealer};
pub use text::SecretText;
