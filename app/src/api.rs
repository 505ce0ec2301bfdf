//! The server functions, one file per noun: the only code that names the
//! engine. Each body asks who is there, calls the engine, and maps the refusal.
//!
//! What a form sends are texts, so that whatever was typed reaches the body and
//! can be handed back with a sentence.

pub(crate) mod account;
pub(crate) mod agents;
pub(crate) mod approvals;
pub(crate) mod audit;
pub(crate) mod documents;
pub(crate) mod grants;
pub(crate) mod health;
pub(crate) mod notes;
pub(crate) mod overview;
pub(crate) mod providers;
pub(crate) mod runs;
pub(crate) mod sessions;
pub(crate) mod settings;
