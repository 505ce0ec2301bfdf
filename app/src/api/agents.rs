//! The agents of this installation.

use domain::AgentView;
use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};

use crate::ApiError;

/// The agents that this person may work with.
#[server(prefix = "/fn", endpoint = "agents", input = GetUrl, output = Json)]
pub(crate) async fn read_agents() -> Result<Vec<AgentView>, ApiError> {
    use crate::context;

    let who = context::signed_in().await?;
    context::engine()?.agents(&who).await.map_err(context::refused)
}
