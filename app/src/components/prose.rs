//! What a model wrote.

use domain::Step;
use leptos::prelude::*;

/// A step's text by blocks, of which only the one that changes is written
/// again. The HTML comes sanitised from the server.
#[component]
pub(super) fn Prose(step: RwSignal<Step>, class: &'static str) -> impl IntoView {
    let count = Memo::new(move |_| step.with(|step| step.blocks.len()));
    let writing = Memo::new(move |_| step.with(|step| step.finish.is_none()));
    let block = move |index: usize| {
        let html = Memo::new(move |_| {
            step.with(|step| step.blocks.get(index).cloned().unwrap_or_default())
        });
        view! { <div inner_html=move || html.get()></div> }
    };
    let text = move || {
        view! {
            <div class=class data-writing=move || writing.get().then_some("true")>
                <For each=move || 0..count.get() key=|index| *index children=block/>
            </div>
        }
    };
    let any = Memo::new(move |_| count.get() > 0);
    view! { <Show when=move || any.get()>{text()}</Show> }
}

/// The text of a step that is over: all of its blocks at once.
pub(super) fn written_prose(blocks: &[String], class: &'static str) -> impl IntoView + use<> {
    let html: String = blocks.iter().map(|block| format!("<div>{block}</div>")).collect();
    (!html.is_empty()).then(|| view! { <div class=class inner_html=html></div> })
}
