//! Handing a task to another agent.

use async_trait::async_trait;

use crate::{Output, ToolError};

/// What hands a task to another agent and waits for its answer, for one call.
/// Dropping the future that waits stops the work.
#[async_trait]
pub trait Delegate: Send + Sync {
    /// Gives the task to an agent by its name, or to one like the caller where
    /// none is named.
    async fn begin(&self, agent: Option<&str>, message: &str) -> Result<Output, ToolError>;

    /// Goes on with a session that [`Delegate::begin`] began earlier.
    async fn go_on(&self, session: &str, message: &str) -> Result<Output, ToolError>;
}
