//! One tool call, folded up to a line.

use domain::{CallId, CallResult, CallView, Step, ToolErrorCode};
use leptos::prelude::*;

use super::{Icon, Running, Tone};
use crate::format;
use crate::live::Now;

/// The tool calls of a step, each of which changes by itself.
#[component]
pub(super) fn Calls(step: RwSignal<Step>, now: Now) -> impl IntoView {
    let ids = Memo::new(move |_| {
        step.with(|step| step.calls.iter().map(|call| call.id).collect::<Vec<_>>())
    });
    let one = move |id: CallId| {
        let find = move |step: &Step| step.calls.iter().find(|call| call.id == id).cloned();
        let first = step.with_untracked(find);
        first.map(|first| {
            let call = Memo::new(move |_| step.with(find).unwrap_or_else(|| first.clone()));
            view! { <Call call now/> }
        })
    };
    view! { <For each=move || ids.get() key=|id| *id children=one/> }
}

/// The tool calls of a step that is over.
pub(super) fn ended_calls(calls: Vec<CallView>, now: Now) -> impl IntoView {
    let one = move |call| view! { <Call call=Signal::stored(call) now/> };
    calls.into_iter().map(one).collect_view()
}

/// One tool call: its name, what came of it, how long it took; unfolded, what
/// it was given and what it gave. It changes once, when it ends.
#[component]
fn Call(#[prop(into)] call: Signal<CallView>, now: Now) -> impl IntoView {
    let tool = call.with_untracked(|call| call.tool.clone());
    let arguments = call.with_untracked(|call| call.arguments.clone());
    let started = call.with_untracked(|call| call.started_at);
    let state = move || call.with(State::of);
    let of_result = move |read: fn(&CallResult) -> String| {
        move || call.with(|call| call.result.as_ref().map(read))
    };
    let output = of_result(|result| result.output.clone());
    let took = of_result(|result| format::duration(result.duration_ms));
    let of_tool = format!("of {tool}");
    let output_of = format!("Output {of_tool}");
    view! {
        <details class="call" data-tone=move || state().tone().as_str()>
            <summary>
                {move || state().mark()}
                <span class="call-n">{tool}</span>
                <span class="call-s">
                    {move || state().code().map(|code| view! {
                        <span class="tag mono" data-tone="bad">{code.as_str()}</span>
                        " "
                    })}
                    {of_result(|result| result.summary.clone())}
                </span>
                <span class="call-m">
                    {move || match took() {
                        Some(took) => took.into_any(),
                        None => view! { <Running now from=Some(started) until=None/> }.into_any(),
                    }}
                </span>
                <span class="vh">{move || state().word()}</span>
                <svg class="icon chev" aria-hidden="true">
                    <use href=Icon::Chevron.href()></use>
                </svg>
            </summary>
            <div class="call-b">
                <Text label="Arguments" name=format!("Arguments {of_tool}") text=arguments/>
                {move || output().map(|text| view! {
                    <Text label="Output" name=output_of.clone() text/>
                })}
            </div>
        </details>
    }
}

/// Exact text in a well of its own, which scrolls by keyboard too.
#[component]
fn Text(label: &'static str, name: String, text: String) -> impl IntoView {
    view! {
        <div>
            <p class="lbl">{label}</p>
            <div class="code code-wrap">
                <pre tabindex="0" role="region" aria-label=name><code>{text}</code></pre>
            </div>
        </div>
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Done,
    /// Ended with a code that stops nothing.
    Noted(ToolErrorCode),
    Failed(ToolErrorCode),
}

impl State {
    fn of(call: &CallView) -> Self {
        match call.result.as_ref().map(|result| result.error_code) {
            None => Self::Open,
            Some(None) => Self::Done,
            Some(Some(code @ ToolErrorCode::OutputTruncated)) => Self::Noted(code),
            Some(Some(code)) => Self::Failed(code),
        }
    }

    fn code(self) -> Option<ToolErrorCode> {
        match self {
            Self::Open | Self::Done => None,
            Self::Noted(code) | Self::Failed(code) => Some(code),
        }
    }

    fn tone(self) -> Tone {
        match self {
            Self::Open => Tone::Run,
            Self::Done | Self::Noted(_) => Tone::Ok,
            Self::Failed(_) => Tone::Bad,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Open => "Running",
            Self::Done | Self::Noted(_) => "Done",
            Self::Failed(_) => "Failed",
        }
    }

    fn mark(self) -> impl IntoView {
        let (class, shape) = match self {
            Self::Open => ("icon icon-spin", Icon::Running),
            Self::Done | Self::Noted(_) => ("icon", Icon::Done),
            Self::Failed(_) => ("icon", Icon::Failed),
        };
        view! { <svg class=class aria-hidden="true"><use href=shape.href()></use></svg> }
    }
}
