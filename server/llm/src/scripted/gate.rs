//! A place in a reply where the model waits for the test.

use std::sync::Arc;

use tokio::sync::watch;

/// Holds a reply until it is opened. Clones are the same gate; what has
/// happened once stays so, also for the next reply that holds the gate.
#[derive(Debug, Clone)]
pub struct Gate(Arc<watch::Sender<State>>);

#[derive(Debug, Clone, Copy, Default)]
struct State {
    open: bool,
    reached: bool,
    dropped: bool,
}

impl Gate {
    /// A closed gate.
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(State::default())))
    }

    /// Lets the reply go on, now or when it gets here.
    pub fn open(&self) {
        self.0.send_modify(|state| state.open = true);
    }

    /// Waits until a reply has come to the gate.
    pub async fn reached(&self) {
        self.until(|state| state.reached).await;
    }

    /// Waits until whoever read a reply with this gate has let it go, at the
    /// gate or anywhere else.
    pub async fn dropped(&self) {
        self.until(|state| state.dropped).await;
    }

    /// The side of the model: says that it is here, and waits.
    pub(super) async fn pass(&self) {
        self.0.send_modify(|state| state.reached = true);
        self.until(|state| state.open).await;
    }

    /// A value that reports its own end as that of the reply.
    pub(super) fn watch_drop(&self) -> DropWatch {
        DropWatch(self.clone())
    }

    async fn until(&self, happened: impl Fn(&State) -> bool) {
        // An error would say that the sender is gone, and it is in `self`.
        let _ = self.0.subscribe().wait_for(happened).await;
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self::new()
    }
}

/// Owned by the reply; its end is how the gate learns that the reply is gone.
#[derive(Debug)]
pub(super) struct DropWatch(Gate);

impl Drop for DropWatch {
    fn drop(&mut self) {
        self.0.0.send_modify(|state| state.dropped = true);
    }
}
