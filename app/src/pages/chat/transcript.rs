//! What was said, the newest at the foot.

use leptos::html::Div;
use leptos::prelude::*;

use super::turn::TurnView;
use crate::live::{LiveTurn, Now, Turns};

/// Further up than this, in pixels, a reader does not see what is new.
const AWAY: i32 = 160;

/// The turns of a session, in a frame that scrolls by itself. What grows at the
/// foot stays in sight there, and moves nothing for a reader further up.
#[component]
pub(super) fn Transcript(
    turns: Turns,
    now: Now,
    /// The page of the turns before these.
    older: Option<String>,
    /// The frame, for whoever scrolls it.
    frame: NodeRef<Div>,
    /// What stands below the newest turn.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let away = RwSignal::new(false);
    let on_scroll = move |_| {
        // The column is reversed: its foot is at 0, all above is negative.
        let now_away = frame.get_untracked().is_some_and(|frame| -frame.scroll_top() > AWAY);
        if away.get_untracked() != now_away {
            away.set(now_away);
        }
    };
    let on_click = move |_| {
        to_foot(frame);
        if let Some(frame) = frame.get_untracked() {
            // The button goes away; the focus stays with what it led to.
            let _ = frame.focus();
        }
    };
    view! {
        <div
            class="transcript"
            tabindex="0"
            role="region"
            aria-label="Messages"
            node_ref=frame
            on:scroll=on_scroll
        >
            <div>
                {older.map(|href| view! {
                    <p class="turn"><a class="btn btn-sm" href=href>"Earlier messages"</a></p>
                })}
                <For
                    each=move || turns.all()
                    key=|turn| turn.run_id
                    children=move |turn: LiveTurn| view! { <TurnView turn now/> }
                />
                {children.map(|children| children())}
            </div>
        </div>
        <button class="btn btn-sm to-foot" type="button" hidden=move || !away.get() on:click=on_click>
            "New below"
        </button>
    }
}

/// Shows the newest words.
pub(super) fn to_foot(frame: NodeRef<Div>) {
    if let Some(frame) = frame.get_untracked() {
        frame.set_scroll_top(0);
    }
}
