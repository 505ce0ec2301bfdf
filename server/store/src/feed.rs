//! The wake-up: what tells readers in this process that there is more.
//!
//! A change says only that something was committed. Readers fetch from the
//! database, so a change that is lost or doubled costs nothing but time.

use domain::{RunId, SessionId, UserId};
use tokio::sync::broadcast;

/// How many changes a reader may fall behind before it is told to look at
/// everything again.
const BACKLOG: usize = 1024;

/// What a commit changed about a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// Its log grew.
    Log,
    /// Its log grew and its state, or what is asked of it, is another.
    Status,
}

/// Something was committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Events of a run.
    Run {
        /// The run.
        run_id: RunId,
        /// Its session.
        session_id: SessionId,
        /// Whose it is.
        owner_id: UserId,
        /// What is new.
        news: News,
    },
    /// Anything, by anybody: look again.
    Anything,
}

/// Where changes are announced and awaited.
#[derive(Debug, Clone)]
pub struct Feed(broadcast::Sender<Change>);

impl Feed {
    pub(crate) fn new() -> Self {
        Self(broadcast::channel(BACKLOG).0)
    }

    /// Announces a change. Nobody listening is fine.
    pub fn announce(&self, change: Change) {
        let _ = self.0.send(change);
    }

    /// Listens from now on.
    pub fn listen(&self) -> Listener {
        Listener(self.0.subscribe())
    }
}

/// One reader's ear. Dropping it ends the listening.
#[derive(Debug)]
pub struct Listener(broadcast::Receiver<Change>);

impl Listener {
    /// The next change; a reader that fell behind hears [`Change::Anything`].
    /// `None` once the store is gone.
    pub async fn next(&mut self) -> Option<Change> {
        match self.0.recv().await {
            Ok(change) => Some(change),
            Err(broadcast::error::RecvError::Lagged(_)) => Some(Change::Anything),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}
