//! The other ways in, and the short ways.

use leptos::prelude::*;

use super::Part;

const COMMANDS: [(&str, &str); 6] = [
    ("openclawssy ask \"What time is it?\"", "asks the first agent and prints its answer"),
    ("openclawssy ask --agent NAME \"…\"", "asks another one"),
    (
        "openclawssy agents list",
        "lists the agents; add, edit, disable, enable and delete change them",
    ),
    ("openclawssy users add NAME", "adds a person; the password is read from standard input"),
    ("openclawssy token NAME", "makes an API token"),
    ("openclawssy doctor", "checks the installation and says what is wrong"),
];

const SLASH: [(&str, &str); 5] = [
    ("/new", "begins a new session"),
    ("/chats", "lists your sessions"),
    ("/resume", "goes on in an earlier session"),
    ("/stop", "stops the run that is at work"),
    ("/help", "names the commands"),
];

const KEYS: [(&str, &str); 3] = [
    ("Enter", "sends the message"),
    ("Shift + Enter", "begins a new line in it"),
    (
        "Tab",
        "moves to the next link or button; the first press on a page offers to skip to its content",
    ),
];

/// The command line.
#[component]
pub(super) fn Terminal() -> impl IntoView {
    view! {
        <Part id="terminal" title="In a terminal">
            <p>"On the server's machine, beside the running server and on the same data:"</p>
            <dl>
                {COMMANDS.map(|(command, meaning)| view! {
                    <dt><code>{command}</code></dt>
                    <dd>{meaning}</dd>
                })}
            </dl>
            <p>"With " <code>"--data"</code> " name the data folder, if it is not the usual one."</p>
        </Part>
    }
}

/// Using the API.
#[component]
pub(super) fn Token() -> impl IntoView {
    let call = "curl -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' \\\n  -d '{\"message\": \"What time is it?\"}' http://127.0.0.1:8080/v1/runs";
    view! {
        <Part id="token" title="From a program">
            <p>
                <code>"openclawssy token NAME"</code>
                " prints a token, this once. Whoever has it acts as you, so keep it like a password. Send it with each request:"
            </p>
            <div class="code"><pre class="scroll-x" tabindex="0">{call}</pre></div>
        </Part>
    }
}

/// What can be written instead of a message.
#[component]
pub(super) fn SlashCommands() -> impl IntoView {
    view! {
        <Part id="commands" title="Commands in a message">
            <dl>
                {SLASH.map(|(command, meaning)| view! {
                    <dt><code>{command}</code></dt>
                    <dd>{meaning}</dd>
                })}
            </dl>
        </Part>
    }
}

/// Keys.
#[component]
pub(super) fn Keys() -> impl IntoView {
    view! {
        <Part id="keys" title="Keys">
            <dl>
                {KEYS.map(|(key, meaning)| view! {
                    <dt><kbd>{key}</kbd></dt>
                    <dd>{meaning}</dd>
                })}
            </dl>
        </Part>
    }
}
