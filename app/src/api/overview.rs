//! What the first page shows.

use domain::Overview;
use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};

use crate::ApiError;

/// The state of this person's work.
#[server(prefix = "/fn", endpoint = "overview", input = GetUrl, output = Json)]
pub(crate) async fn read_overview() -> Result<Overview, ApiError> {
    use crate::context;

    let who = context::signed_in().await?;
    let mut overview = context::engine()?.overview(&who).await.map_err(context::refused)?;
    overview.active.iter_mut().chain(&mut overview.failed).for_each(context::only_lines);
    Ok(overview)
}
