//! The database: the only place that knows SQL and rows.
//!
//! Rows become `domain` values at this edge. A row that does not parse is a
//! reported error, never a default.

mod agent_life;
mod agents;
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
mod history;
mod link;
mod login;
mod overview;
mod postgres;
mod presence;
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
mod users;
mod watch;

pub use agent_life::{AgentChange, AgentEdit};
pub use agents::{Agent, AgentUse, MOST_AGENTS, NewAgent};
pub use clean::Cleaned;
pub use clock::{Clock, SystemClock};
pub use connection::{Backend, Store, StoreOptions};
pub use ending::Ending;
pub use error::{Error, Result};
pub use events::EventRecord;
pub use feed::{Change, Feed, Listener, News};
pub use figures::QueueFigures;
pub use history::RunHistory;
pub use postgres::place as database_place;
pub use presence::ProcessId;
pub use providers::{NewProvider, Provider, ProviderChange, SealedKey};
pub use queue::{Admission, ClaimedRun, Idempotency, NewRun, Submitted};
pub use remains::remains;
pub use retention::{Kept, TableRule, tables};
pub use session_life::NewSession;
pub use settings::StoredSettings;
pub use users::{NewUser, User};
