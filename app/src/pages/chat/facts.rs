//! The pane of facts about the run at work, or the newest, a drawer where there is no room.

use domain::SessionView;
use leptos::prelude::*;

use crate::components::{Fact, Icon, Moment, Running, Status, When, icon};
use crate::live::{LiveTurn, Now, Turns};
use crate::{format, routes};

const DRAWER: &str = "facts";

/// Facts about the run at work or the newest one, and about the session.
#[component]
pub(super) fn Facts(session: SessionView, turns: Turns, now: Now) -> impl IntoView {
    let current = Memo::new_with_compare(
        move |_| turns.current(),
        |old, new| {
            let run = |turn: Option<&Option<LiveTurn>>| turn.cloned().flatten().map(|t| t.run_id);
            run(old) != run(new)
        },
    );
    let settings = routes::session_settings(session.id);
    view! {
        <aside class="pane pane-facts" id=DRAWER popover="auto" aria-label="Facts">
            {move || current.get().map(|turn| view! { <RunFacts turn now/> })}
            <div class="pane-b insp">
                <section>
                    <h3>"Session"</h3>
                    <dl class="facts">
                        <Fact name="Agent">{session.agent}</Fact>
                        <Fact name="Began"><When at=session.created_at/></Fact>
                        <Fact name="From">{session.channel.as_str()}</Fact>
                    </dl>
                    <p><a class="btn btn-sm" href=settings>"Rename, export, delete"</a></p>
                </section>
            </div>
        </aside>
    }
}

/// The button that opens the drawer, where there is one.
#[component]
pub(super) fn OpenFacts() -> impl IntoView {
    view! {
        <button class="btn btn-ghost btn-icon btn-sm only-mid" type="button" popovertarget=DRAWER>
            {icon(Icon::PanelRight)}
            <span class="vh">"Facts"</span>
        </button>
    }
}

#[component]
fn RunFacts(turn: LiveTurn, now: Now) -> impl IntoView {
    let head = RwSignal::from(turn.head);
    let started = Signal::derive(move || head.with(|head| head.started_at));
    let ended = Signal::derive(move || head.with(|head| head.ended_at));
    let calls = move || {
        head.with(|head| {
            let open = head.calls - head.calls_ended;
            match open {
                0 => format!("{} done", head.calls_ended),
                _ => format!("{} done, {open} open", head.calls_ended),
            }
        })
    };
    let tokens = move || head.with(|head| format::used(&head.spent));
    let waits = move || head.with(|head| head.started_at.is_none() && !head.status.is_end());
    let model = move || head.with(|head| head.model.clone().unwrap_or_else(|| "not yet".into()));
    view! {
        <header class="pane-h">
            <h2>"This run"</h2>
            <a class="btn btn-ghost btn-sm" href=routes::run(turn.run_id)>"Open the run"</a>
        </header>
        <div class="insp">
            <section>
                <h3>"Facts"</h3>
                <dl class="facts">
                    <Fact name="Status">
                        <Status status=Signal::derive(move || head.with(|head| head.status))/>
                    </Fact>
                    <Fact name="Asked"><When at=turn.asked_at show=Moment::Full/></Fact>
                    <Fact name="Took">
                        {move || waits().then_some("not yet begun")}
                        <Running now from=started until=ended/>
                    </Fact>
                    <Fact name="Model">{model}</Fact>
                    <Fact name="Steps">{move || head.with(|head| head.steps)}</Fact>
                    <Fact name="Calls">{calls}</Fact>
                    <Fact name="Tokens">{tokens}</Fact>
                    <Fact name="Cost">
                        {move || head.with(|head| format::cost(head.spent.cost))}
                    </Fact>
                </dl>
            </section>
        </div>
    }
}
