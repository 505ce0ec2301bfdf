//! The clean-up: what it did last, and the way to start it.

use domain::{CleaningHealth, CleaningState, Health};
use leptos::form::ActionForm;
use leptos::prelude::*;

use crate::api::health::CleanUp;
use crate::components::{Fact, Moment, When};
use crate::format;

/// What the last clean-up did, and a button for another.
#[component]
pub(super) fn Cleaning(
    data: RwSignal<Health>,
    action: ServerAction<CleanUp>,
    working: Memo<bool>,
) -> impl IntoView {
    let busy = move || working.get() || action.pending().get();
    view! {
        <section class="panel" aria-labelledby="cleaning">
            <header class="panel-h">
                <h2 id="cleaning">"Clean-up"</h2>
                <ActionForm action>
                    <button class="btn btn-sm" type="submit" disabled=busy>"Clean up now"</button>
                </ActionForm>
            </header>
            <div class="panel-b" aria-live="polite">
                {move || told(data.with(|data| data.cleaning.clone()))}
            </div>
        </section>
    }
}

fn told(cleaning: CleaningHealth) -> AnyView {
    let CleaningHealth { state, began_at, ended_at, rows, bytes_before, bytes_after } = cleaning;
    let moment = |at| view! { <When at show=Moment::Full/> };
    match state {
        CleaningState::Never => view! {
            <p class="sm soft">"It has not run yet. It comes ten minutes after a start, then every hour."</p>
        }
        .into_any(),
        CleaningState::Working => view! {
            <p class="sm soft">"It is at work, in small steps, since " {began_at.map(moment)} "."</p>
        }
        .into_any(),
        CleaningState::Done => view! {
            <dl class="facts">
                <Fact name="Last">{ended_at.map(moment)}</Fact>
                <Fact name="Removed">{format::count(rows, "row")}</Fact>
                <Fact name="Before">{format::bytes(bytes_before)}</Fact>
                <Fact name="After">{format::bytes(bytes_after)}</Fact>
            </dl>
        }
        .into_any(),
    }
}
