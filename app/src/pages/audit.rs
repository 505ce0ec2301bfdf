//! The record of decisions, filtered by what stands in the URL, and its check.

mod check;
mod filters;
mod table;

use domain::FormNote;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;

use self::check::Check;
use self::filters::Filters;
use self::table::Table;
use crate::api::audit::{AuditPage, AuditQuery, read_audit};
use crate::api::notes::take_note;
use crate::components::{Empty, Icon, PageTitle, Pager, Refused, icon};
use crate::{format, routes};

/// The page of the record.
#[component]
pub(crate) fn Audit() -> impl IntoView {
    let map = use_query_map();
    let query = Memo::new(move |_| map.with(read_query));
    let page = Resource::new(move || query.get(), read_audit);
    let note = OnceResource::new(take_note());
    view! {
        <PageTitle text="Audit"/>
        <div class="page">
            <header class="page-head">
                <h1>"Audit"</h1>
                <p class="lede">
                    "What agents asked to do, what was decided, by whom, and what came of it."
                </p>
            </header>
            <Transition>
                {move || Suspend::new(async move {
                    let note = note.await.ok().flatten();
                    let page = page.await;
                    let asked = query.get_untracked();
                    move || match page.clone() {
                        Ok(page) => {
                            view! { <Body page query=asked.clone() note=note.clone()/> }.into_any()
                        }
                        Err(error) => view! {
                            <Refused fault=error.0/>
                            <p class="mt"><a href=routes::AUDIT>"The whole record"</a></p>
                        }
                        .into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

#[component]
fn Body(page: AuditPage, query: AuditQuery, note: Option<FormNote>) -> impl IntoView {
    let AuditPage { entries, agents, check, reader } = page;
    let names = agents.into_iter().map(|agent| agent.name.to_string()).collect();
    let first = AuditQuery { cursor: None, ..query.clone() };
    let newest = query.cursor.is_some().then(|| routes::audit(&first));
    let older = entries
        .next_cursor
        .clone()
        .map(|cursor| routes::audit(&AuditQuery { cursor: Some(cursor), ..query.clone() }));
    let caption = match entries.items.len() as u64 {
        0 => String::new(),
        count => format!("{}, newest first, times in UTC", format::count(count, "row")),
    };
    let all = first == AuditQuery::default();
    let is_owner = reader.role == domain::Role::Owner;
    let list = if entries.items.is_empty() {
        view! { <Nothing all/> }.into_any()
    } else {
        view! { <Table entries=entries.items reader=reader.id/> }.into_any()
    };
    view! {
        {is_owner.then(|| view! { <Check check note/> })}
        <Filters query=first agents=names/>
        {list}
        <Pager caption newest older/>
    }
}

/// In the place of the table where it would have no rows.
#[component]
fn Nothing(all: bool) -> impl IntoView {
    let (title, sentence) = if all {
        (
            "Nothing was recorded yet",
            "Each call of a tool stands here with what was decided about it and what came of it, and each grant that is given or taken away.",
        )
    } else {
        ("No such rows", "Choose another kind, tool, agent or time.")
    };
    view! {
        <div class="panel">
            <Empty shape=Icon::Audit title>
                <p>{sentence}</p>
                <p class="actions">
                    {if all {
                        view! {
                            <a class="btn" href=routes::CHAT>{icon(Icon::Chat)} "Ask an agent"</a>
                        }
                    } else {
                        view! { <a class="btn" href=routes::AUDIT>{icon(Icon::Audit)} "The whole record"</a> }
                    }}
                </p>
            </Empty>
        </div>
    }
}

fn read_query(map: &ParamsMap) -> AuditQuery {
    let field = |name: &str| map.get(name).filter(|value| !value.is_empty());
    AuditQuery {
        tool: field("tool"),
        agent: field("agent"),
        kind: field("kind"),
        run: field("run"),
        since: field("since"),
        until: field("until"),
        cursor: field("cursor"),
    }
}
