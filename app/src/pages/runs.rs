//! All runs, filtered by what stands in the URL.

mod table;

use std::ops::ControlFlow;

use domain::{Channel, RunStatus};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::Form;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;

use self::table::Table;
use crate::api::runs::{RunQuery, RunsPage, read_runs};
use crate::components::{Empty, Icon, LookAgain, PageTitle, Pager, Refused, icon, word};
use crate::live::{Source, follow, soon, ticking};
use crate::{format, routes};

/// The list of runs.
#[component]
pub(crate) fn Runs() -> impl IntoView {
    let map = use_query_map();
    let query = Memo::new(move |_| map.with(read_query));
    let runs = Resource::new(move || query.get(), read_runs);
    view! {
        <PageTitle text="Runs"/>
        <div class="page">
            <header class="page-head">
                <h1>"Runs"</h1>
                <div class="actions">
                    <a class="btn btn-primary" href=routes::CHAT>{icon(Icon::Plus)} "New run"</a>
                </div>
            </header>
            <States query/>
            <Transition>
                {move || Suspend::new(async move {
                    let page = runs.await;
                    let asked = query.get_untracked();
                    move || match page.clone() {
                        Ok(page) => view! { <Body page query=asked.clone()/> }.into_any(),
                        Err(error) => view! { <Refused fault=error.0/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

/// The list once it is read; it reads again when something happens.
#[component]
fn Body(page: RunsPage, query: RunQuery) -> impl IntoView {
    let now = ticking(page.at);
    let source = Source::All { after: page.position };
    let agents = page.agents;
    let runs = RwSignal::new(page.runs);
    let asked = StoredValue::new(query.clone());
    let trouble = RwSignal::new(None);
    let read = soon(300, move || {
        let Some(query) = asked.try_get_value() else { return };
        spawn_local(async move {
            match read_runs(query).await {
                Ok(page) => {
                    runs.try_set(page.runs);
                    trouble.try_set(None);
                }
                Err(error) => {
                    trouble.try_set(Some(error.0));
                }
            }
        });
    });
    follow(source, move |event| {
        use domain::EventKind::{RunEnd, RunStatus};
        if matches!(event.event.kind(), RunStatus | RunEnd) {
            read();
        }
        ControlFlow::Continue(())
    });
    let newest =
        query.cursor.is_some().then(|| routes::runs(&RunQuery { cursor: None, ..query.clone() }));
    let first = StoredValue::new(query.clone());
    let older = Signal::derive(move || {
        let cursor = runs.with(|runs| runs.next_cursor.clone());
        cursor.is_some().then(|| routes::runs(&RunQuery { cursor, ..first.get_value() }))
    });
    let count = Memo::new(move |_| runs.with(|runs| runs.items.len() as u64));
    let caption = Signal::derive(move || match count.get() {
        0 => String::new(),
        count => format!("{}, newest first, times in UTC", format::count(count, "run")),
    });
    let busy =
        Memo::new(move |_| runs.with(|runs| runs.items.iter().any(|run| !run.status.is_end())));
    view! {
        <Filters query agents=agents.into_iter().map(|agent| agent.name.to_string()).collect()/>
        {move || busy.get().then(|| view! { <LookAgain href=routes::runs(&first.get_value())/> })}
        {move || trouble.get().map(|fault| view! { <Refused fault/> })}
        <Show
            when=move || { count.get() > 0 }
            fallback=move || view! { <Nothing query=first.get_value()/> }
        >
            <Table runs now/>
        </Show>
        <Pager caption newest older/>
    }
}

/// In the place of the table where it would have no rows.
#[component]
fn Nothing(query: RunQuery) -> impl IntoView {
    let all = query == RunQuery::default();
    let (title, sentence) = if all {
        ("No runs yet", "Each piece of work shows here with its steps, calls, tokens and time.")
    } else {
        ("No such runs", "Choose another state, agent or source.")
    };
    view! {
        <div class="panel">
            <Empty shape=Icon::Runs title>
                <p>{sentence}</p>
                {all.then(|| view! {
                    <p class="actions">
                        <a class="btn" href=routes::CHAT>{icon(Icon::Chat)} "Ask an agent"</a>
                    </p>
                })}
            </Empty>
        </div>
    }
}

/// One link for each state; the other filters stay.
#[component]
fn States(query: Memo<RunQuery>) -> impl IntoView {
    let states = [
        None,
        Some(RunStatus::Running),
        Some(RunStatus::Queued),
        Some(RunStatus::Done),
        Some(RunStatus::Failed),
        Some(RunStatus::Cancelled),
        Some(RunStatus::Interrupted),
    ];
    let link = move |state: Option<RunStatus>| {
        let value = state.map(|state| state.as_str().to_owned());
        let here = value.clone();
        let href = move || {
            let status = value.clone();
            routes::runs(&RunQuery { status, cursor: None, ..query.get() })
        };
        view! {
            <a
                href=href
                aria-current=move || query.with(|query| query.status == here).then_some("true")
            >
                {state.map_or("All", word)}
            </a>
        }
    };
    view! { <nav class="seg" aria-label="State">{states.map(link)}</nav> }
}

/// What a run can be filtered by besides its state.
#[component]
fn Filters(query: RunQuery, agents: Vec<String>) -> impl IntoView {
    let option = |value: String, chosen: &Option<String>| {
        let selected = chosen.as_deref() == Some(value.as_str());
        view! { <option value=value.clone() selected=selected>{value.clone()}</option> }
    };
    let agents = agents.into_iter().map(|name| option(name, &query.agent)).collect_view();
    let sources = Channel::ALL.iter().map(|channel| option(channel.to_string(), &query.source));
    let sources = sources.collect_view();
    let filtered = query.agent.is_some() || query.source.is_some();
    let cleared = routes::runs(&RunQuery { status: query.status.clone(), ..RunQuery::default() });
    view! {
        <Form method="get" action=routes::RUNS attr:class="filters" attr:aria-label="Filter runs">
            {query.status.map(|status| view! { <input type="hidden" name="status" value=status/> })}
            <label class="vh" for="agent">"Agent"</label>
            <select id="agent" name="agent">
                <option value="">"Any agent"</option>
                {agents}
            </select>
            <label class="vh" for="source">"Source"</label>
            <select id="source" name="source">
                <option value="">"Any source"</option>
                {sources}
            </select>
            <button class="btn" type="submit">"Apply"</button>
            {filtered.then(|| view! { <a class="sm" href=cleared>"Clear"</a> })}
        </Form>
    }
}

fn read_query(map: &ParamsMap) -> RunQuery {
    let field = |name: &str| map.get(name).filter(|value| !value.is_empty());
    RunQuery {
        status: field("status"),
        agent: field("agent"),
        source: field("source"),
        cursor: field("cursor"),
    }
}
