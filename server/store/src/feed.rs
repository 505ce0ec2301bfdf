//! The wake-up: what tells readers that there is more.
//!
//! A change says only that something was committed. Readers fetch from the
//! database, so a change that is lost or doubled costs nothing but time.

use std::fmt;

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
    /// Its log grew and its state is another.
    Status,
    /// Somebody asked it to stop.
    Stop,
    /// Somebody said something to it.
    Steering,
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

/// The words that a change goes to other processes in.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run { run_id, session_id, owner_id, news } => {
                let news = match news {
                    News::Log => "log",
                    News::Status => "status",
                    News::Stop => "stop",
                    News::Steering => "steering",
                };
                write!(f, "{news} {run_id} {session_id} {owner_id}")
            }
            Self::Anything => f.write_str("anything"),
        }
    }
}

impl Change {
    /// Reads the words back; `None` for what a newer version may have sent.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let news = match words.next()? {
            "log" => News::Log,
            "status" => News::Status,
            "stop" => News::Stop,
            "steering" => News::Steering,
            "anything" => return Some(Self::Anything),
            _ => return None,
        };
        Some(Self::Run {
            run_id: words.next()?.parse().ok()?,
            session_id: words.next()?.parse().ok()?,
            owner_id: words.next()?.parse().ok()?,
            news,
        })
    }
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

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_change_reads_as_it_was_written() {
        let of = |news| Change::Run {
            run_id: RunId::from_uuid(Uuid::from_u128(1)),
            session_id: SessionId::from_uuid(Uuid::from_u128(2)),
            owner_id: UserId::from_uuid(Uuid::from_u128(3)),
            news,
        };
        let news = [News::Log, News::Status, News::Stop, News::Steering].map(of);
        for change in news.into_iter().chain([Change::Anything]) {
            assert_eq!(Change::read(&change.to_string()), Some(change));
        }
        assert_eq!(Change::read("status run_1 x"), None);
    }
}
