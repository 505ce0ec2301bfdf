//! What happened beside the text and the calls of a step.

use serde::{Deserialize, Serialize};

use crate::{Event, LiveEvent, ModelFaultKind, RecoveryState};

/// One thing that happened beside text and calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The number of its event; the key of the note on a page.
    pub seq: u64,
    /// What happened.
    pub what: NoteKind,
}

/// What can happen beside text and calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum NoteKind {
    /// A provider failed.
    Fault {
        /// Provider and model, as `provider/model`.
        model: String,
        /// What kind of fault.
        fault: ModelFaultKind,
        /// One sentence for a person.
        message: String,
        /// What was done about it.
        next: AfterFault,
    },
    /// The recovery from failures took another state.
    Recovery {
        /// The state.
        state: RecoveryState,
    },
    /// Older parts of the conversation were put into a summary.
    Compaction {
        /// The summary; a long one is cut for the page.
        summary: String,
        /// Tokens of the request before, as estimated.
        tokens_before: u64,
        /// Tokens of the request after, as estimated.
        tokens_after: u64,
    },
    /// The engine told the model something of its own.
    Nudge {
        /// The words.
        text: String,
    },
    /// A person said something to the run at work.
    Steering {
        /// The words.
        message: String,
    },
    /// A person was asked how to go on.
    GuidanceAsked {
        /// The question, as sanitised HTML blocks.
        blocks: Vec<String>,
    },
    /// The person answered.
    GuidanceAnswered {
        /// The words.
        message: String,
    },
}

/// What is done about a provider's fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterFault {
    /// The same model is asked again after so many milliseconds.
    Retry(u64),
    /// Another model is asked, as `provider/model`.
    Failover(String),
    /// Nothing more.
    Stop,
}

/// Where in a turn a note stands.
pub(super) enum Place {
    /// Before the text of a step, by its number.
    Before(u32),
    /// After the text and the calls of a step.
    After(u32),
    /// After all that is there.
    Newest,
}

/// The note that an event makes, if it makes one, and its place. The place hangs
/// on the event alone, so that a turn read without its pieces of text is the
/// same as one that was followed.
pub(super) fn note(live: &LiveEvent) -> Option<(Place, Note)> {
    let (place, what) = match &live.event {
        Event::ModelFault { step, model, fault, message, retry_after_ms, next_model } => {
            let next = match (retry_after_ms, next_model) {
                (_, Some(next)) => AfterFault::Failover(next.clone()),
                (Some(wait), None) => AfterFault::Retry(*wait),
                (None, None) => AfterFault::Stop,
            };
            let place = match next {
                AfterFault::Stop => Place::After(*step),
                AfterFault::Retry(_) | AfterFault::Failover(_) => Place::Before(*step),
            };
            let (model, message) = (model.clone(), message.clone());
            (place, NoteKind::Fault { model, fault: *fault, message, next })
        }
        Event::Recovery { step, state } => {
            (Place::After(*step), NoteKind::Recovery { state: *state })
        }
        Event::Compaction { step, summary, tokens_before, tokens_after, .. } => {
            let (tokens_before, tokens_after) = (*tokens_before, *tokens_after);
            let summary = summary.clone();
            let what = NoteKind::Compaction { summary, tokens_before, tokens_after };
            (Place::Before(*step), what)
        }
        Event::Nudge { step, text } => {
            (Place::Before(*step), NoteKind::Nudge { text: text.clone() })
        }
        Event::Steering { step, message } => {
            (Place::Before(*step), NoteKind::Steering { message: message.clone() })
        }
        Event::GuidanceAsked { .. } => {
            let blocks = live.prose.as_ref().map(|prose| prose.blocks.clone());
            (Place::Newest, NoteKind::GuidanceAsked { blocks: blocks.unwrap_or_default() })
        }
        Event::GuidanceAnswered { message } => {
            (Place::Newest, NoteKind::GuidanceAnswered { message: message.clone() })
        }
        _ => return None,
    };
    Some((place, Note { seq: live.seq, what }))
}
