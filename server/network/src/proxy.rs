//! The way out of a program that is shut in: a forward proxy that lets through
//! what the host rules open, and nothing else.

mod connection;
mod listen;
mod meter;

use std::io;
use std::sync::Arc;

use tokio::task::JoinSet;

pub use listen::Listen;

use crate::{Error, Guard, HostRules};
use meter::Budget;

/// Connections at once; the next waits until one ends.
const AT_ONCE: usize = 32;

/// Connections in all. After the last the proxy takes no more.
const IN_ALL: usize = 10_000;

/// Bytes in all, both ways together.
const BYTES: u64 = 1024 * 1024 * 1024;

/// Is told of every decision, as it is made: at most one for each connection.
pub type Report = Arc<dyn Fn(Decision) + Send + Sync>;

/// What became of a wish to reach something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The host and port that were asked for, or what was written instead.
    pub wanted: String,
    /// Whether a connection was made, and why not.
    pub outcome: Result<(), Error>,
}

/// A forward proxy for one program: tunnels (`CONNECT`) and plain requests
/// (`GET http://…`). It checks and pins like the client; what is in a tunnel it
/// does not open. Each connection carries one request.
#[derive(Clone)]
pub struct Proxy {
    guard: Guard,
    rules: Arc<HostRules>,
    budget: Arc<Budget>,
    report: Report,
}

impl Proxy {
    /// A proxy for a program that may reach what these rules open.
    pub fn new(guard: Guard, rules: HostRules, report: Report) -> Self {
        Self { guard, rules: Arc::new(rules), budget: Arc::new(Budget::new(BYTES)), report }
    }

    /// Serves a listener for as long as it is waited for: dropping the future
    /// cuts every connection. Ends by itself after ten thousand connections, or
    /// where the listener fails.
    pub async fn serve(self, mut listener: impl Listen) -> io::Result<()> {
        // Dropped with this future, and then its tasks end.
        let mut tasks = JoinSet::new();
        for _ in 0..IN_ALL {
            while tasks.len() >= AT_ONCE {
                tasks.join_next().await;
            }
            let stream = loop {
                tokio::select! {
                    stream = listener.accept() => match stream {
                        // Who knocked has gone again.
                        Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                        stream => break stream?,
                    },
                    Some(_) = tasks.join_next() => {}
                }
            };
            tasks.spawn(connection::serve(self.clone(), stream));
        }
        drop(listener);
        while tasks.join_next().await.is_some() {}
        Ok(())
    }
}
