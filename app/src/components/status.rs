//! States: shape, then word, then colour.

use domain::RunStatus;
use leptos::prelude::*;

use super::Icon;

/// What a state means for a person, as the attribute that carries its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Ok,
    Run,
    Wait,
    Bad,
    Idle,
}

impl Tone {
    /// The value of `data-tone`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Run => "run",
            Self::Wait => "wait",
            Self::Bad => "bad",
            Self::Idle => "idle",
        }
    }
}

/// The tone of a run's state.
pub(crate) const fn tone(status: RunStatus) -> Tone {
    match status {
        RunStatus::Running => Tone::Run,
        RunStatus::WaitingApproval | RunStatus::WaitingGuidance => Tone::Wait,
        RunStatus::Done => Tone::Ok,
        RunStatus::Failed => Tone::Bad,
        RunStatus::Queued | RunStatus::Cancelled | RunStatus::Interrupted => Tone::Idle,
    }
}

/// The word of a run's state.
pub(crate) const fn word(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Queued => "Queued",
        RunStatus::Running => "Running",
        RunStatus::WaitingApproval => "Needs approval",
        RunStatus::WaitingGuidance => "Needs guidance",
        RunStatus::Done => "Done",
        RunStatus::Failed => "Failed",
        RunStatus::Cancelled => "Cancelled",
        RunStatus::Interrupted => "Interrupted",
    }
}

/// The shape of a run's state, beside its word.
pub(crate) fn mark(status: RunStatus) -> impl IntoView {
    view! {
        <svg class=icon_class(status) aria-hidden="true">
            <use href=shape(status).href()></use>
        </svg>
    }
}

/// The shape of a run's state where there is no room for the word.
#[component]
pub(crate) fn Mark(status: RunStatus) -> impl IntoView {
    view! {
        <svg
            class=icon_class(status)
            data-tone=tone(status).as_str()
            role="img"
            aria-label=word(status)
        >
            <use href=shape(status).href()></use>
        </svg>
    }
}

/// A run's state: shape and word, in a pill where it stands beside a title.
#[component]
pub(crate) fn Status(
    #[prop(into)] status: Signal<RunStatus>,
    #[prop(default = "status")] class: &'static str,
) -> impl IntoView {
    view! {
        <span class=class data-tone=move || tone(status.get()).as_str()>
            {move || mark(status.get())}
            {move || word(status.get())}
        </span>
    }
}

const fn icon_class(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Running => "icon icon-spin",
        _ => "icon",
    }
}

const fn shape(status: RunStatus) -> Icon {
    match status {
        RunStatus::Queued => Icon::Queued,
        RunStatus::Running => Icon::Running,
        RunStatus::WaitingApproval | RunStatus::WaitingGuidance => Icon::Waiting,
        RunStatus::Done => Icon::Done,
        RunStatus::Failed => Icon::Failed,
        RunStatus::Cancelled => Icon::Cancelled,
        RunStatus::Interrupted => Icon::Interrupted,
    }
}
