//! The agent engine: the one facade that every way in calls, and the workers
//! that do what it accepted.
//!
//! It runs without HTTP. What a page can do, a test can do with this crate
//! alone.

mod access;
mod accounts;
mod agents;
mod catalog;
mod commands;
mod compaction;
mod drive;
mod engine;
mod error;
mod export;
mod folders;
mod health;
mod models;
mod password;
mod present;
mod prose;
mod providers;
mod reads;
mod recorder;
mod sessions;
mod settings;
mod step;
mod streams;
mod submit;
mod thinking;
mod throttle;
mod transcript;
mod upkeep;
mod workers;

pub use access::{Credential, Keep, Login, SignedIn};
pub use agents::{AgentDraft, Sharing};
pub use commands::Said;
pub use engine::{Engine, EngineOptions, Limits, Queue};
pub use error::{Error, Result};
pub use export::{Export, ExportForm};
pub use models::{ModelName, Models, NoSuchProvider};
pub use providers::{KeyDraft, ProviderDraft};
pub use secrets::{Sealer, SecretText};
pub use streams::LiveStream;
pub use submit::{Accepted, Submission, Target};
