//! What a new person does first. Each step is ticked off by a fact, and the
//! block goes away when nothing is left.

use domain::FirstSteps as Facts;
use leptos::form::ActionForm;
use leptos::prelude::*;

use crate::api::sessions::SendMessage;
use crate::components::{FormNotice, FormState, Icon, TASKS, form_action, icon};
use crate::routes;

/// The first steps, each of which works already.
#[component]
pub(crate) fn FirstSteps(
    /// What is done.
    facts: Signal<Facts>,
) -> impl IntoView {
    let action = form_action::<SendMessage>();
    let state = FormState::new("send", action, None);
    let asked = Signal::derive(move || facts.with(|facts| facts.run_done));
    let connected = Signal::derive(move || facts.with(|facts| facts.model_connected));
    let terminal = Signal::derive(move || facts.with(|facts| facts.terminal_used));
    let left = move || {
        let open = [asked.get(), connected.get()].into_iter().filter(|done| !done).count();
        if open == 1 { "One thing left" } else { "Two things to do" }
    };
    view! {
        <section class="panel section" aria-labelledby="first">
            <header class="panel-h">
                <h2 id="first">"First steps"</h2>
                <span>{left}</span>
            </header>
            <ol class="steps">
                <li>
                    <Dot number="1" done=Signal::stored(true)/>
                    <div>
                        <h3>"Your account and a first agent are made"</h3>
                        <p>
                            "An agent is a worker with instructions and a folder of its own. See the first one under "
                            <a href=routes::AGENTS>"Agents"</a>
                            "."
                        </p>
                    </div>
                </li>
                <li>
                    <Dot number="2" done=asked/>
                    <div>
                        <h3>"Give the agent a task"</h3>
                        <p>
                            {move || if connected.get() {
                                "Its work shows step by step, as it happens."
                            } else {
                                "It works at once, without a model: a built-in demo guide answers, which is a set of rules. It really uses tools, so you see what work looks like here."
                            }}
                        </p>
                        <FormNotice state/>
                        <ActionForm action attr:class="actions mt">
                            {move || (!asked.get()).then(|| view! {
                                <button
                                    class="btn btn-primary btn-wrap"
                                    type="submit"
                                    name="example"
                                    value=TASKS[2]
                                    disabled=action.pending()
                                >
                                    "Try: " {TASKS[2]}
                                </button>
                            })}
                            <a class="btn" href=routes::CHAT>"Open chat"</a>
                        </ActionForm>
                    </div>
                </li>
                <li>
                    <Dot number="3" done=connected/>
                    <div>
                        <h3>"Connect a model"</h3>
                        <p>
                            "A language model is what lets an agent do any task. It can run on this machine (Ollama, llama.cpp, LM Studio) or at a service, with a key."
                        </p>
                        <p class="mt">
                            <a class="btn" href=routes::SETTINGS>"Open settings"</a>
                        </p>
                    </div>
                </li>
                <li>
                    <Dot number="4" done=terminal/>
                    <div>
                        <h3>"If you like: ask from a terminal"</h3>
                        <p>
                            "The same agents, the same sessions. On the server's machine: "
                            <code>"openclawssy ask \"What is in your folder?\""</code>
                        </p>
                    </div>
                </li>
            </ol>
            <p class="panel-b sm soft">
                "What the words mean, and how to use it in other ways: " <a href=routes::HELP>"Help"</a>
            </p>
        </section>
    }
}

/// The number of a step, or that it is done.
#[component]
fn Dot(number: &'static str, done: Signal<bool>) -> impl IntoView {
    move || {
        if done.get() {
            view! {
                <span class="tl-dot" data-tone="ok">
                    {icon(Icon::Check)}
                    <span class="vh">"Done: "</span>
                </span>
            }
            .into_any()
        } else {
            view! { <span class="tl-dot">{number}</span> }.into_any()
        }
    }
}
