//! The versions of a document that are kept, and the choice of two to compare.

use domain::{AgentName, PromptName, PromptVersion};
use leptos::prelude::*;
use leptos_router::components::Form;

use crate::components::When;
use crate::{format, routes};

/// The history, newest first.
#[component]
pub(super) fn History(
    agent: AgentName,
    name: PromptName,
    versions: RwSignal<Vec<PromptVersion>>,
) -> impl IntoView {
    let action = routes::document(&agent, name);
    let row = move |version: PromptVersion| {
        let href = routes::document_version(&agent, name, version.version);
        view! {
            <li>
                <div>
                    <a href=href>"Version " {format::number(version.version)}</a>
                    <p class="sm soft">"by " {version.saved.by.to_string()} ", " {format::bytes(version.bytes)}</p>
                </div>
                <span class="end sm soft"><When at=version.saved.at/></span>
            </li>
        }
    };
    let rows = move || versions.get().into_iter().map(&row).collect_view();
    view! {
        <section class="panel" aria-labelledby="history">
            <header class="panel-h"><h2 id="history">"History"</h2></header>
            {move || versions.with(Vec::is_empty).then(|| view! {
                <p class="panel-b sm soft">"Nothing was saved yet. Each save is kept as a version; the newest 50 stay."</p>
            })}
            {move || (versions.with(Vec::len) > 1).then(|| view! {
                <div class="panel-b">
                    <Form method="get" action=action.clone() attr:class="filters compare" attr:aria-label="Compare versions">
                        <label for="from">"From"</label>
                        <Pick id="from" versions chosen=1/>
                        <label for="to">"to"</label>
                        <Pick id="to" versions chosen=0/>
                        <button class="btn" type="submit">"Compare"</button>
                    </Form>
                </div>
            })}
            <ol class="list history">{rows}</ol>
        </section>
    }
}

/// A list of the versions; `chosen` counts from the newest.
#[component]
fn Pick(id: &'static str, versions: RwSignal<Vec<PromptVersion>>, chosen: usize) -> impl IntoView {
    let options = versions.get().into_iter().enumerate().map(|(n, version)| {
        let number = version.version;
        view! { <option value=number.to_string() selected={n == chosen}>{format!("version {number}")}</option> }
    });
    view! { <select id=id name=id>{options.collect_view()}</select> }
}
