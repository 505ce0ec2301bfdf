//! The place of something that is not there yet.

use leptos::prelude::*;

use super::{Icon, icon};

/// Says what will be here, and how it gets here.
#[component]
pub(crate) fn Empty(
    shape: Icon,
    title: &'static str,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            {icon(shape)}
            <h3>{title}</h3>
            {children.map(|children| children())}
        </div>
    }
}
