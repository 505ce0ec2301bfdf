//! The prompt documents of an agent, as its page lists them.

use domain::{AgentName, PromptView};
use leptos::prelude::*;

use crate::components::When;
use crate::{format, routes};

/// The documents, each with a link to its page.
#[component]
pub(super) fn Documents(agent: AgentName, documents: Vec<PromptView>) -> impl IntoView {
    let total: u64 = documents.iter().map(|document| u64::from(document.tokens)).sum();
    let rows = documents.into_iter().map(|document| view! { <Row agent=agent.clone() document/> });
    view! {
        <section class="panel" aria-labelledby="docs">
            <header class="panel-h">
                <h2 id="docs">"Prompt documents"</h2>
                <span class="sm soft">"about " {format::count(total, "token")}</span>
            </header>
            <ul class="list">{rows.collect_view()}</ul>
            <p class="panel-f sm soft">
                "The model reads them after the instructions, in this order. Only an owner changes them, and no tool reaches them."
            </p>
        </section>
    }
}

#[component]
fn Row(agent: AgentName, document: PromptView) -> impl IntoView {
    let name = document.name;
    let facts = match document.saved {
        Some(saved) => view! {
            <span class="end sm soft doc-facts">
                <span>"version " {format::number(document.version)}</span>
                <span>{format::bytes(document.bytes)}</span>
                <span>{format::count(u64::from(document.tokens), "token")}</span>
                <span><When at=saved.at/></span>
            </span>
        }
        .into_any(),
        None => view! { <span class="end sm muted">"empty"</span> }.into_any(),
    };
    view! {
        <li>
            <div>
                <a href=routes::document(&agent, name)>{name.as_str()}</a>
                <p class="sm soft">{name.purpose()}</p>
            </div>
            {facts}
        </li>
    }
}
