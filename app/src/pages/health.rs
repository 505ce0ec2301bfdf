//! How the installation is: what is wrong, what it holds, what was cleaned up.

mod cleaning;
mod tables;

use domain::{CleaningState, FormNote, Health as View, HealthWarning};
use leptos::prelude::*;
use leptos::task::spawn_local;

use self::cleaning::Cleaning;
use self::tables::Tables;
use crate::api::health::{CleanUp, read_health};
use crate::api::notes::take_note;
use crate::components::{
    Fact, FormNotice, FormState, Moment, Notice, PageTitle, Refresh, Refused, Stat, Tone, When,
    form_action,
};
use crate::format;
use crate::live::soon;

/// The health page.
#[component]
pub(crate) fn Health() -> impl IntoView {
    let first = OnceResource::new(read_health());
    let note = OnceResource::new(take_note());
    view! {
        <PageTitle text="Health"/>
        <div class="page">
            <Suspense>
                {move || Suspend::new(async move {
                    let note = note.await.ok().flatten();
                    match first.await {
                        Ok(first) => view! { <Body first note/> }.into_any(),
                        Err(error) => view! {
                            <header class="page-head"><h1>"Health"</h1></header>
                            <Refused fault=error.0/>
                        }
                        .into_any(),
                    }
                })}
            </Suspense>
        </div>
    }
}

/// The page once it is read; it is read again after and during a clean-up.
#[component]
fn Body(first: View, note: Option<FormNote>) -> impl IntoView {
    let data = RwSignal::new(first);
    let cleaning = form_action::<CleanUp>();
    let state = FormState::new("clean_up", cleaning, note);
    let working =
        Memo::new(move |_| data.with(|data| data.cleaning.state == CleaningState::Working));
    let read = move || {
        spawn_local(async move {
            // A reading that fails leaves what stands there.
            if let Ok(view) = read_health().await {
                data.try_set(view);
            }
        });
    };
    let again = soon(2_000, read);
    Effect::new(move || {
        if cleaning.value().with(Option::is_some) {
            read();
        }
    });
    Effect::new(move || {
        data.track();
        if working.get_untracked() {
            again();
        }
    });
    let warnings = Memo::new(move |_| data.with(|data| data.warnings.clone()));
    view! {
        {move || working.get().then(|| view! { <Refresh seconds=5/> })}
        <header class="page-head">
            <h1>"Health"</h1>
            <p class="muted sm hide-narrow">
                {move || view! { <When at=data.with(|data| data.at) show=Moment::Full/> }}
            </p>
        </header>
        <FormNotice state/>
        {move || warnings.get().into_iter().map(warning).collect_view()}
        <Figures data/>
        <div class="cols section">
            <Server data/>
            <Cleaning data action=cleaning working/>
        </div>
        <Tables data/>
    }
}

fn warning(found: HealthWarning) -> impl IntoView {
    view! {
        <Notice tone=Tone::Bad>
            <div><b>{found.code.as_str()}</b> ": " {found.message}</div>
        </Notice>
    }
}

#[component]
fn Figures(data: RwSignal<View>) -> impl IntoView {
    let figure = move |read: fn(&View) -> String| move || data.with(read);
    view! {
        <section class="panel" aria-label="The installation in figures">
            <dl class="stats">
                <Stat name="Working">
                    <dd class="fig">{figure(|data| format::number(data.queue.working))}</dd>
                    <dd>{figure(|data| format!(
                        "{} here, {}",
                        format::count(u64::from(data.queue.workers), "worker"),
                        processes(data.queue.processes),
                    ))}</dd>
                </Stat>
                <Stat name="Waiting">
                    <dd class="fig">{figure(|data| format::number(data.queue.waiting))}</dd>
                    <dd>{figure(|data| match data.queue.oldest_waiting_at {
                        Some(since) => {
                            format!("the oldest for {}", format::duration(format::between(since, data.at)))
                        }
                        None => format!("room for {}", data.queue.waiting_places),
                    })}</dd>
                </Stat>
                <Stat name="Database">
                    <dd class="fig">{figure(|data| format::bytes(data.database.bytes))}</dd>
                    <dd>{figure(|data| match data.database.free_bytes {
                        Some(free) => format!("{} of it free", format::bytes(free)),
                        None => "all of its tables".into(),
                    })}</dd>
                </Stat>
                <Stat name="Disk">
                    <dd class="fig">{figure(|data| size(data.server.disk_free_bytes))}</dd>
                    <dd>"free for the data folder"</dd>
                </Stat>
            </dl>
        </section>
    }
}

#[component]
fn Server(data: RwSignal<View>) -> impl IntoView {
    let text = move |read: fn(&View) -> String| move || data.with(read);
    let log = move || {
        let log = data.with(|data| data.database.log_bytes);
        log.map(|bytes| {
            view! {
                <Fact name="Write-ahead log">{format::bytes(bytes)} " of 64.0\u{a0}MiB"</Fact>
            }
        })
    };
    view! {
        <section class="panel" aria-labelledby="server">
            <header class="panel-h"><h2 id="server">"Server and database"</h2></header>
            <div class="panel-b">
                <dl class="facts">
                    <Fact name="Version">{text(|data| data.server.version.clone())}</Fact>
                    <Fact name="Up for">{text(|data| {
                        format::duration(format::between(data.server.started_at, data.at))
                    })}</Fact>
                    <Fact name="Memory">{text(|data| size(data.server.memory_bytes))}</Fact>
                    <Fact name="Database">{text(|data| data.database.kind.to_string())}</Fact>
                    <Fact name="Place">
                        <code class="wrap">{text(|data| data.database.place.clone())}</code>
                    </Fact>
                    <Fact name="Schema">{text(|data| data.database.schema.clone())}</Fact>
                    {log}
                    <Fact name="Leases">{text(|data| format::count(data.queue.working, "run"))}</Fact>
                </dl>
            </div>
        </section>
    }
}

fn processes(number: u32) -> String {
    match number {
        1 => "1 process".into(),
        number => format!("{number} processes"),
    }
}

fn size(bytes: Option<u64>) -> String {
    bytes.map_or_else(|| "unknown".into(), format::bytes)
}
