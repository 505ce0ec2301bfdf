//! The first page: what waits, what works, what failed.

mod first_steps;

use std::ops::ControlFlow;

use domain::{EventKind, Overview as View, RunStatus, RunView, SessionView};
use leptos::prelude::*;
use leptos::task::spawn_local;

use self::first_steps::FirstSteps;
use crate::api::overview::read_overview;
use crate::api::runs::RunQuery;
use crate::components::{
    Icon, Mark, Moment, PageTitle, Refresh, Refused, Running, Stat, When, icon, mark, tone, word,
};
use crate::live::{Now, Source, follow, soon, ticking};
use crate::{format, routes};

/// The overview.
#[component]
pub(crate) fn Overview() -> impl IntoView {
    let first = OnceResource::new(read_overview());
    view! {
        <PageTitle text="Overview"/>
        <Suspense>
            {move || Suspend::new(async move {
                match first.await {
                    Ok(first) => view! { <Body first/> }.into_any(),
                    Err(error) => view! {
                        <div class="page"><h1>"Overview"</h1> <Refused fault=error.0/></div>
                    }
                    .into_any(),
                }
            })}
        </Suspense>
    }
}

/// The overview once it is read; it reads again when something happens.
#[component]
fn Body(first: View) -> impl IntoView {
    let now = ticking(first.at);
    let source = Source::All { after: first.position };
    let data = RwSignal::new(first);
    let trouble = RwSignal::new(None);
    let read = move || {
        spawn_local(async move {
            match read_overview().await {
                Ok(view) => {
                    data.try_set(view);
                    trouble.try_set(None);
                }
                Err(error) => {
                    trouble.try_set(Some(error.0));
                }
            }
        });
    };
    let (at_once, shortly) = (soon(300, read), soon(2_000, read));
    follow(source, move |event| {
        match event.event.kind() {
            EventKind::RunStatus | EventKind::RunEnd => at_once(),
            _ => shortly(),
        }
        ControlFlow::Continue(())
    });
    let nothing_yet = Memo::new(move |_| data.with(|data| data.sessions.is_empty()));
    let busy = Memo::new(move |_| data.with(|data| data.running + data.queued > 0));
    let steps = Memo::new(move |_| data.with(|data| data.first_steps));
    let steps_left = Memo::new(move |_| !(steps.get().run_done && steps.get().model_connected));
    view! {
        <div class="page">
            {move || busy.get().then(|| view! { <Refresh seconds=15/> })}
            <header class="page-head">
                <h1>"Overview"</h1>
                <p class="muted sm hide-narrow">{move || view! { <When at=data.with(|data| data.at)/> }}</p>
                <div class="actions">
                    <a class="btn btn-primary" href=routes::CHAT>
                        {icon(Icon::Chat)}
                        "Ask an agent"
                    </a>
                </div>
            </header>
            {move || trouble.get().map(|fault| view! { <Refused fault/> })}
            // Kept in one place, so that a task sent from here is not cut off by
            // its own first news.
            <Show when=move || steps_left.get()>
                <FirstSteps facts=steps.into()/>
            </Show>
            <Show when=move || !nothing_yet.get()>
                <Figures data/>
                <div class="cols section">
                    <div class="stack">
                        <Active data now/>
                        <Failed data/>
                    </div>
                    <Sessions data/>
                </div>
            </Show>
        </div>
    }
}

#[component]
fn Figures(data: RwSignal<View>) -> impl IntoView {
    let figure = move |read: fn(&View) -> String| move || data.with(read);
    view! {
        <section class="panel section" aria-label="The last 24 hours in figures">
            <dl class="stats">
                <Stat name="Running">
                    <dd class="fig">
                        {figure(|data| format::number(data.running))}
                        " "
                        <small>{figure(|data| format!("of {}", count_workers(data)))}</small>
                    </dd>
                    <dd>{figure(|data| {
                        format!("{} queued, room for {}", data.queued, data.waiting_places)
                    })}</dd>
                </Stat>
                <Stat name="Runs in 24 hours">
                    <dd class="fig">{figure(|data| format::number(data.day_total))}</dd>
                    <dd>{figure(|data| format!(
                        "{} done, {} failed, {} cancelled",
                        data.day_done, data.day_failed, data.day_cancelled,
                    ))}</dd>
                </Stat>
                <Stat name="Tokens in 24 hours">
                    <dd class="fig">{figure(|data| format::tokens(data.day_tokens))}</dd>
                    <dd>"sent and written"</dd>
                </Stat>
            </dl>
        </section>
    }
}

