//! What happened beside text and calls, in small lines; the words of a person
//! stand as those of a person.

use domain::{AfterFault, Note, NoteKind, RecoveryState};
use leptos::prelude::*;

use super::{Icon, icon};
use crate::format;

/// Notes in their order. Each is what it is for good, so that only new ones are
/// written.
#[component]
pub(crate) fn Notes(
    /// The notes.
    #[prop(into)]
    notes: Signal<Vec<Note>>,
) -> impl IntoView {
    view! { <For each=move || notes.get() key=|note| note.seq children=|note| show(note.what)/> }
}

/// The same where no more can come.
pub(super) fn settled_notes(notes: Vec<Note>) -> impl IntoView {
    notes.into_iter().map(|note| show(note.what)).collect_view()
}

fn show(what: NoteKind) -> AnyView {
    match what {
        NoteKind::Fault { model, message, next, .. } => {
            let what_next = match next {
                AfterFault::Retry(0) => " The same model was asked again.".to_owned(),
                AfterFault::Retry(wait) => {
                    format!(" The same model was asked again after {}.", format::duration(wait))
                }
                AfterFault::Failover(next) => format!(" {next} was asked instead."),
                AfterFault::Stop => String::new(),
            };
            let words = view! { <b>{model}</b> ": " {message} {what_next} };
            line(Icon::Warn, "fault", words.into_any())
        }
        NoteKind::Recovery { state } => {
            let words = match state {
                RecoveryState::Entered => {
                    "Two calls in a row failed. The agent was told to look again before it goes on."
                }
                RecoveryState::Left => "Three calls in a row went well. All is as before.",
                RecoveryState::Exhausted => {
                    "Too many calls failed. A person is asked how to go on."
                }
            };
            line(Icon::Interrupted, "recovery", words.into_any())
        }
        NoteKind::Compaction { summary, .. } if summary.is_empty() => {
            let words = "Older steps are left out for the model: it gave no summary that served.";
            line(Icon::More, "compaction", words.into_any())
        }
        NoteKind::Compaction { summary, tokens_before, tokens_after } => {
            let words = format!(
                "Older parts were put into a summary: about {} tokens became {}.",
                format::tokens(tokens_before),
                format::tokens(tokens_after),
            );
            folded(Icon::More, "compaction", words, summary)
        }
        NoteKind::Nudge { text } => {
            folded(Icon::Info, "nudge", "The model was told something by the engine.".into(), text)
        }
        NoteKind::Steering { message } => said("You, while it worked", message),
        NoteKind::GuidanceAsked { blocks } => asked(blocks),
        NoteKind::GuidanceAnswered { message } => said("You", message),
    }
}

/// A line with nothing more behind it.
fn line(shape: Icon, kind: &'static str, words: AnyView) -> AnyView {
    view! { <p class="note" data-note=kind>{icon(shape)} <span>{words}</span></p> }.into_any()
}

/// A line that unfolds to a text.
fn folded(shape: Icon, kind: &'static str, words: String, text: String) -> AnyView {
    view! {
        <details class="note" data-note=kind>
            <summary>
                {icon(shape)} <span>{words}</span>
                <svg class="icon chev" aria-hidden="true">
                    <use href=Icon::Chevron.href()></use>
                </svg>
            </summary>
            <p class="say">{text}</p>
        </details>
    }
    .into_any()
}

/// The words of a person inside a turn.
fn said(who: &'static str, words: String) -> AnyView {
    view! {
        <div class="note-said" data-note="said">
            <p class="sm muted">{who}</p>
            <p class="bubble">{words}</p>
        </div>
    }
    .into_any()
}

/// The question to a person. Its HTML comes sanitised from the server.
fn asked(blocks: Vec<String>) -> AnyView {
    let blocks = blocks.into_iter().map(|html| view! { <div inner_html=html></div> });
    view! {
        <section class="note-asked" data-note="asked" aria-label="The agent asks how to go on">
            <p class="note">{icon(Icon::Waiting)} <b>"The agent asks how to go on"</b></p>
            <div class="prose prose-sm">{blocks.collect_view()}</div>
        </section>
    }
    .into_any()
}
