//! Runs as a table, which becomes cards where it is narrow. The roles are
//! written out, since some browsers drop them with the display of a table.

use domain::{Page, RunView};
use leptos::prelude::*;

use crate::components::{Moment, Running, Status, When};
use crate::live::Now;
use crate::{format, routes};

/// The runs of one page.
#[component]
pub(super) fn Table(runs: RwSignal<Page<RunView>>, now: Now) -> impl IntoView {
    let row = move |run: RunView| view! { <Row run now/> };
    let rows = move || runs.with(|runs| runs.items.iter().cloned().map(row).collect_view());
    view! {
        <div class="panel">
            <div class="table-wrap">
                <table class="table cards" role="table">
                    <caption class="vh">"Runs, newest first"</caption>
                    <thead role="rowgroup">
                        <tr role="row">
                            <th scope="col" role="columnheader">"Status"</th>
                            <th scope="col" role="columnheader">"Run"</th>
                            <th scope="col" role="columnheader">"Agent"</th>
                            <th scope="col" role="columnheader" class="skip-mid">"From"</th>
                            <th scope="col" role="columnheader">"Asked"</th>
                            <th scope="col" role="columnheader" class="num">"Took"</th>
                            <th scope="col" role="columnheader" class="num skip-mid">"Steps"</th>
                            <th scope="col" role="columnheader" class="num">"Calls"</th>
                            <th scope="col" role="columnheader" class="num skip-mid">"Tokens"</th>
                        </tr>
                    </thead>
                    <tbody role="rowgroup">{rows}</tbody>
                </table>
            </div>
        </div>
    }
}

#[component]
fn Row(run: RunView, now: Now) -> impl IntoView {
    let below = match (run.error, run.queue_position) {
        (Some(error), _) => Some(format!("{}: {}", error.code, error.message)),
        (None, Some(place)) => Some(format!("place {place} in the queue")),
        (None, None) => run.last_summary.or(run.answer).map(|text| format::plain_line(&text)),
    };
    view! {
        <tr role="row">
            <td role="cell"><Status status=run.status/></td>
            <td role="cell" class="main-cell">
                <a href=routes::run(run.id)>{format::first_line(&run.message)}</a>
                <span class="sub">{below}</span>
            </td>
            <td role="cell" data-label="Agent">{run.agent}</td>
            <td role="cell" data-label="From" class="skip-mid">{run.source.as_str()}</td>
            <td role="cell" data-label="Asked" class="nowrap"><When at=run.created_at show=Moment::Short/></td>
            <td role="cell" class="num" data-label="Took">
                <Running now from=run.started_at until=run.ended_at/>
            </td>
            <td role="cell" class="num skip-narrow skip-mid">{run.steps}</td>
            <td role="cell" class="num" data-label="Calls">{run.calls}</td>
            <td role="cell" class="num skip-narrow skip-mid">
                {format::tokens(run.input_tokens + run.output_tokens)}
            </td>
        </tr>
    }
}
