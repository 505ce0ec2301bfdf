//! The database: the only place that knows SQL and rows.
//!
//! Rows become `domain` values at this edge. A row that does not parse is a
//! reported error, never a default.

mod agents;
mod clock;
mod connection;
mod cursor;
mod ending;
mod entity;
mod error;
mod events;
mod feed;
mod login;
mod overview;
mod postgres;
mod presence;
mod queue;
mod row;
mod runs;
mod search;
mod session_life;
mod sessions;
mod sqlite;
mod users;

pub use agents::{Agent, NewAgent};
pub use clock::{Clock, SystemClock};
pub use connection::{Backend, Store, StoreOptions};
pub use ending::Ending;
pub use error::{Error, Result};
pub use events::{EventRecord, RunHistory};
pub use feed::{Change, Feed, Listener, News};
pub use presence::ProcessId;
pub use queue::{Admission, ClaimedRun, Idempotency, NewRun, Submitted};
pub use session_life::NewSession;
pub use users::{NewUser, User};
