//! The database: the only place that knows SQL and rows.
//!
//! Rows become `domain` values at this edge. A row that does not parse is a
//! reported error, never a default.

mod agent_choices;
mod agent_life;
mod agents;
mod approvals;
mod clean;
mod cleaning;
mod clock;
mod connection;
mod cursor;
mod ending;
mod entity;
mod error;
mod events;
mod feed;
mod figures;
mod login;
mod overview;
mod pause;
mod pending;
mod postgres;
mod presence;
mod prompt_documents;
mod providers;
mod queue;
mod remains;
mod retention;
mod row;
mod runs;
mod search;
mod session_life;
mod sessions;
mod settings;
mod sizes;
mod sqlite;
mod steers;
mod submit;
mod usage_days;
mod users;
mod watch;

pub use agent_life::{AgentChange, AgentEdit};
pub use agents::{Agent, AgentUse, MOST_AGENTS, NewAgent};
pub use approvals::{Answered, Settled};
pub use clean::Cleaned;
pub use clock::{Clock, SystemClock};
pub use connection::{Backend, Store, StoreOptions};
pub use ending::Ending;
pub use error::{Error, Result};
pub use events::{EventRecord, RunHistory};
pub use feed::{Change, Feed, Listener, News};
pub use figures::QueueFigures;
pub use pause::Pause;
pub use postgres::place as database_place;
pub use presence::ProcessId;
pub use prompt_documents::{PromptSaved, StoredPrompt};
pub use providers::{NewProvider, Provider, ProviderChange, SealedKey};
pub use queue::ClaimedRun;
pub use remains::remains;
pub use retention::{Kept, TableRule, tables};
pub use session_life::NewSession;
pub use settings::StoredSettings;
pub use submit::{Admission, Idempotency, NewRun, Submitted};
pub use usage_days::Used;
pub use users::{NewUser, User};
