//! All sessions: listed, filtered, searched by what stands in the URL.

mod list;

use std::ops::ControlFlow;

use domain::{EventKind, SessionState};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::Form;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;

use self::list::List;
use crate::api::sessions::{SessionQuery, SessionsPage, read_sessions};
use crate::components::{Empty, Icon, PageTitle, Pager, Refused, icon};
use crate::live::{Source, follow, soon};
use crate::{format, routes};

/// The list of sessions.
#[component]
pub(crate) fn Sessions() -> impl IntoView {
    let map = use_query_map();
    let query = Memo::new(move |_| map.with(read_query));
    let sessions = Resource::new(move || query.get(), read_sessions);
    view! {
        <PageTitle text="Sessions"/>
        <div class="page">
            <header class="page-head">
                <h1>"Sessions"</h1>
                <div class="actions">
                    <a class="btn btn-primary" href=routes::CHAT>{icon(Icon::Plus)} "New session"</a>
                </div>
            </header>
            <States query/>
            <Transition>
                {move || Suspend::new(async move {
                    let page = sessions.await;
                    let asked = query.get_untracked();
                    move || match page.clone() {
                        Ok(page) => view! { <Body page query=asked.clone()/> }.into_any(),
                        Err(error) => view! {
                            <Filters query=asked.clone() agents=Vec::new()/>
                            <Refused fault=error.0/>
                        }
                        .into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

/// The list once it is read; it reads again when something happens.
#[component]
fn Body(page: SessionsPage, query: SessionQuery) -> impl IntoView {
    let source = Source::All { after: page.position };
    let agents = page.agents.into_iter().map(|agent| agent.name.to_string()).collect();
    let found = RwSignal::new(page.found);
    let asked = StoredValue::new(query.clone());
    let trouble = RwSignal::new(None);
    let read = soon(300, move || {
        let Some(query) = asked.try_get_value() else { return };
        spawn_local(async move {
            match read_sessions(query).await {
                Ok(page) => {
                    found.try_set(page.found);
                    trouble.try_set(None);
                }
                Err(error) => {
                    trouble.try_set(Some(error.0));
                }
            }
        });
    });
    follow(source, move |event| {
        if matches!(event.event.kind(), EventKind::RunStatus | EventKind::RunEnd) {
            read();
        }
        ControlFlow::Continue(())
    });
    let newest = query
        .cursor
        .is_some()
        .then(|| routes::sessions(&SessionQuery { cursor: None, ..query.clone() }));
    let older = Signal::derive(move || {
        let cursor = found.with(|found| found.next_cursor.clone());
        cursor.is_some().then(|| routes::sessions(&SessionQuery { cursor, ..asked.get_value() }))
    });
    let count = Memo::new(move |_| found.with(|found| found.items.len() as u64));
    let searched = query.q.is_some();
    let order = if searched { "newest match first" } else { "last spoken in first" };
    let caption = Signal::derive(move || match count.get() {
        0 => String::new(),
        count => format!("{}, {order}, times in UTC", format::count(count, "session")),
    });
    view! {
        <Filters query agents/>
        {move || trouble.get().map(|fault| view! { <Refused fault/> })}
        <Show
            when=move || { count.get() > 0 }
            fallback=move || view! { <Nothing query=asked.get_value()/> }
        >
            <List found/>
        </Show>
        <Pager caption newest older/>
    }
}

/// In the place of the list where it would have no rows.
#[component]
fn Nothing(query: SessionQuery) -> impl IntoView {
    let all = query == SessionQuery::default();
    let (title, sentence) = match (all, query.q.is_some()) {
        (true, _) => ("No sessions yet", "Each talk with an agent shows here."),
        (_, true) => (
            "Nothing found",
            "All words must occur in one message or in the title. Try fewer words, or look in the archive too.",
        ),
        (_, false) => ("No such sessions", "Choose another state or agent."),
    };
    view! {
        <div class="panel">
            <Empty shape=Icon::Sessions title>
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
fn States(query: Memo<SessionQuery>) -> impl IntoView {
    let link = move |state: Option<SessionState>, name: &'static str| {
        let value = state.map(|state| state.as_str().to_owned());
        let here = value.clone();
        let href = move || {
            let state = value.clone();
            routes::sessions(&SessionQuery { state, cursor: None, ..query.get() })
        };
        view! {
            <a
                href=href
                aria-current=move || query.with(|query| query.state == here).then_some("true")
            >
                {name}
            </a>
        }
    };
    view! {
        <nav class="seg" aria-label="State">
            {link(None, "Active")}
            {link(Some(SessionState::Archived), "Archived")}
        </nav>
    }
}

/// What is looked for, and with which agent.
#[component]
fn Filters(query: SessionQuery, agents: Vec<String>) -> impl IntoView {
    let chosen = query.agent.clone();
    let option = move |name: String| {
        let selected = chosen.as_deref() == Some(name.as_str());
        view! { <option value=name.clone() selected=selected>{name.clone()}</option> }
    };
    let filtered = query.agent.is_some() || query.q.is_some();
    let state = query.state.clone();
    let cleared = routes::sessions(&SessionQuery { state, ..SessionQuery::default() });
    view! {
        <Form
            method="get"
            action=routes::SESSIONS
            attr:class="filters"
            attr:role="search"
            attr:aria-label="Search sessions"
        >
            {query.state.map(|state| view! { <input type="hidden" name="state" value=state/> })}
            <label class="vh" for="q">"Search"</label>
            <input
                id="q"
                name="q"
                type="search"
                maxlength="200"
                placeholder="Words, or \"a phrase\""
                value=query.q
            />
            <label class="vh" for="agent">"Agent"</label>
            <select id="agent" name="agent">
                <option value="">"Any agent"</option>
                {agents.into_iter().map(option).collect_view()}
            </select>
            <button class="btn" type="submit">"Search"</button>
            {filtered.then(|| view! { <a class="sm" href=cleared>"Clear"</a> })}
        </Form>
    }
}

fn read_query(map: &ParamsMap) -> SessionQuery {
    let field = |name: &str| map.get(name).filter(|value| !value.is_empty());
    SessionQuery {
        q: field("q").filter(|q| !q.trim().is_empty()),
        // The list of what is active has one address.
        state: field("state").filter(|state| state != SessionState::Active.as_str()),
        agent: field("agent"),
        cursor: field("cursor"),
    }
}
