//! Which tools a run used, how often, how well, and how its tool time was spent.

use domain::ToolSummary;
use leptos::prelude::*;

use crate::format;
use crate::live::Head;

/// One row for each tool, which becomes a card where it is narrow. The roles are
/// written out, since some browsers drop them with the display of a table.
#[component]
pub(super) fn Tools(head: RwSignal<Head>) -> impl IntoView {
    let tools = Memo::new(move |_| head.with(|head| head.tools.clone()));
    let none = Memo::new(move |_| tools.with(Vec::is_empty));
    let rows = move || tools.get().into_iter().map(row).collect_view();
    view! {
        <section class="panel" aria-labelledby="tools">
            <header class="panel-h"><h2 id="tools">"Tools"</h2></header>
            {move || if none.get() {
                view! { <p class="panel-b sm soft">"No tool was called."</p> }.into_any()
            } else {
                view! {
                    <div class="table-wrap">
                        <table class="table cards" role="table">
                            <caption class="vh">"Tools, the one that took most time first"</caption>
                            <thead role="rowgroup">
                                <tr role="row">
                                    <th scope="col" role="columnheader">"Tool"</th>
                                    {COLUMNS.map(|name| view! {
                                        <th scope="col" role="columnheader" class="num">{name}</th>
                                    })}
                                </tr>
                            </thead>
                            <tbody role="rowgroup">{rows}</tbody>
                        </table>
                    </div>
                }
                .into_any()
            }}
        </section>
    }
}

const COLUMNS: [&str; 6] = ["Calls", "Failed", "Reused", "In all", "Median", "Longest"];

fn row(tool: ToolSummary) -> impl IntoView {
    let ToolSummary { tool, calls, failures, reused, total_ms, median_ms, max_ms } = tool;
    let counts = [calls, failures, reused].map(format::number);
    let times = [total_ms, median_ms, max_ms].map(format::duration);
    let cells = COLUMNS.into_iter().zip(counts.into_iter().chain(times));
    view! {
        <tr role="row">
            <td role="cell" class="name-cell"><code>{tool}</code></td>
            {cells.map(|(name, text)| view! {
                <td role="cell" class="num" data-label=name>{text}</td>
            }).collect_view()}
        </tr>
    }
}
