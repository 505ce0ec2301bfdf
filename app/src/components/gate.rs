//! The frame of the pages in front of the dashboard.

use leptos::prelude::*;

use super::{Icon, icon};
use crate::routes::OVERVIEW;

/// One panel in the middle of the page.
#[component]
pub(crate) fn Gate(children: Children) -> impl IntoView {
    view! {
        <div class="gate">
            <main id="main">
                <a class="brand" href=OVERVIEW>
                    {icon(Icon::Claw)}
                    <span>"Openclawssy"</span>
                </a>
                <div class="panel">{children()}</div>
            </main>
        </div>
    }
}
