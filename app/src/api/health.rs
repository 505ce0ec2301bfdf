//! How the installation is, and cleaning up by hand.

use domain::{CleaningState, Health};
use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};

use crate::ApiError;

/// The state of the installation.
#[server(prefix = "/fn", endpoint = "health", input = GetUrl, output = Json)]
pub(crate) async fn read_health() -> Result<Health, ApiError> {
    use crate::context;

    let who = context::signed_in().await?;
    context::engine()?.health(&who).await.map_err(context::refused)
}

/// Cleans up now, and shows the page again.
#[server(prefix = "/fn", endpoint = "clean_up")]
pub(crate) async fn clean_up() -> Result<CleaningState, ApiError> {
    use crate::{context, routes};

    let posted = context::Posted::new("clean_up", routes::HEALTH);
    let answer = async {
        let who = context::signed_in().await?;
        context::engine()?.clean_up(&who).await.map_err(context::refused)
    };
    let state = posted.settle(answer.await).await?;
    context::stay(routes::HEALTH);
    Ok(state)
}
