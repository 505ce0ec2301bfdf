//! What waits for a person: questions about calls, and about how to go on.

use std::ops::ControlFlow;

use domain::{ApprovalStatus, ApprovalView, EventKind, FormNote, RunView};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_query_map;

use crate::api::approvals::{ApprovalsPage, read_approvals};
use crate::api::notes::take_note;
use crate::components::{
    ApprovalCard, Empty, Icon, Moment, PageTitle, Pager, Refused, Settled, When, too_late,
};
use crate::live::{Source, follow, soon};
use crate::{format, routes};

/// The questions that wait, and what was lately answered.
#[component]
pub(crate) fn Approvals() -> impl IntoView {
    let map = use_query_map();
    let cursor = Memo::new(move |_| map.with(|map| map.get("cursor")));
    let approvals = Resource::new(move || cursor.get(), read_approvals);
    let note = OnceResource::new(take_note());
    view! {
        <PageTitle text="Approvals"/>
        <div class="page">
            <header class="page-head">
                <h1>"Approvals"</h1>
                <p class="lede">"A yes holds for exactly the call that is shown: once, unless you say longer."</p>
            </header>
            <Transition>
                {move || Suspend::new(async move {
                    let note = note.await.ok().flatten();
                    let page = approvals.await;
                    let asked = cursor.get_untracked();
                    move || match page.clone() {
                        Ok(page) => {
                            view! { <Body page note=note.clone() cursor=asked.clone()/> }.into_any()
                        }
                        Err(error) => view! { <Refused fault=error.0/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

/// The lists once they are read; they are read again when something happens.
#[component]
fn Body(page: ApprovalsPage, note: Option<FormNote>, cursor: Option<String>) -> impl IntoView {
    let source = Source::All { after: page.position };
    let here = cursor.as_deref().map_or(routes::APPROVALS.to_owned(), routes::approvals_before);
    let newest = cursor.is_some().then(|| routes::APPROVALS.to_owned());
    let further = newest.is_some();
    let late = too_late(note.as_ref(), &page.waiting.items);
    let page = RwSignal::new(page);
    let read = soon(300, move || {
        let cursor = cursor.clone();
        spawn_local(async move {
            // What cannot be read now is read at the next event.
            if let Ok(fresh) = read_approvals(cursor).await {
                page.try_set(fresh);
            }
        });
    });
    follow(source, move |event| {
        if matches!(event.event.kind(), EventKind::RunStatus | EventKind::RunEnd) {
            read();
        }
        ControlFlow::Continue(())
    });
    let older = Signal::derive(move || {
        page.with(|page| page.waiting.next_cursor.as_deref().map(routes::approvals_before))
    });
    let waiting = Memo::new(move |_| page.with(|page| page.waiting.items.len() as u64));
    let guidance = Memo::new(move |_| page.with(|page| page.guidance.clone()));
    let settled = Memo::new(move |_| page.with(|page| page.settled.clone()));
    let caption = Signal::derive(move || {
        format!("{}, newest first", format::count(waiting.get(), "question"))
    });
    let nothing = move || waiting.get() == 0 && guidance.with(Vec::is_empty);
    // Each card stays as it is while others come and go: somebody may write in it.
    let card = move |asked: ApprovalView| {
        view! { <li><ApprovalCard asked note=note.clone() page=here.clone()/></li> }
    };
    view! {
        {late}
        {move || nothing().then(|| view! {
            <div class="panel">
                <Empty shape=Icon::Approvals title="Nothing waits for you">
                    <p>"When an agent needs a yes for a call, or asks how to go on, it stands here."</p>
                </Empty>
            </div>
        })}
        <ul class="asks">
            <For
                each=move || page.with(|page| page.waiting.items.clone())
                key=|asked| asked.id
                children=card
            />
        </ul>
        <Show when=move || further || older.with(Option::is_some)>
            <Pager caption newest=newest.clone() older/>
        </Show>
        {move || guidance.with(|runs| (!runs.is_empty()).then(|| view! {
            <section class="section">
                <div class="sec-h"><h2>"Asks how to go on"</h2></div>
                <div class="panel">
                    <ul class="list">{runs.iter().map(at_a_loss).collect_view()}</ul>
                </div>
            </section>
        }))}
        {move || settled.with(|settled| (!settled.is_empty()).then(|| view! {
            <section class="section">
                <div class="sec-h"><h2>"Lately answered"</h2></div>
                <div class="panel">
                    <ul class="list">{settled.iter().map(answered).collect_view()}</ul>
                </div>
            </section>
        }))}
    }
}

/// A run that waits for a message of its session.
fn at_a_loss(run: &RunView) -> impl IntoView + use<> {
    view! {
        <li>
            <div class="ask-row">
                <a href=routes::session(run.session_id)>{run.session_title.clone()}</a>
                <p class="sm soft">
                    {format!("{}: {}", run.agent, format::first_line(&run.message))}
                </p>
            </div>
            <a class="btn btn-sm" href=routes::session(run.session_id)>"Answer"</a>
        </li>
    }
}

/// A question that waits no more.
fn answered(asked: &ApprovalView) -> impl IntoView + use<> {
    let by = asked.answered_by.as_ref().map(|name| format!(" by {name}"));
    let note = asked.note.as_deref().map(|note| format!(": {}", format::first_line(note)));
    let again = (asked.status == ApprovalStatus::Expired).then(|| routes::ask_again(asked));
    view! {
        <li>
            <div class="ask-row">
                <p>
                    <code class="mono">{asked.tool.clone()}</code>
                    " in "
                    <a href=routes::session(asked.session_id)>{asked.session_title.clone()}</a>
                </p>
                <p class="sm soft">
                    {asked.answered_at.map(|at| view! { <When at show=Moment::Short/> })}
                    {by}
                    {note}
                </p>
            </div>
            {again.map(|href| view! { <a class="btn btn-sm" href=href>"Ask again"</a> })}
            <Settled status=asked.status/>
        </li>
    }
}
