//! One run: figures, the time line of its steps, facts, and the way to stop it.

mod timeline;
mod tools;

use std::ops::ControlFlow;

use domain::{Event, FormNote, RunId, RunStatus, RunView, Spent, Timestamp};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use self::timeline::Timeline;
use self::tools::Tools;
use crate::api::notes::take_note;
use crate::api::runs::{Cancel, RunPage, read_run};
use crate::components::{
    Fact, FormNotice, FormState, Icon, LineNotice, Moment, PageTitle, Refresh, Refused, Running,
    Stat, Status, When, form_action, icon,
};
use crate::live::{Head, Line, LiveTurn, Now, Source, follow, ticking};
use crate::{format, routes};

/// The page of one run.
#[component]
pub(crate) fn Run() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("run")).unwrap_or_default());
    let page = Resource::new(move || id.get(), read_run);
    let note = OnceResource::new(take_note());
    view! {
        <div class="page">
            <Transition>
                {move || Suspend::new(async move {
                    let note = note.await.ok().flatten();
                    let page = page.await;
                    move || match page.clone() {
                        Ok(page) => view! { <Body page note=note.clone()/> }.into_any(),
                        Err(error) => view! {
                            <PageTitle text="Run"/>
                            <header class="page-head"><h1>"Run"</h1></header>
                            <Refused fault=error.0/>
                        }
                        .into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

/// The run once it is read; its events bring it up to date.
#[component]
fn Body(page: RunPage, note: Option<FormNote>) -> impl IntoView {
    let RunPage { run, turn, at } = page;
    let now = ticking(at);
    let (seq, ended) = (turn.seq, turn.status.is_end());
    let turn = LiveTurn::new(turn);
    let whole = run.cleared.has_steps();
    if !whole {
        // The record has counted what its log no longer shows.
        turn.head.update(|head| {
            head.steps = u64::from(run.steps);
            head.calls = u64::from(run.calls);
            head.calls_ended = u64::from(run.calls);
            head.calls_failed = u64::from(run.failed_calls);
            head.spent = Spent {
                input_tokens: run.input_tokens,
                output_tokens: run.output_tokens,
                cached_tokens: run.cached_tokens,
                // A run that cost nothing is not told from one without prices.
                cost: Some(run.cost).filter(|cost| *cost > 0),
            };
        });
    }
    let line = if ended {
        RwSignal::new(Line::Open).read_only()
    } else {
        let turn = turn.clone();
        follow(Source::Run { id: run.id, after: seq }, move |event| {
            turn.apply(&event);
            match event.event {
                Event::RunEnd { .. } => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            }
        })
    };
    let head = RwSignal::from(turn.head.clone());
    let live = Memo::new(move |_| head.with(|head| !head.status.is_end()));
    let asks = Memo::new(move |_| {
        let waits = |head: &Head| {
            matches!(head.status, RunStatus::WaitingApproval | RunStatus::WaitingGuidance)
        };
        head.with(waits)
    });
    let title = format::first_line(&run.message);
    let stopping = form_action::<Cancel>();
    let stop_state = FormState::new("cancel", stopping, note);
    view! {
        <PageTitle text=title.clone()/>
        {move || live.get().then(|| view! { <Refresh seconds=5/> })}
        <header class="page-head">
            <nav class="crumbs" aria-label="Breadcrumb">
                <ol>
                    <li><a href=routes::RUNS>"Runs"</a></li>
                    <li aria-current="page">{run.id.to_string()}</li>
                </ol>
            </nav>
            <h1>{title}</h1>
            <Status
                status=Signal::derive(move || head.with(|head| head.status))
                class="status pill"
            />
            <div class="actions">
                {move || asks.get().then(|| view! {
                    <a class="btn btn-primary" href=routes::session(run.session_id)>
                        {icon(Icon::Approvals)}
                        "Answer its question"
                    </a>
                })}
                <a class="btn" href=routes::session(run.session_id)>
                    {icon(Icon::Chat)}
                    "Open the session"
                </a>
                <Stop stopping run=run.id live/>
            </div>
        </header>
        <FormNotice state=stop_state/>
        <LineNotice line/>
        <Figures head now asked=run.created_at/>
        <div class="split section">
            <Timeline turn=turn.clone() source=run.source now/>
            <aside class="stack" aria-label="About this run">
                <Facts run head/>
                {whole.then(|| view! { <Tools head/> })}
            </aside>
        </div>
    }
}

/// The button that stops the run while there is something to stop.
#[component]
fn Stop(stopping: ServerAction<Cancel>, run: RunId, live: Memo<bool>) -> impl IntoView {
    view! {
        <ActionForm action=stopping attr:hidden=move || !live.get()>
            <input type="hidden" name="run" value=run.to_string()/>
            <input type="hidden" name="page" value=routes::run(run)/>
            <button class="btn btn-danger" type="submit" disabled=stopping.pending()>
                {icon(Icon::Stop)}
                "Cancel the run"
            </button>
        </ActionForm>
    }
}

#[component]
fn Figures(head: RwSignal<Head>, now: Now, asked: Timestamp) -> impl IntoView {
    let started = Signal::derive(move || head.with(|head| head.started_at));
    let ended = Signal::derive(move || head.with(|head| head.ended_at));
    let figure = move |read: fn(&Head) -> String| move || head.with(read);
    view! {
        <div class="panel">
            <dl class="stats">
                <Stat name="Took">
                    <dd class="fig">
                        {move || started.get().is_none().then_some("–")}
                        <Running now from=started until=ended/>
                    </dd>
                    <dd>{move || head.with(|head| match head.started_at {
                        Some(at) => {
                            format!("after {} in the queue", format::duration(format::between(asked, at)))
                        }
                        None if head.status.is_end() => "no worker took it".into(),
                        None => "waits for a worker".into(),
                    })}</dd>
                </Stat>
                <Stat name="Steps">
                    <dd class="fig">{figure(|head| format::number(head.steps))}</dd>
                    <dd>"exchanges with the model"</dd>
                </Stat>
                <Stat name="Calls">
                    <dd class="fig">{figure(|head| format::number(head.calls))}</dd>
                    <dd>{figure(|head| format!(
                        "{} done, {} failed",
                        head.calls_ended - head.calls_failed, head.calls_failed,
                    ))}</dd>
                </Stat>
                <Stat name="Tokens">
                    <dd class="fig">{figure(|head| format::tokens(head.spent.tokens()))}</dd>
                    <dd>{figure(|head| format::used(&head.spent))}</dd>
                </Stat>
                <Stat name="Cost">
                    <dd class="fig">
                        {figure(|head| head.spent.cost.map_or_else(|| "–".into(), format::dollars))}
                    </dd>
                    <dd>{figure(|head| match head.spent.cost {
                        Some(_) => "as far as prices are known".into(),
                        None => "no price is known".into(),
                    })}</dd>
                </Stat>
            </dl>
        </div>
    }
}

#[component]
fn Facts(run: RunView, head: RwSignal<Head>) -> impl IntoView {
    let moment = |at: Option<Timestamp>| match at {
        Some(at) => view! { <When at show=Moment::Full/> }.into_any(),
        None => view! { <span class="muted">"not yet"</span> }.into_any(),
    };
    let children = Memo::new(move |_| head.with(|head| head.children.clone()));
    let trace = routes::run_trace(run.id);
    view! {
        <section class="panel" aria-labelledby="facts">
            <header class="panel-h"><h2 id="facts">"Facts"</h2></header>
            <div class="panel-b">
                <dl class="facts">
                    <Fact name="Agent">{run.agent}</Fact>
                    <Fact name="From">{run.source.as_str()}</Fact>
                    <Fact name="Session">
                        <a href=routes::session(run.session_id)>{run.session_title}</a>
                    </Fact>
                    <Fact name="Model">{move || head.with(|head| head.model.clone())}</Fact>
                    <Fact name="Asked"><When at=run.created_at show=Moment::Full/></Fact>
                    <Fact name="Started">{move || moment(head.with(|head| head.started_at))}</Fact>
                    <Fact name="Ended">{move || moment(head.with(|head| head.ended_at))}</Fact>
                    {run.parent_id.map(|parent| view! {
                        <Fact name="Begun by"><a href=routes::run(parent)>"another run"</a></Fact>
                    })}
                    {move || children.get().into_iter().map(|child| view! {
                        <Fact name="Has begun">
                            <a href=routes::run(child.run_id)>{child.agent}</a>
                            " "
                            <Status status=child.status/>
                        </Fact>
                    }).collect_view()}
                </dl>
                <p class="mt"><a class="btn btn-sm" rel="external" download href=trace>"Download the trace"</a></p>
            </div>
        </section>
    }
}
