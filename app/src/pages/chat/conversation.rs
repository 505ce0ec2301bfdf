//! One session: what was said and done, live.

use std::ops::ControlFlow;

use domain::{EventKind, FormNote};
use leptos::form::ActionForm;
use leptos::html::Textarea;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_query_map;

use super::composer::{Composer, Partner};
use super::facts::{Facts, OpenFacts};
use super::live_frame::live_frame;
use super::pending::PendingView;
use super::progress::Progress;
use super::sessions::{OpenSessions, SessionList};
use super::transcript::{Transcript, to_foot};
use crate::api::approvals::read_pending;
use crate::api::runs::Cancel;
use crate::api::sessions::{ChatPage, SendMessage, Sent};
use crate::components::{
    DemoNote, FormNotice, FormState, Icon, PageTitle, Status, form_action, icon,
};
use crate::live::{Source, Turns, follow, soon, ticking};
use crate::routes;

/// The form's id, for the button that stands outside of it.
const STOP: &str = "stop";

/// The newest turns of a session, and the field for the next message.
#[component]
pub(super) fn Conversation(
    page: ChatPage,
    note: Option<FormNote>,
    sessions: SessionList,
) -> impl IntoView {
    let ChatPage { chat, pending, at } = page;
    let session = chat.session;
    let id = session.id;
    let now = ticking(at);
    let turns = Turns::new(chat.turns);
    let list_changed = soon(300, move || sessions.refetch());
    let listed = list_changed.clone();
    let pending = RwSignal::new(pending);
    let look = soon(100, move || {
        spawn_local(async move {
            // What cannot be read now is read at the next event.
            if let Ok(fresh) = read_pending(id).await {
                pending.try_set(fresh);
            }
        });
    });
    let looked = look.clone();
    let line = follow(Source::Session { id: session.id, after: chat.position }, move |event| {
        if matches!(event.event.kind(), EventKind::RunStatus | EventKind::RunEnd) {
            listed();
        }
        // Of other sessions only the list tells.
        if event.session_id == id {
            use EventKind::{RunEnd, RunStatus, Steering};
            if matches!(event.event.kind(), RunStatus | RunEnd | Steering) {
                looked();
            }
            turns.take(event);
        }
        ControlFlow::Continue(())
    });

    // A title made from the first exchange comes with the list.
    let title = RwSignal::new(session.title.clone());
    Effect::new(move || {
        let listed = sessions.with(|list| {
            let list = &list.as_ref()?.as_ref().ok()?.sessions;
            list.iter().find(|listed| listed.id == id).map(|s| s.title.clone())
        });
        if let Some(listed) = listed.filter(|listed| title.with_untracked(|old| old != listed)) {
            title.set(listed);
        }
    });
    let reply = note.as_ref().and_then(|note| note.reply.clone());
    let sending = form_action::<SendMessage>();
    let send_state = FormState::new("send", sending, note.clone());
    let stopping = form_action::<Cancel>();
    let stop_state = FormState::new("cancel", stopping, note.clone());
    let draft = use_query_map().with_untracked(|query| query.get("message"));
    let live = Memo::new(move |_| turns.live().map(|turn| turn.run_id));
    let at_work = Memo::new(move |_| turns.live().map(|turn| turn.head.with(|head| head.status)));
    let newest = move || turns.newest().map(|turn| turn.head);
    let status = Memo::new(move |_| turns.current().map(|turn| turn.head.with(|head| head.status)));
    let model = move || newest().and_then(|head| head.with(|head| head.model.clone()));
    let by_demo = Memo::new(move |_| model().is_some_and(|model| model.starts_with("demo/")));
    let (frame, field) = (NodeRef::new(), NodeRef::<Textarea>::new());
    Effect::new(move || {
        // The button that was pressed goes away with the run.
        let stopped = stopping.value().with(|answer| matches!(answer, Some(Ok(_))));
        if let Some(field) = field.get_untracked().filter(|_| stopped) {
            let _ = field.focus();
        }
    });
    let sent = move |sent: Sent| {
        if let Sent::Message(run) = sent {
            turns.fetch(run);
        }
        look();
        to_foot(frame);
        list_changed();
    };
    let here = routes::session(session.id);
    let older = chat.older.map(|cursor| routes::session_before(session.id, &cursor));
    let begun = live.get_untracked().is_some();
    view! {
        {move || view! { <PageTitle text=title.get()/> }}
        <section class="talk" aria-label="Conversation">
            <header class="pane-h">
                <OpenSessions/>
                <h1>{title}</h1>
                {move || status.get().map(|status| view! { <Status status class="status pill"/> })}
                <OpenFacts/>
            </header>
            <Transcript turns now older frame>
                {begun.then(|| live_frame(session.id))}
            </Transcript>
            <div class="dock">
                <FormNotice state=stop_state/>
                <Progress turns now line/>
                <PendingView pending status=at_work note here=here.clone() field/>
                {move || by_demo.get().then(|| view! { <DemoNote/> })}
                <Composer action=sending state=send_state with=Partner::Session(session.clone()) reply field sent status=at_work draft>
                    {move || live.get().map(|_| view! { <Stop pending=stopping.pending()/> })}
                </Composer>
                <ActionForm action=stopping attr:id=STOP>
                    <input
                        type="hidden"
                        name="run"
                        value=move || live.get().map(|run| run.to_string()).unwrap_or_default()
                    />
                    <input type="hidden" name="page" value=here/>
                </ActionForm>
            </div>
        </section>
        <Facts session turns now/>
    }
}

/// Turns before the newest ones, to read.
#[component]
pub(super) fn Earlier(page: ChatPage) -> impl IntoView {
    let ChatPage { chat, at, .. } = page;
    let session = chat.session;
    let now = ticking(at);
    let turns = Turns::new(chat.turns);
    let older = chat.older.map(|cursor| routes::session_before(session.id, &cursor));
    let frame = NodeRef::new();
    view! {
        <PageTitle text=session.title.clone()/>
        <section class="talk" aria-label="Conversation">
            <header class="pane-h">
                <OpenSessions/>
                <h1>{session.title}</h1>
            </header>
            <Transcript turns now older frame/>
            <div class="dock">
                <a class="btn btn-block" href=routes::session(session.id)>"To the newest messages"</a>
            </div>
        </section>
    }
}

/// The button of the form below that stops the run at work.
#[component]
fn Stop(pending: Memo<bool>) -> impl IntoView {
    view! {
        <button class="btn btn-sm" type="submit" form=STOP disabled=move || pending.get()>
            {icon(Icon::Stop)}
            <span>"Stop"</span>
        </button>
    }
}
