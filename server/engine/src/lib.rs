//! The agent engine: the one facade that every way in calls, and the workers
//! that do what it accepted.
//!
//! It runs without HTTP. What a page can do, a test can do with this crate
//! alone.

mod access;
mod accounts;
mod agents;
mod approvals;
mod audit;
mod catalog;
mod choices;
mod commands;
mod compaction;
mod diff;
mod documents;
mod drive;
mod engine;
mod errands;
mod error;
mod export;
mod folders;
mod found;
mod gate;
mod grants;
mod health;
mod instructions;
mod models;
mod password;
mod pictures;
mod policy;
mod present;
mod prompt;
mod prose;
mod providers;
mod reads;
mod rebuilt;
mod recorder;
mod replay;
mod sessions;
mod settings;
mod streams;
mod submit;
mod text;
mod thinking;
mod throttle;
mod trace;
mod transcript;
mod typed;
mod upkeep;
mod work;
mod workers;

pub use access::{Credential, Keep, Login, SignedIn};
pub use agents::{AgentDraft, Sharing};
pub use commands::Said;
pub use engine::{Engine, EngineOptions, Limits, Queue};
pub use error::{Error, Result};
pub use export::{Export, ExportForm};
pub use models::{ModelName, Models, NoSuchProvider};
pub use pictures::Picture;
pub use policy::{ChangedCall, PolicyReplay};
pub use providers::{KeyDraft, ProviderDraft};
pub use replay::{Difference, Extent, Replayed, Thing};
pub use secrets::{Sealer, SecretText};
pub use streams::LiveStream;
pub use submit::{Accepted, Submission, Target};
pub use trace::Trace;
pub use work::Patience;

/// Milliseconds that have passed since.
pub(crate) fn since(begun: std::time::Instant) -> u64 {
    u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX)
}
