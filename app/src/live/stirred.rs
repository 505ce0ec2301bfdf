//! What the frame around the pages hears of their streams: a tab has only one.

use domain::{EventKind, LiveEvent};
use leptos::prelude::*;

use super::soon;

/// Counts the moments at which a run may have begun or ended to wait for a person.
#[derive(Clone, Copy)]
pub(crate) struct Stirred(RwSignal<u32>);

impl Stirred {
    /// Lets the streams of all pages below be heard.
    pub(crate) fn provide() -> Self {
        let stirred = Self(RwSignal::new(0));
        provide_context(stirred);
        stirred
    }

    /// How often so far; tracks.
    pub(crate) fn count(self) -> u32 {
        self.0.get()
    }
}

/// What a stream tells of each of its events.
pub(super) fn stir() -> impl Fn(&LiveEvent) + Clone + 'static {
    let stirred = use_context::<Stirred>();
    let told = soon(300, move || {
        if let Some(Stirred(count)) = stirred {
            count.try_update(|count| *count = count.wrapping_add(1));
        }
    });
    move |event| {
        if matches!(event.event.kind(), EventKind::RunStatus | EventKind::RunEnd) {
            told();
        }
    }
}
