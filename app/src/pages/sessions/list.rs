//! Sessions as a list of rows, each with what was found in it.

use domain::{Found, Page, RunStatus, Segment};
use leptos::prelude::*;

use crate::components::{Moment, Status, When};
use crate::routes;

/// The sessions of one page.
#[component]
pub(super) fn List(found: RwSignal<Page<Found>>) -> impl IntoView {
    let rows = move || found.with(|found| found.items.iter().cloned().map(row).collect_view());
    view! { <div class="panel"><ul class="found">{rows}</ul></div> }
}

fn row(found: Found) -> impl IntoView {
    let Found { session, snippet, said_at } = found;
    let state = session.status.filter(|status| *status != RunStatus::Done);
    let name = session.title.clone();
    view! {
        <li>
            <div>
                <a class="found-title" href=routes::session(session.id)>{session.title}</a>
                {(!snippet.is_empty()).then(|| view! {
                    <p class="found-text">{snippet.into_iter().map(segment).collect_view()}</p>
                })}
                <p class="found-facts">
                    {state.map(|status| view! { <Status status/> })}
                    <span>{session.agent}</span>
                    {match said_at {
                        Some(at) => view! { <span>"said "<When at show=Moment::Short/></span> }.into_any(),
                        None => view! { <When at=session.updated_at show=Moment::Short/> }.into_any(),
                    }}
                </p>
            </div>
            <a class="btn btn-sm" href=routes::session_settings(session.id)>
                "Manage"
                <span class="vh">{format!(" {name}")}</span>
            </a>
        </li>
    }
}

fn segment(segment: Segment) -> impl IntoView {
    let Segment { text, hit } = segment;
    if hit { view! { <mark>{text}</mark> }.into_any() } else { text.into_any() }
}
