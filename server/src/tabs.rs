//! The live streams that are open: one for each tab of a browser, and a bound
//! on all of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::{Fault, FaultCode, UserId};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

/// How many streams may be open at once.
const STREAMS: usize = 1024;

/// The most bytes of a tab's name.
const MAX_NAME: usize = 64;

/// The streams that are open.
#[derive(Clone)]
pub(crate) struct Tabs {
    open: Named,
    room: Arc<Semaphore>,
}

type Key = (UserId, String);
type Named = Arc<Mutex<HashMap<Key, CancellationToken>>>;

/// One open stream. Dropped with it; then its place is free.
pub(crate) struct Tab {
    /// Cancelled when a newer stream of the same tab takes over.
    pub(crate) replaced: CancellationToken,
    named: Option<(Named, Key)>,
    _permit: OwnedSemaphorePermit,
}

impl Default for Tabs {
    fn default() -> Self {
        Self { open: Arc::default(), room: Arc::new(Semaphore::new(STREAMS)) }
    }
}

impl Tabs {
    /// Makes room for a stream. An older one of the same tab ends: a reload
    /// behind a proxy must not leave streams behind that nobody reads.
    pub(crate) fn open(&self, user: UserId, tab: Option<String>) -> Result<Tab, Fault> {
        let permit = Arc::clone(&self.room).try_acquire_owned().map_err(|_| {
            let message = "Too many live streams are open. Close some pages and try again.";
            let mut fault = Fault::new(FaultCode::StreamsFull, message);
            fault.retry_after_seconds = Some(5);
            fault
        })?;
        let tab = tab.filter(|tab| !tab.is_empty() && tab.len() <= MAX_NAME);
        let replaced = CancellationToken::new();
        let named = tab.map(|tab| {
            let key = (user, tab);
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(older) = open.insert(key.clone(), replaced.clone()) {
                older.cancel();
            }
            (Arc::clone(&self.open), key)
        });
        Ok(Tab { replaced, named, _permit: permit })
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        let Some((open, key)) = &self.named else { return };
        // The newer stream of the tab stands under the same name; it stays.
        if !self.replaced.is_cancelled() {
            open.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
        }
    }
}
