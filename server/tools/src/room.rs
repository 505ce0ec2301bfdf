//! What a call may touch.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use domain::{Timestamp, ToolErrorCode};

use crate::{Delegate, Network, Shelf, ToolError};

/// Tells the time. An argument everywhere, so that tests move it.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// What a call may touch: the agent's workspace as a handle on its folder, a
/// clock, and where it may, a way to give tasks away, tools to find and the
/// network. The host path is used once, to open the handle; from then on there
/// is no way from here to any other file.
#[derive(Clone)]
pub struct Room {
    workspace: Arc<Dir>,
    clock: Clock,
    delegate: Option<Arc<dyn Delegate>>,
    shelf: Shelf,
    network: Option<Arc<Network>>,
}

impl Room {
    /// Opens the folder at a host path, which is made for its owner alone if it
    /// is not there. Blocks for as long as the disk does.
    pub fn open(path: &Path, clock: Clock) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(path)?;
        let workspace = Dir::open_ambient_dir(path, ambient_authority())?;
        let (delegate, shelf, network) = (None, Shelf::default(), None);
        Ok(Self { workspace: Arc::new(workspace), clock, delegate, shelf, network })
    }

    /// The same room, with a way to give tasks away.
    #[must_use]
    pub fn with_delegate(&self, delegate: Arc<dyn Delegate>) -> Self {
        Self { delegate: Some(delegate), ..self.clone() }
    }

    /// The same room, with tools that can be found.
    #[must_use]
    pub fn with_shelf(&self, shelf: Shelf) -> Self {
        Self { shelf, ..self.clone() }
    }

    /// The tools that can be found.
    pub(crate) fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    /// The same room, with other machines to reach.
    #[must_use]
    pub fn with_network(&self, network: Arc<Network>) -> Self {
        Self { network: Some(network), ..self.clone() }
    }

    /// The time by the room's clock.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// The way to give tasks away, if this call has one.
    pub(crate) fn delegate(&self) -> Result<&dyn Delegate, ToolError> {
        let denied = || {
            let message = "This run may not give tasks to others. Do the work yourself.";
            ToolError::new(ToolErrorCode::PolicyDenied, message)
        };
        self.delegate.as_deref().ok_or_else(denied)
    }

    /// The other machines, if this call may reach any.
    pub(crate) fn network(&self) -> Result<&Network, ToolError> {
        let denied = || {
            let message = "This run may not reach other machines.";
            ToolError::new(ToolErrorCode::NetworkDenied, message)
        };
        self.network.as_deref().ok_or_else(denied)
    }

    /// Does file work where it may block. Work that has begun goes on to its
    /// end if the caller stops waiting, so it must leave nothing half done.
    pub(crate) async fn files<R, F>(&self, work: F) -> Result<R, ToolError>
    where
        R: Send + 'static,
        F: FnOnce(&Dir) -> Result<R, ToolError> + Send + 'static,
    {
        let workspace = Arc::clone(&self.workspace);
        match tokio::task::spawn_blocking(move || work(&workspace)).await {
            Ok(result) => result,
            Err(error) if error.is_cancelled() => {
                Err(ToolError::new(ToolErrorCode::Cancelled, "The server is going down."))
            }
            Err(_) => Err(ToolError::new(
                ToolErrorCode::InternalError,
                "The file work broke off by a fault of the server.",
            )),
        }
    }
}
