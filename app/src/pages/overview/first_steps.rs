//! What a person can do on a machine where nothing has run yet.

use leptos::prelude::*;

use crate::components::{Empty, Icon, icon};
use crate::routes;

/// The first steps, each of which works already.
#[component]
pub(crate) fn FirstSteps(
    /// Whether no model is connected yet.
    demo: Memo<bool>,
) -> impl IntoView {
    view! {
        <section class="panel" aria-labelledby="first">
            <header class="panel-h">
                <h2 id="first">"First steps"</h2>
                <span>"Nothing has run yet"</span>
            </header>
            <ol class="steps">
                <li>
                    <span class="tl-dot" data-tone="ok">
                        {icon(Icon::Check)}
                        <span class="vh">"Done"</span>
                    </span>
                    <div>
                        <h3>"Owner made"</h3>
                        <p>"You are signed in, and what your agents do for you is yours alone."</p>
                    </div>
                </li>
                <li>
                    <span class="tl-dot">"2"</span>
                    <div>
                        <h3>"Ask the first agent something"</h3>
                        {move || if demo.get() {
                            view! {
                                <p>
                                    "A small guide is built in. It is no language model and needs no key, but it really uses tools in its own folder, so you see how work looks here."
                                </p>
                            }
                        } else {
                            view! { <p>"A model is connected. Its work shows step by step."</p> }
                        }}
                    </div>
                    <a class="btn btn-sm btn-primary" href=routes::CHAT>"Open chat"</a>
                </li>
                <li>
                    <Show
                        when=move || demo.get()
                        fallback=|| view! {
                            <span class="tl-dot" data-tone="ok">
                                {icon(Icon::Check)}
                                <span class="vh">"Done"</span>
                            </span>
                        }
                    >
                        <span class="tl-dot">"3"</span>
                    </Show>
                    <div>
                        <h3>"Connect a model"</h3>
                        <p>
                            "Any endpoint that speaks the OpenAI form, on this machine or elsewhere. The server takes its address and key at start: "
                            <code>"openclawssy serve --help"</code>
                            " names the settings."
                        </p>
                    </div>
                </li>
                <li>
                    <span class="tl-dot">"4"</span>
                    <div>
                        <h3>"Ask from a terminal"</h3>
                        <p>
                            "The same agents, the same sessions: "
                            <code>"openclawssy ask \"What is in your folder?\""</code>
                        </p>
                    </div>
                </li>
            </ol>
        </section>
        <section class="panel section" aria-labelledby="no-runs">
            <header class="panel-h"><h2 id="no-runs">"Runs"</h2></header>
            <Empty shape=Icon::Runs title="No runs yet">
                <p>"Each piece of work shows here with its steps, calls, tokens and time."</p>
            </Empty>
        </section>
    }
}
