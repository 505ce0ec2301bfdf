//! Every table: what it belongs to, how long its rows stay, how large it is.

use domain::{Health, TableHealth};
use leptos::prelude::*;

use crate::components::{Moment, When};
use crate::format;

/// The tables, the largest first.
#[component]
pub(super) fn Tables(data: RwSignal<Health>) -> impl IntoView {
    let tables = Memo::new(move |_| data.with(|data| data.tables.clone()));
    let measured = move || {
        let at = tables.with(|tables| tables.iter().find_map(|table| table.size));
        match at {
            Some(size) => view! {
                <p class="muted sm">"measured " <When at=size.measured_at show=Moment::Short/></p>
            }
            .into_any(),
            None => view! { <p class="muted sm">"measured with the first clean-up"</p> }.into_any(),
        }
    };
    view! {
        <section class="section" aria-labelledby="tables">
            <div class="sec-h"><h2 id="tables">"Tables"</h2> {measured}</div>
            <div class="panel">
                <div class="table-wrap">
                    <table class="table cards" role="table">
                        <caption class="vh">"Tables of the database, the largest first"</caption>
                        <thead role="rowgroup">
                            <tr role="row">
                                <th scope="col" role="columnheader">"Table"</th>
                                <th scope="col" role="columnheader">"Belongs to"</th>
                                <th scope="col" role="columnheader">"Rows are kept"</th>
                                <th scope="col" role="columnheader" class="num">"Rows"</th>
                                <th scope="col" role="columnheader" class="num">"Size"</th>
                                <th scope="col" role="columnheader" class="num">"Last cleaned"</th>
                            </tr>
                        </thead>
                        <tbody role="rowgroup">
                            {move || tables.get().into_iter().map(row).collect_view()}
                        </tbody>
                    </table>
                </div>
            </div>
        </section>
    }
}

fn row(table: TableHealth) -> impl IntoView {
    let unknown = || "–".to_owned();
    let rows = table.size.map_or_else(unknown, |size| format::number(size.rows));
    let bytes = table.size.map_or_else(unknown, |size| format::bytes(size.bytes));
    let cleaned_class = if table.cleaned_at.is_some() { "num" } else { "num skip-narrow" };
    let cleaned = match table.cleaned_at {
        Some(at) => view! {
            {format::count(table.cleaned_rows, "row")}
            ", "
            <When at show=Moment::Short/>
        }
        .into_any(),
        None => unknown().into_any(),
    };
    view! {
        <tr role="row">
            <th scope="row" role="rowheader" class="name-cell"><code>{table.name}</code></th>
            <td role="cell" data-label="Belongs to">{table.owner}</td>
            <td role="cell" data-label="Kept">{table.kept}</td>
            <td role="cell" class="num" data-label="Rows">{rows}</td>
            <td role="cell" class="num" data-label="Size">{bytes}</td>
            <td role="cell" class=cleaned_class data-label="Cleaned">{cleaned}</td>
        </tr>
    }
}
