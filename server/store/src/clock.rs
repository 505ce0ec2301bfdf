//! Time and ids as arguments, so that tests can move them.

use domain::Timestamp;
use uuid::Uuid;

/// Where times and ids come from.
pub trait Clock: Send + Sync {
    /// The present moment, to the millisecond.
    fn now(&self) -> Timestamp;

    /// A new UUIDv7, later than all before it in this process.
    fn uuid(&self) -> Uuid;
}

/// The machine's own clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        // What is stored has milliseconds; a finer time would differ from its
        // own row after a reload.
        let now = Timestamp::now();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    fn uuid(&self) -> Uuid {
        Uuid::now_v7()
    }
}