fn count_workers(data: &View) -> String {
    format::count(u64::from(data.workers), "worker")
}

#[component]
fn Active(data: RwSignal<View>, now: Now) -> impl IntoView {
    let rows = Memo::new(move |_| data.with(|data| data.active.clone()));
    let row = move |run: RunView| {
        let place = run.queue_position.map(|place| format!("queued, place {place}"));
        let steps = (run.steps > 0).then(|| format!("step {}", run.steps));
        let calls = (run.calls > 0).then(|| format::count(u64::from(run.calls), "call"));
        let parts = [Some(run.agent), place, steps, calls, run.last_summary];
        view! {
            <li>
                <Mark status=run.status/>
                <div>
                    <a href=routes::session(run.session_id)>{format::first_line(&run.message)}</a>
                    <span class="sub cut">{join(parts)}</span>
                </div>
                <span class="end">
                    <Running now from=run.started_at.or(Some(run.created_at)) until=None/>
                </span>
            </li>
        }
    };
    view! {
        <section class="panel" aria-labelledby="active">
            <header class="panel-h">
                <h2 id="active">"Running now"</h2>
                <a href=routes::RUNS>"All runs"</a>
            </header>
            {move || if rows.with(Vec::is_empty) {
                view! { <p class="panel-b sm soft">"Nothing is at work."</p> }.into_any()
            } else {
                let rows = rows.get().into_iter().map(row).collect_view();
                view! { <ul class="list">{rows}</ul> }.into_any()
            }}
        </section>
    }
}

#[component]
fn Failed(data: RwSignal<View>) -> impl IntoView {
    let rows = Memo::new(move |_| data.with(|data| data.failed.clone()));
    let failed = Some(RunStatus::Failed.to_string());
    let all = routes::runs(&RunQuery { status: failed, ..RunQuery::default() });
    let row = |run: RunView| {
        let why = run.error.map(|error| {
            view! {
                <code>{error.code.as_str()}</code>
                " "
                {error.message}
            }
        });
        view! {
            <li>
                <Mark status=run.status/>
                <div>
                    <a href=routes::run(run.id)>{format::first_line(&run.message)}</a>
                    <span class="sub">{why}</span>
                </div>
                <span class="end hide-narrow">
                    <When at=run.ended_at.unwrap_or(run.created_at)/>
                </span>
            </li>
        }
    };
    view! {
        <section class="panel" aria-labelledby="failed">
            <header class="panel-h">
                <h2 id="failed">"Failed in the last 24 hours"</h2>
                <a href=all>"All failed runs"</a>
            </header>
            {move || if rows.with(Vec::is_empty) {
                view! { <p class="panel-b sm soft">"Nothing failed."</p> }.into_any()
            } else {
                let rows = rows.get().into_iter().map(row).collect_view();
                view! { <ul class="list">{rows}</ul> }.into_any()
            }}
        </section>
    }
}

#[component]
fn Sessions(data: RwSignal<View>) -> impl IntoView {
    let rows = Memo::new(move |_| data.with(|data| data.sessions.clone()));
    let row = |session: SessionView| {
        let state = session.status.map(|status| {
            view! {
                <span class="status" data-tone=tone(status).as_str()>
                    {mark(status)}
                    {word(status)}
                </span>
            }
        });
        view! {
            <li>
                <div>
                    <a href=routes::session(session.id)>{session.title}</a>
                    <span class="sub">{session.agent} " · " {session.channel.as_str()}</span>
                </div>
                {state}
                <span class="end hide-narrow">
                    <When at=session.updated_at show=Moment::Short/>
                </span>
            </li>
        }
    };
    view! {
        <section class="panel" aria-labelledby="sessions">
            <header class="panel-h">
                <h2 id="sessions">"Newest sessions"</h2>
                <a href=routes::CHAT>"New session"</a>
            </header>
            <ul class="list">{move || rows.get().into_iter().map(row).collect_view()}</ul>
        </section>
    }
}

fn join(parts: [Option<String>; 5]) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}
