//! The pane of sessions, which is a drawer on narrow screens.

use domain::{RunStatus, SessionId, SessionView};
use leptos::ev::MouseEvent;
use leptos::html::Aside;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use crate::ApiError;
use crate::api::sessions::NewestSessions;
use crate::components::{Icon, Refused, When, icon, mark, tone, word};
use crate::routes;

/// The list of sessions, as it is read again now and then.
pub(super) type SessionList = Resource<Result<NewestSessions, ApiError>>;

const DRAWER: &str = "sessions";

/// This person's newest sessions.
#[component]
pub(super) fn Sessions(
    sessions: SessionList,
    #[prop(into)] current: Signal<Option<SessionId>>,
) -> impl IntoView {
    let pane = NodeRef::<Aside>::new();
    view! {
        <aside
            class="pane pane-sessions"
            id=DRAWER
            popover="auto"
            aria-label="Sessions"
            node_ref=pane
            on:click=move |event| close_after(&event, pane)
        >
            <header class="pane-h">
                <h2><a href=routes::SESSIONS>"Sessions"</a></h2>
                <a class="btn btn-ghost btn-icon btn-sm" href=routes::CHAT>
                    {icon(Icon::Plus)}
                    <span class="vh">"New session"</span>
                </a>
            </header>
            <div class="pane-b sess">
                <Transition>
                    {move || Suspend::new(async move {
                        match sessions.await {
                            Ok(newest) => list(newest.sessions, current).into_any(),
                            Err(error) => view! { <Refused fault=error.0/> }.into_any(),
                        }
                    })}
                </Transition>
            </div>
            <nav class="pane-f only-short" aria-label="Main, short">
                <a class="nav-a" href=routes::OVERVIEW>{icon(Icon::Overview)} "Overview"</a>
                <a class="nav-a" href=routes::SESSIONS>{icon(Icon::Sessions)} "Sessions"</a>
                <a class="nav-a" href=routes::RUNS>{icon(Icon::Runs)} "Runs"</a>
                <a class="nav-a" href=routes::AGENTS>{icon(Icon::Agents)} "Agents"</a>
            </nav>
        </aside>
    }
}

/// The button that opens the drawer, where there is one.
#[component]
pub(super) fn OpenSessions() -> impl IntoView {
    view! {
        <button
            class="btn btn-ghost btn-icon btn-sm only-narrow"
            type="button"
            popovertarget=DRAWER
        >
            {icon(Icon::PanelLeft)}
            <span class="vh">"Sessions"</span>
        </button>
    }
}

/// Closes the drawer behind a link that was followed: with scripts the page stays,
/// and so would the drawer.
fn close_after(event: &MouseEvent, pane: NodeRef<Aside>) {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let link = target.and_then(|target| target.closest("a").ok().flatten());
    if let (Some(_), Some(pane)) = (link, pane.get_untracked()) {
        // It fails where the pane is no open drawer.
        let _ = pane.hide_popover();
    }
}

fn list(sessions: Vec<SessionView>, current: Signal<Option<SessionId>>) -> impl IntoView {
    let none = sessions.is_empty();
    let row = |session: SessionView| {
        let id = session.id;
        let state = session.status.filter(|status| *status != RunStatus::Done);
        let below = match state {
            Some(status) => view! {
                <span class="status" data-tone=tone(status).as_str()>
                    {mark(status)}
                    {match status {
                        RunStatus::WaitingApproval | RunStatus::WaitingGuidance => "Needs you",
                        status => word(status),
                    }}
                </span>
            }
            .into_any(),
            None => view! { <span>{session.agent}</span> }.into_any(),
        };
        view! {
            <li>
                <a
                    href=routes::session(id)
                    aria-current=move || (current.get() == Some(id)).then_some("page")
                >
                    <b>{session.title}</b>
                    {below}
                    <When at=session.updated_at/>
                </a>
            </li>
        }
    };
    view! {
        <ul>{sessions.into_iter().map(row).collect_view()}</ul>
        {none.then(|| view! { <p class="panel-b sm soft">"Each talk with an agent shows here."</p> })}
    }
}
