//! What changed between two versions, line by line.

use domain::{DiffLine, LineChange, PromptDiff};
use leptos::prelude::*;

use crate::format;

/// A panel with the changes from one version to another.
#[component]
pub(super) fn Changes(diff: PromptDiff) -> impl IntoView {
    let title = format!("Changes from version {} to {}", diff.from, diff.to);
    view! {
        <section class="panel" aria-labelledby="changes">
            <header class="panel-h">
                <h2 id="changes">{title}</h2>
                <span class="sm soft">{summary(&diff)}</span>
            </header>
            <Lines diff/>
        </section>
    }
}

/// How much changed.
pub(super) fn summary(diff: &PromptDiff) -> String {
    format!(
        "{} added, {} removed",
        format::count(diff.added, "line"),
        format::count(diff.removed, "line")
    )
}

/// The changed places.
#[component]
pub(super) fn Lines(diff: PromptDiff) -> impl IntoView {
    if diff.places.is_empty() {
        return view! { <p class="panel-b sm soft">"They are the same."</p> }.into_any();
    }
    let hidden = (diff.hidden > 0).then(|| {
        let sentence = format!("{} more are not shown.", format::count(diff.hidden, "line"));
        view! { <p class="panel-f sm soft">{sentence}</p> }
    });
    let places = diff.places.into_iter().map(|place| {
        let lines = place.into_iter().map(|line| view! { <Line line/> });
        view! { <tbody>{lines.collect_view()}</tbody> }
    });
    view! {
        <table class="diff">
            <caption class="vh">"Line numbers before and after, and the text"</caption>
            {places.collect_view()}
        </table>
        {hidden}
    }
    .into_any()
}

#[component]
fn Line(line: DiffLine) -> impl IntoView {
    let number = |number: Option<u32>| number.map(|number| number.to_string());
    let text = line.text;
    let (sign, text) = match line.change {
        LineChange::Same => (" ", view! { <span>{text}</span> }.into_any()),
        LineChange::Added => ("+", view! { <ins>{text}</ins> }.into_any()),
        LineChange::Removed => ("−", view! { <del>{text}</del> }.into_any()),
    };
    view! {
        <tr data-change=line.change.as_str()>
            <td class="num">{number(line.old)}</td>
            <td class="num">{number(line.new)}</td>
            <td class="sign">{sign}</td>
            <td class="text">{text}</td>
        </tr>
    }
}
