//! What all this is, in plain words.

mod models;
mod ways;

use leptos::prelude::*;

use self::models::Models;
use self::ways::{Keys, SlashCommands, Terminal, Token};
use crate::components::{PageTitle, TASKS};
use crate::routes;

/// The words of the product, one line for each.
const WORDS: [(&str, &str); 10] = [
    ("Agent", "A worker with a name, instructions, a model and a folder of its own."),
    ("Model", "The language model that an agent asks what to do next."),
    ("Provider", "Where a model is reached: a program on this machine, or a service."),
    ("Session", "One conversation with an agent. It stays until you delete it."),
    ("Message", "What you or the agent said in a session."),
    ("Run", "The work on one message, from the question to the answer."),
    ("Step", "One exchange with the model inside a run. A run takes as many as it needs."),
    (
        "Tool call",
        "Something that the agent did: looked into its folder, read or wrote a file, read the clock.",
    ),
    ("Folder", "The agent's workspace on the server. Its tools reach nothing outside of it."),
    ("Queue", "Runs that wait because others are at work. They start by themselves."),
];

/// The help page.
#[component]
pub(crate) fn Help() -> impl IntoView {
    view! {
        <PageTitle text="Help"/>
        <div class="page help">
            <header class="page-head"><h1>"Help"</h1></header>
            <Part id="what" title="What this is">
                <p>
                    "Openclawssy runs agents on your own machine. You give an agent a task; it asks a language model what to do, uses tools, looks at what came out, and goes on until it has an answer. You see each step while it happens, and can stop it at any time."
                </p>
                <p>
                    "Everything that happens is stored on this server. You can close the page, or switch the server off: work that was done is still there, and an answer that was cut off can be asked for again."
                </p>
            </Part>
            <Part id="first" title="Try it">
                <p>
                    "These tasks work at once, even while no model is connected. Open "
                    <a href=routes::CHAT>"Chat"</a> " and send one:"
                </p>
                <ul>{TASKS.map(|task| view! { <li>{task}</li> })}</ul>
                <p>
                    "Without a model the demo guide answers: a set of rules, not a model. It knows these tasks and little else."
                </p>
            </Part>
            <Models/>
            <Part id="words" title="The words">
                <dl>
                    {WORDS.map(|(word, meaning)| view! { <dt>{word}</dt> <dd>{meaning}</dd> })}
                </dl>
            </Part>
            <Terminal/>
            <Token/>
            <SlashCommands/>
            <Keys/>
        </div>
    }
}

/// One part of the page.
#[component]
fn Part(id: &'static str, title: &'static str, children: Children) -> impl IntoView {
    view! {
        <section class="panel section" aria-labelledby=id>
            <header class="panel-h"><h2 id=id>{title}</h2></header>
            <div class="panel-b">{children()}</div>
        </section>
    }
}
