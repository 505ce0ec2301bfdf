//! The runs that a run began.

use domain::RunView;
use leptos::prelude::*;

use crate::components::Mark;
use crate::{format, routes};

/// One row for each of them, where there are any.
#[component]
pub(super) fn Children(children: RwSignal<Vec<RunView>>) -> impl IntoView {
    let row = |run: RunView| {
        view! {
            <li>
                <Mark status=run.status/>
                <div>
                    <a href=routes::run(run.id)>{format::first_line(&run.message)}</a>
                    <span class="sub cut">{run.agent}</span>
                </div>
            </li>
        }
    };
    move || {
        let rows = children.get();
        (!rows.is_empty()).then(|| {
            view! {
                <section class="panel" aria-labelledby="children">
                    <header class="panel-h"><h2 id="children">"Began these runs"</h2></header>
                    <ul class="list">{rows.into_iter().map(row).collect_view()}</ul>
                </section>
            }
        })
    }
}
