//! Between the talk and the message field: what the run at work asks, and what it
//! was told and has not heard yet.

use domain::{FormNote, Pending, RunStatus};
use leptos::html::Textarea;
use leptos::prelude::*;

use crate::components::{ApprovalCard, Notice, Tone, too_late};
use crate::format;

/// What the run at work waits for, and has yet to hear.
#[component]
pub(super) fn PendingView(
    pending: RwSignal<Pending>,
    /// Where the run at work is.
    status: Memo<Option<RunStatus>>,
    /// What the last refused form of the page left.
    note: Option<FormNote>,
    /// The page of the session.
    here: String,
    /// The message field.
    field: NodeRef<Textarea>,
) -> impl IntoView {
    // Told again unchanged, the card stays: somebody may write in it.
    let asked = Memo::new(move |_| pending.with(|pending| pending.approval.clone()));
    let unheard = Memo::new(move |_| pending.with(|pending| pending.unheard.clone()));
    let at_a_loss = Memo::new(move |_| status.get() == Some(RunStatus::WaitingGuidance));
    let late = asked.with_untracked(|asked| too_late(note.as_ref(), asked.as_slice()));
    view! {
        {late}
        {move || asked.get().map(|asked| view! {
            <ApprovalCard asked note=note.clone() page=here.clone() then=field/>
        })}
        {move || unheard.with(|said| (!said.is_empty()).then(|| view! {
            <div class="unheard" role="status">
                <p>"Heard before its next step:"</p>
                <ul>
                    {said.iter().map(|said| view! { <li>{format::first_line(said)}</li> }).collect_view()}
                </ul>
            </div>
        }))}
        {move || at_a_loss.get().then(|| view! {
            <Notice tone=Tone::Wait>
                <div>"The agent asks how to go on. Your next message is the answer."</div>
            </Notice>
        })}
    }
}
