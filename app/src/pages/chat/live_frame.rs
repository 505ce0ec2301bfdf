//! The live part of a session without scripts: a document of its own, in a frame
//! of the chat page. It alone is loaded again, so nothing that is being typed
//! beside it is lost.

use domain::{RunStatus, SessionId};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::progress::Progress;
use super::turn::AnswerView;
use crate::api::runs::Cancel;
use crate::api::sessions::{ChatPage, read_chat};
use crate::components::{Icon, PageTitle, Refresh, Refused, form_action, icon};
use crate::live::{Line, Turns, ticking};
use crate::routes;

/// The frame, for browsers that run no script. As inner HTML: one with scripts
/// reads it as mere text and loads nothing.
pub(super) fn live_frame(session: SessionId) -> impl IntoView {
    let source = routes::session_live(session);
    let html =
        format!("<iframe class='live-frame' title='Work in progress' src='{source}'></iframe>");
    view! { <noscript inner_html=html></noscript> }
}

/// The document in the frame.
#[component]
pub(crate) fn LiveFrame() -> impl IntoView {
    let params = use_params_map();
    let session = params.with_untracked(|params| params.get("session")).unwrap_or_default();
    let chat = OnceResource::new(read_chat(session, None));
    view! {
        <main class="frame" id="main">
            <Suspense>
                {move || Suspend::new(async move {
                    match chat.await {
                        Ok(page) => view! { <Tail page/> }.into_any(),
                        Err(error) => view! { <Refused fault=error.0/> }.into_any(),
                    }
                })}
            </Suspense>
        </main>
    }
}

/// What works or waits, or the newest turn once nothing does.
#[component]
fn Tail(page: ChatPage) -> impl IntoView {
    let ChatPage { chat, at, .. } = page;
    let here = routes::session(chat.session.id);
    let now = ticking(at);
    let open: Vec<_> = chat.turns.iter().filter(|turn| !turn.status.is_end()).cloned().collect();
    let at_work = open.first().map(|turn| turn.run_id);
    let asks = open.first().and_then(|turn| question(turn.status));
    let turns = if open.is_empty() {
        chat.turns.into_iter().next_back().into_iter().collect()
    } else {
        open
    };
    let turns = Turns::new(turns);
    let answers = turns.all().into_iter().map(|turn| view! { <AnswerView turn now/> });
    let stopping = form_action::<Cancel>();
    let line = RwSignal::new(Line::Open).read_only();
    view! {
        <PageTitle text=chat.session.title/>
        // Links in here are for the whole window.
        <noscript inner_html="<base target='_top'>"></noscript>
        <div>
            {answers.collect_view()}
            <div class="frame-foot">
                {match at_work {
                    Some(run) => view! {
                        <Refresh seconds=2/>
                        <Progress turns now line/>
                        {asks.map(|words| view! {
                            <p><a class="btn btn-primary btn-sm" href=here.clone() target="_top">{words}</a></p>
                        })}
                        <ActionForm action=stopping attr:target="_top">
                            <input type="hidden" name="run" value=run.to_string()/>
                            <input type="hidden" name="page" value=here/>
                            <button class="btn btn-sm" type="submit">{icon(Icon::Stop)} "Stop"</button>
                        </ActionForm>
                    }
                    .into_any(),
                    None => view! {
                        <p><a class="btn btn-sm" href=here target="_top">"Show it in the conversation"</a></p>
                    }
                    .into_any(),
                }}
            </div>
        </div>
    }
}

/// The way to answer a run that waits for a person: the whole page, which has the
/// question and the fields.
fn question(status: RunStatus) -> Option<&'static str> {
    match status {
        RunStatus::WaitingApproval => Some("Answer its question"),
        RunStatus::WaitingGuidance => Some("Tell it how to go on"),
        _ => None,
    }
}
