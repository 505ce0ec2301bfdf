//! What a refused form that was sent without scripts left for its page.

use domain::FormNote;
use leptos::prelude::*;

use crate::ApiError;

/// Takes the note out; a second reading finds nothing.
#[server(prefix = "/fn", endpoint = "note")]
pub(crate) async fn take_note() -> Result<Option<FormNote>, ApiError> {
    crate::context::take_note().await
}
