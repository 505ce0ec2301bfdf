//! What the server was started with.

use domain::{Origin, ServerFact};
use leptos::prelude::*;

#[component]
pub(super) fn Server(facts: Vec<ServerFact>) -> impl IntoView {
    let rows = facts.into_iter().map(|fact| {
        view! {
            <tr role="row">
                <td role="cell" class="main-cell mono">{fact.name}</td>
                <td role="cell" data-label="Value"><span class="mono">{fact.value}</span></td>
                <td role="cell" data-label="From">{from(fact.origin)}</td>
            </tr>
        }
    });
    view! {
        <section class="section" aria-labelledby="server">
            <div class="sec-h"><h2 id="server">"Server"</h2></div>
            <p class="sm soft">
                "What this server was started with. A flag wins over an environment variable, that over the configuration file, and that over what is set above. A change needs a restart."
            </p>
            <div class="panel mt">
                <div class="table-wrap">
                    <table class="table cards" role="table">
                        <caption class="vh">"Values the server was started with"</caption>
                        <thead role="rowgroup">
                            <tr role="row">
                                <th scope="col" role="columnheader">"Name"</th>
                                <th scope="col" role="columnheader">"Value"</th>
                                <th scope="col" role="columnheader">"From"</th>
                            </tr>
                        </thead>
                        <tbody role="rowgroup">{rows.collect_view()}</tbody>
                    </table>
                </div>
            </div>
        </section>
    }
}

const fn from(origin: Origin) -> &'static str {
    match origin {
        Origin::Default => "default",
        Origin::Setting => "settings",
        Origin::File => "configuration file",
        Origin::Environment => "environment",
        Origin::Flag => "flag",
    }
}
