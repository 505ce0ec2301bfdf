//! An address that leads nowhere.

use leptos::prelude::*;

use crate::components::{Gate, PageTitle};
use crate::routes;

/// Says so, and leads back to what exists.
#[component]
pub(crate) fn NotFound() -> impl IntoView {
    view! {
        <PageTitle text="Not found"/>
        <Gate>
            <h1>"There is no such page"</h1>
            <p class="lede">"The address may be mistyped, or from another version."</p>
            <a class="btn btn-primary btn-block" href=routes::OVERVIEW>"To the overview"</a>
        </Gate>
    }
}
