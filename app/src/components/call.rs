//! One tool call, folded up to a line.

use domain::{
    ApprovalAnswer, ApprovalAsked, CallId, CallResult, CallStage, CallView, ChildRun, Decision,
    Step, ToolErrorCode,
};
use leptos::prelude::*;

use super::{Icon, Running, Status, Tone, When};
use crate::live::Now;
use crate::{format, routes};

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
/// it was given and what it gave. It changes a few times in its life.
#[component]
fn Call(#[prop(into)] call: Signal<CallView>, now: Now) -> impl IntoView {
    let tool = call.with_untracked(|call| call.tool.clone());
    let arguments = call.with_untracked(|call| call.arguments.clone());
    let repair = call.with_untracked(|call| call.repair.clone());
    let state = move || call.with(State::of);
    let is_reused = move || call.with(|call| reused(call.result.as_ref()));
    let output = move || call.with(|call| call.result.as_ref().map(|result| result.output.clone()));
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
                    {repair.is_some().then(|| view! { <span class="tag">"mended"</span> " " })}
                    {move || is_reused().then(|| view! { <span class="tag">"reused"</span> " " })}
                    {move || call.with(line)}
                </span>
                <span class="call-m">{move || call.with(|call| took(call, now))}</span>
                <span class="vh">{move || state().word()}</span>
                <svg class="icon chev" aria-hidden="true">
                    <use href=Icon::Chevron.href()></use>
                </svg>
            </summary>
            <div class="call-b">
                {move || call.with(|call| call.approval.clone()).map(approval)}
                {move || call.with(|call| call.child.clone()).map(child)}
                <Text label="Arguments" name=format!("Arguments {of_tool}") text=arguments/>
                {repair.map(|what| view! {
                    <p class="soft">{format!("The model wrote them slightly broken: {what}.")}</p>
                })}
                {move || is_reused().then(|| view! {
                    <p class="soft">
                        "The same call was made before and nothing has changed since, so its result was used again."
                    </p>
                })}
                {move || output().map(|text| view! {
                    <Text label="Output" name=output_of.clone() text/>
                })}
            </div>
        </details>
    }
}

fn reused(result: Option<&CallResult>) -> bool {
    result.is_some_and(|result| result.reused_from.is_some())
}

/// What is said beside the name of a call.
fn line(call: &CallView) -> String {
    if let Some(result) = &call.result {
        return result.summary.clone();
    }
    match (call.stage, &call.approval, &call.child) {
        (CallStage::Begun, _, Some(child)) => format!("{} is at work", child.agent),
        (CallStage::Begun, _, None) => String::new(),
        (CallStage::Held, None, _) => "Waits for the calls before it".to_owned(),
        (CallStage::Held, Some(approval), _) => match &approval.answer {
            None => format!("Waits for approval. {}", approval.reason),
            Some(answer) => format!("The approval is {}", answer.decision),
        },
    }
}

/// How long a call took, or has taken so far; nothing while it waits.
fn took(call: &CallView, now: Now) -> AnyView {
    match (&call.result, call.stage) {
        (Some(result), _) => format::duration(result.duration_ms).into_any(),
        (None, CallStage::Begun) => {
            view! { <Running now from=Some(call.started_at) until=None/> }.into_any()
        }
        (None, CallStage::Held) => "waits".into_any(),
    }
}

/// What a person was asked about a call, and answered.
fn approval(asked: ApprovalAsked) -> impl IntoView {
    let ApprovalAsked { reason, expires_at, answer, .. } = asked;
    let answered = match answer {
        None => {
            view! { "No answer yet; the question lapses " <When at=expires_at/> "." }.into_any()
        }
        Some(ApprovalAnswer { decision, note }) => {
            let word = match decision {
                Decision::Approved => "Approved",
                Decision::Denied => "Denied",
                Decision::Expired => "Nobody answered in time",
            };
            let note = note.map(|note| format!(", with the words: {note}"));
            view! { <b>{word}</b> {note} "." }.into_any()
        }
    };
    view! {
        <div>
            <p class="lbl">"Approval"</p>
            <p>{reason} " " {answered}</p>
        </div>
    }
}

/// The run that a call began.
fn child(child: ChildRun) -> impl IntoView {
    let ChildRun { run_id, agent, status } = child;
    view! {
        <div>
            <p class="lbl">"Run of another agent"</p>
            <p>
                <a href=routes::run(run_id)>{format!("The run of {agent}")}</a>
                " "
                <Status status/>
            </p>
        </div>
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
    Held,
    Open,
    Done,
    /// Ended with a code that stops nothing.
    Noted(ToolErrorCode),
    Failed(ToolErrorCode),
}

impl State {
    fn of(call: &CallView) -> Self {
        match (call.result.as_ref().map(|result| result.error_code), call.stage) {
            (None, CallStage::Held) => Self::Held,
            (None, CallStage::Begun) => Self::Open,
            (Some(None), _) => Self::Done,
            (Some(Some(code)), _) if code.is_failure() => Self::Failed(code),
            (Some(Some(code)), _) => Self::Noted(code),
        }
    }

    fn code(self) -> Option<ToolErrorCode> {
        match self {
            Self::Held | Self::Open | Self::Done => None,
            Self::Noted(code) | Self::Failed(code) => Some(code),
        }
    }

    fn tone(self) -> Tone {
        match self {
            Self::Held => Tone::Wait,
            Self::Open => Tone::Run,
            Self::Done | Self::Noted(_) => Tone::Ok,
            Self::Failed(_) => Tone::Bad,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Held => "Waiting",
            Self::Open => "Running",
            Self::Done | Self::Noted(_) => "Done",
            Self::Failed(_) => "Failed",
        }
    }

    fn mark(self) -> impl IntoView {
        let (class, shape) = match self {
            Self::Held => ("icon", Icon::Waiting),
            Self::Open => ("icon icon-spin", Icon::Running),
            Self::Done | Self::Noted(_) => ("icon", Icon::Done),
            Self::Failed(_) => ("icon", Icon::Failed),
        };
        view! { <svg class=class aria-hidden="true"><use href=shape.href()></use></svg> }
    }
}
