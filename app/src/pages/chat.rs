//! Talking with an agent: a new session, or one that goes on.

mod commands;
mod composer;
mod conversation;
mod examples;
mod facts;
mod live_frame;
mod pending;
mod pictures;
mod progress;
mod sessions;
mod transcript;
mod turn;

use std::ops::ControlFlow;

use domain::{AgentPicker, CommandReply, EventKind};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use self::composer::{Composer, Partner};
use self::conversation::{Conversation, Earlier};
use self::examples::Examples;
pub(crate) use self::live_frame::LiveFrame;
use self::sessions::{OpenSessions, SessionList, Sessions};
use crate::api::agents::read_picker;
use crate::api::notes::take_note;
use crate::api::sessions::{SendMessage, read_chat, read_newest};
use crate::components::{FormState, PageTitle, Refused, form_action};
use crate::live::{Source, follow, soon};

/// The page of a session that is not there yet: choose an agent, say what to do.
#[component]
pub(crate) fn NewChat() -> impl IntoView {
    let sessions = Resource::new(|| (), |()| read_newest());
    let picker = OnceResource::new(read_picker());
    let query = use_query_map();
    let note = OnceResource::new(take_note());
    view! {
        <PageTitle text="New session"/>
        <div class="chat">
            <Sessions sessions current=None/>
            <Suspense>
                {move || Suspend::new(async move {
                    if let Ok(newest) = sessions.await {
                        follow_lists(sessions, newest.position);
                    }
                    let note = note.await.ok().flatten();
                    let action = form_action::<SendMessage>();
                    let reply = note.as_ref().and_then(|note| note.reply.clone());
                    let state = FormState::new("send", action, note);
                    let asked = query.with_untracked(|query| query.get("agent"));
                    match picker.await {
                        Ok(picker) => {
                            view! { <Beginning picker asked action state reply/> }.into_any()
                        }
                        Err(error) => view! { <Trouble title="New session" fault=error.0/> }.into_any(),
                    }
                })}
            </Suspense>
        </div>
    }
}

/// Reads the list of sessions again when something happens in one.
fn follow_lists(sessions: SessionList, after: u64) {
    let changed = soon(300, move || sessions.refetch());
    follow(Source::All { after }, move |event| {
        if matches!(event.event.kind(), EventKind::RunStatus | EventKind::RunEnd) {
            changed();
        }
        ControlFlow::Continue(())
    });
}

#[component]
fn Beginning(
    picker: AgentPicker,
    asked: Option<String>,
    action: ServerAction<SendMessage>,
    state: FormState,
    reply: Option<CommandReply>,
) -> impl IntoView {
    let demo = picker.agents.iter().any(|agent| agent.model.starts_with("demo/"));
    view! {
        <section class="talk" aria-label="New session">
            <header class="pane-h">
                <OpenSessions/>
                <h1>"New session"</h1>
            </header>
            <div class="transcript" tabindex="0" role="region" aria-label="Beginning">
                <div><Examples demo/></div>
            </div>
            <div class="dock">
                <Composer action state with=Partner::Agents { picker, asked } reply field=NodeRef::new() sent=|_| ()/>
            </div>
        </section>
    }
}

/// The page of one session.
#[component]
pub(crate) fn Chat() -> impl IntoView {
    let params = use_params_map();
    let query = use_query_map();
    let session =
        Memo::new(move |_| params.with(|params| params.get("session")).unwrap_or_default());
    let older = Memo::new(move |_| query.with(|query| query.get("older")));
    let sessions = Resource::new(|| (), |()| read_newest());
    let chat = Resource::new(
        move || (session.get(), older.get()),
        |(session, older)| read_chat(session, older),
    );
    let note = OnceResource::new(take_note());
    let current = Signal::derive(move || session.with(|session| session.parse().ok()));
    view! {
        <div class="chat">
            <Sessions sessions current/>
            <Transition>
                {move || Suspend::new(async move {
                    let note = note.await.ok().flatten();
                    let page = chat.await;
                    // As a closure, it is built anew for another session, and no
                    // draft strays from one to the next.
                    move || match page.clone() {
                        Ok(page) if older.get_untracked().is_some() => {
                            view! { <Earlier page/> }.into_any()
                        }
                        Ok(page) => {
                            view! { <Conversation page note=note.clone() sessions/> }.into_any()
                        }
                        Err(error) => view! { <Trouble title="Session" fault=error.0/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

/// In the place of a talk that could not be read.
#[component]
fn Trouble(title: &'static str, fault: domain::Fault) -> impl IntoView {
    view! {
        <PageTitle text=title/>
        <section class="talk">
            <header class="pane-h">
                <OpenSessions/>
                <h1>{title}</h1>
            </header>
            <div class="page"><Refused fault/></div>
        </section>
    }
}
