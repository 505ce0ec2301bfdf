//! Secrets at rest: the key file, and what is sealed with it; and the gate that
//! takes secrets out of text that goes out.
//!
//! A sealed value opens only with the key it was sealed with and only in the
//! place it was sealed for, so rows of a stolen or restored database cannot be
//! swapped.

mod key_file;
mod masker;
mod sealer;
mod text;

pub use key_file::KeyFileError;
pub use masker::{Masker, MaskerError};
pub use sealer::{OpenError, Sealer};
pub use text::SecretText;
