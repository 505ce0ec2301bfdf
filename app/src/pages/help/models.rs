//! Connecting a model.

use leptos::prelude::*;

use super::Part;
use crate::routes;

/// Programs that serve models, and the address that each has unless told otherwise.
const SERVERS: [(&str, &str, &str); 4] = [
    (
        "Ollama",
        "http://127.0.0.1:11434",
        "Start it and fetch a model: ollama pull, then the model's name.",
    ),
    (
        "llama.cpp",
        "http://127.0.0.1:8080/v1",
        "Start llama-server with a model file. This dashboard uses port 8080 too, so give it another: --port 8081, and write that port in the address.",
    ),
    (
        "LM Studio",
        "http://127.0.0.1:1234/v1",
        "Load a model, then start the server in the Developer tab.",
    ),
    (
        "A service",
        "the address that the service names",
        "You need an account there and a key. What you send goes to that service.",
    ),
];

/// How an agent gets a model.
#[component]
pub(super) fn Models() -> impl IntoView {
    view! {
        <Part id="models" title="Connect a model">
            <p>
                "An owner connects models under " <a href=routes::SETTINGS>"Settings"</a>
                ". OpenAI, Anthropic, Gemini and Ollama are spoken in their own forms; any other program or service that speaks the OpenAI form will do. Then choose the model for all agents there, or for one agent on its page under "
                <a href=routes::AGENTS>"Agents"</a> "."
            </p>
            <dl>
                {SERVERS.map(|(name, address, how)| view! {
                    <dt>{name}</dt>
                    <dd><code>{address}</code> <br/> {how}</dd>
                })}
            </dl>
            <p>
                "A model must be able to call tools. Small models make mistakes with them; give such an agent short instructions and small tasks."
            </p>
        </Part>
    }
}
