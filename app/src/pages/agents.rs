//! All agents.

use domain::{AgentRow, AgentStatus, Role};
use leptos::prelude::*;

use crate::api::agents::{AgentsPage, read_agents};
use crate::components::{Icon, PageTitle, Refused, Tone, When, icon};
use crate::{format, routes};

/// The list of agents.
#[component]
pub(crate) fn Agents() -> impl IntoView {
    let agents = Resource::new(|| (), |()| read_agents());
    view! {
        <PageTitle text="Agents"/>
        <div class="page">
            <Suspense>
                {move || Suspend::new(async move {
                    match agents.await {
                        Ok(page) => view! { <Body page/> }.into_any(),
                        Err(error) => view! {
                            <h1>"Agents"</h1>
                            <Refused fault=error.0/>
                        }
                        .into_any(),
                    }
                })}
            </Suspense>
        </div>
    }
}

#[component]
fn Body(page: AgentsPage) -> impl IntoView {
    let owner = page.role == Role::Owner;
    let only_one = page.agents.len() == 1;
    let count = format::count(page.agents.len() as u64, "agent");
    let rows = page.agents.into_iter().map(|agent| view! { <Row row=agent owner/> });
    view! {
        <header class="page-head">
            <h1>"Agents"</h1>
            {owner.then(|| view! {
                <div class="actions">
                    <a class="btn btn-primary" href=routes::AGENT_NEW>{icon(Icon::Plus)} "New agent"</a>
                </div>
            })}
        </header>
        <p class="lede soft">
            "An agent is a worker with a name, instructions, a model and a folder of its own."
        </p>
        <div class="panel section">
            <div class="table-wrap">
                <table class="table cards" role="table">
                    <caption class="vh">{count} ", oldest first"</caption>
                    <thead role="rowgroup">
                        <tr role="row">
                            <th scope="col" role="columnheader">"Agent"</th>
                            <th scope="col" role="columnheader">"Model"</th>
                            <th scope="col" role="columnheader">"Status"</th>
                            <th scope="col" role="columnheader" class="num">"Sessions"</th>
                            <th scope="col" role="columnheader" class="num">"Runs in 30 days"</th>
                            <th scope="col" role="columnheader">"Last active"</th>
                            <th scope="col" role="columnheader"><span class="vh">"Actions"</span></th>
                        </tr>
                    </thead>
                    <tbody role="rowgroup">{rows.collect_view()}</tbody>
                </table>
            </div>
        </div>
        {(owner && only_one).then(|| view! {
            <p class="mt sm soft">
                "One agent can do all kinds of work. Make another when a kind of work needs its own instructions, model or folder: one that writes, say, and one that looks after a project."
            </p>
        })}
    }
}

#[component]
fn Row(row: AgentRow, owner: bool) -> impl IntoView {
    let agent = row.agent;
    let name = agent.name.to_string();
    let active = agent.status == AgentStatus::Active;
    let name_cell = if owner {
        view! { <a href=routes::agent(&agent.name)>{name.clone()}</a> }.into_any()
    } else {
        view! { <b>{name.clone()}</b> }.into_any()
    };
    let model = match row.own_model {
        Some(_) => "its own",
        None => "the server's default",
    };
    view! {
        <tr role="row">
            <td role="cell" class="main-cell">{name_cell}</td>
            <td role="cell" data-label="Model">
                <span class="mono">{agent.model}</span>
                " "
                <span class="muted sm">{model}</span>
            </td>
            <td role="cell"><AgentState status=agent.status/></td>
            <td role="cell" class="num" data-label="Sessions">{format::number(row.sessions)}</td>
            <td role="cell" class="num" data-label="Runs in 30 days">{format::number(row.runs)}</td>
            <td role="cell" class="nowrap" data-label="Last active">
                {match row.active_at {
                    Some(at) => view! { <When at/> }.into_any(),
                    None => view! { <span class="muted">"not yet"</span> }.into_any(),
                }}
            </td>
            <td role="cell" class="num">
                {active.then(|| view! {
                    <a class="btn btn-sm" href=routes::chat_with(&agent.name)>
                        {icon(Icon::Chat)}
                        "Chat"
                        <span class="vh">" with " {name}</span>
                    </a>
                })}
            </td>
        </tr>
    }
}

/// Whether an agent takes messages.
#[component]
pub(crate) fn AgentState(status: AgentStatus) -> impl IntoView {
    let (tone, shape, word) = match status {
        AgentStatus::Active => (Tone::Ok, Icon::Done, "Active"),
        AgentStatus::Disabled => (Tone::Idle, Icon::Cancelled, "Disabled"),
        AgentStatus::Deleted => (Tone::Idle, Icon::Failed, "Deleted"),
    };
    view! { <span class="status" data-tone=tone.as_str()>{icon(shape)} {word}</span> }
}
