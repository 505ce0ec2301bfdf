//! Tools that do nothing: what they would have given comes from elsewhere.

use std::sync::Arc;

use async_trait::async_trait;
use policy::Touches;

use crate::registry::Erased;
use crate::{Output, Registry, Room, ToolError, ToolInfo};

/// Who answers calls in the place of their tools.
#[async_trait]
pub trait Player: Send + Sync + 'static {
    /// What a call gives.
    async fn play(&self, tool: &str, arguments: &str) -> Result<Output, ToolError>;
}

impl Registry {
    /// The same tools as far as a model and a person can tell, with a player
    /// behind their calls.
    #[must_use]
    pub fn played(mut self, player: Arc<dyn Player>) -> Self {
        self.replace(|own| Arc::new(Played { own, player: Arc::clone(&player) }));
        self
    }
}

struct Played {
    own: Arc<dyn Erased>,
    player: Arc<dyn Player>,
}

#[async_trait]
impl Erased for Played {
    fn asks(&self, info: &ToolInfo, arguments: &str) -> Option<String> {
        self.own.asks(info, arguments)
    }

    fn touches(&self, info: &ToolInfo, arguments: &str) -> Option<Touches> {
        self.own.touches(info, arguments)
    }

    async fn call(&self, _: &Room, info: &ToolInfo, arguments: &str) -> Result<Output, ToolError> {
        self.player.play(&info.name, arguments).await
    }
}
