//! The route table and the path builders, and nothing else.

use domain::{AgentName, ApprovalView, PictureId, PromptName, RunId, SessionId};
use leptos::prelude::*;
use leptos_router::components::{ParentRoute, Route, Routes};
use leptos_router::{SsrMode, path};

use crate::api::audit::AuditQuery;
use crate::api::runs::RunQuery;
use crate::api::sessions::SessionQuery;
use crate::components::Layout;
use crate::pages::{
    Agent, Agents, Approvals, Audit, Chat, Document, Health, Help, LiveFrame, Login, NewAgent,
    NewChat, NewProvider, NotFound, Overview, Provider, Run, Runs, SessionSettings, Sessions,
    Settings, Setup,
};

/// The first page.
pub const OVERVIEW: &str = "/";
/// Where the first owner is made.
pub const SETUP: &str = "/setup";
/// Where a person signs in.
pub const LOGIN: &str = "/login";
/// Where a new session begins.
pub const CHAT: &str = "/chat";
/// All sessions.
pub const SESSIONS: &str = "/sessions";
/// All runs.
pub const RUNS: &str = "/runs";
/// What waits for a person's answer.
pub const APPROVALS: &str = "/approvals";
/// The record of what was decided and done.
pub const AUDIT: &str = "/audit";
/// How the installation is.
pub const HEALTH: &str = "/health";

/// All agents.
pub const AGENTS: &str = "/agents";
/// Where a new agent is made.
pub const AGENT_NEW: &str = "/agents/new";
/// What all this is, in plain words.
pub const HELP: &str = "/help";
/// Where models are connected.
pub const SETTINGS: &str = "/settings";
/// Where a provider is added.
pub const PROVIDER_NEW: &str = "/settings/providers/new";

/// Every page. All wait for their data, so that each is whole without scripts.
#[component]
pub(crate) fn Pages() -> impl IntoView {
    view! {
        <Routes fallback=NotFound>
            <Route path=path!("/setup") view=Setup ssr=SsrMode::Async/>
            <Route path=path!("/login") view=Login ssr=SsrMode::Async/>
            <Route path=path!("/chat/:session/live") view=LiveFrame ssr=SsrMode::Async/>
            <ParentRoute path=path!("") view=Layout ssr=SsrMode::Async>
                <Route path=path!("/") view=Overview ssr=SsrMode::Async/>
                <Route path=path!("/chat") view=NewChat ssr=SsrMode::Async/>
                <Route path=path!("/chat/:session") view=Chat ssr=SsrMode::Async/>
                <Route path=path!("/sessions") view=Sessions ssr=SsrMode::Async/>
                <Route path=path!("/sessions/:session") view=SessionSettings ssr=SsrMode::Async/>
                <Route path=path!("/runs") view=Runs ssr=SsrMode::Async/>
                <Route path=path!("/approvals") view=Approvals ssr=SsrMode::Async/>
                <Route path=path!("/audit") view=Audit ssr=SsrMode::Async/>
                <Route path=path!("/health") view=Health ssr=SsrMode::Async/>
                <Route path=path!("/runs/:run") view=Run ssr=SsrMode::Async/>
                <Route path=path!("/agents") view=Agents ssr=SsrMode::Async/>
                <Route path=path!("/agents/new") view=NewAgent ssr=SsrMode::Async/>
                <Route path=path!("/agents/:agent") view=Agent ssr=SsrMode::Async/>
                <Route path=path!("/agents/:agent/docs/:document") view=Document ssr=SsrMode::Async/>
                <Route path=path!("/settings") view=Settings ssr=SsrMode::Async/>
                <Route path=path!("/settings/providers/new") view=NewProvider ssr=SsrMode::Async/>
                <Route path=path!("/settings/providers/:provider") view=Provider ssr=SsrMode::Async/>
                <Route path=path!("/help") view=Help ssr=SsrMode::Async/>
            </ParentRoute>
        </Routes>
    }
}

/// One provider, by what somebody calls it.
pub(crate) fn provider(name: &str) -> String {
    let mut text = "/settings/providers/".to_owned();
    name.bytes().for_each(|byte| push_escaped(&mut text, byte));
    text
}

/// Where a provider is added, with what was found filled in.
pub(crate) fn provider_new(preset: &str, name: &str, base_url: &str) -> String {
    let fields = [("preset", Some(preset)), ("name", Some(name)), ("base_url", Some(base_url))];
    with_query(PROVIDER_NEW, &fields)
}

/// One agent.
pub(crate) fn agent(name: &AgentName) -> String {
    agent_named(name.as_str())
}

/// The agent with the name that a form holds, whatever it holds.
pub(crate) fn agent_named(name: &str) -> String {
    match AgentName::parse(name) {
        Ok(name) => format!("{AGENTS}/{name}"),
        Err(_) => AGENTS.to_owned(),
    }
}

/// A prompt document of an agent.
pub(crate) fn document(agent: &AgentName, name: PromptName) -> String {
    format!("{}/docs/{name}", self::agent(agent))
}

/// A version of a prompt document, to look at.
pub(crate) fn document_version(agent: &AgentName, name: PromptName, version: u64) -> String {
    with_query(&document(agent, name), &[("version", Some(&version.to_string()))])
}

/// The document with the names that a form holds, whatever it holds.
#[allow(dead_code, reason = "only the server leads there")]
pub(crate) fn document_named(agent: &str, document: &str) -> String {
    match (AgentName::parse(agent), document.parse()) {
        (Ok(agent), Ok(name)) => self::document(&agent, name),
        _ => agent_named(agent),
    }
}

/// Where a new session with an agent begins.
pub(crate) fn chat_with(name: &AgentName) -> String {
    with_query(CHAT, &[("agent", Some(name.as_str()))])
}

/// One conversation.
pub(crate) fn session(id: SessionId) -> String {
    format!("{CHAT}/{id}")
}

/// A picture that somebody sent.
pub(crate) fn picture(id: PictureId) -> String {
    format!("/v1/pictures/{id}")
}

/// One conversation, with a message to send in the field.
pub(crate) fn session_with(id: SessionId, message: &str) -> String {
    with_query(&session(id), &[("message", Some(message))])
}

/// Where an agent is asked to ask again about a call that nobody answered for.
pub(crate) fn ask_again(asked: &ApprovalView) -> String {
    let message = format!("The approval for {} expired. Ask me again.", asked.tool);
    session_with(asked.session_id, &message)
}

/// The questions before a cursor.
pub(crate) fn approvals_before(cursor: &str) -> String {
    with_query(APPROVALS, &[("cursor", Some(cursor))])
}

/// One conversation, at the turns before a cursor.
pub(crate) fn session_before(id: SessionId, cursor: &str) -> String {
    with_query(&session(id), &[("older", Some(cursor))])
}

/// The live part of a conversation, for a frame.
pub(crate) fn session_live(id: SessionId) -> String {
    format!("{CHAT}/{id}/live")
}

/// What can be changed about a session.
pub(crate) fn session_settings(id: SessionId) -> String {
    format!("{SESSIONS}/{id}")
}

/// A session as a file.
pub(crate) fn session_export(id: SessionId, format: &str) -> String {
    format!("/v1/sessions/{id}/export?format={format}")
}

/// The sessions that a query asks for.
pub(crate) fn sessions(query: &SessionQuery) -> String {
    with_query(
        SESSIONS,
        &[
            ("q", query.q.as_deref()),
            ("state", query.state.as_deref()),
            ("agent", query.agent.as_deref()),
            ("cursor", query.cursor.as_deref()),
        ],
    )
}

/// One run.
pub(crate) fn run(id: RunId) -> String {
    format!("{RUNS}/{id}")
}

/// Everything that happened in a run, as a file.
pub(crate) fn run_trace(id: RunId) -> String {
    format!("/v1/runs/{id}/trace?format=json")
}

/// The runs that a query asks for.
pub(crate) fn runs(query: &RunQuery) -> String {
    with_query(
        RUNS,
        &[
            ("status", query.status.as_deref()),
            ("agent", query.agent.as_deref()),
            ("source", query.source.as_deref()),
            ("cursor", query.cursor.as_deref()),
        ],
    )
}

/// The rows of the record that a query asks for.
pub(crate) fn audit(query: &AuditQuery) -> String {
    with_query(
        AUDIT,
        &[
            ("kind", query.kind.as_deref()),
            ("agent", query.agent.as_deref()),
            ("tool", query.tool.as_deref()),
            ("run", query.run.as_deref()),
            ("since", query.since.as_deref()),
            ("until", query.until.as_deref()),
            ("cursor", query.cursor.as_deref()),
        ],
    )
}

/// The sign-in page, which leads on to `next` if that is a page of this server.
pub fn login(next: &str) -> String {
    with_query(LOGIN, &[("next", local(next).filter(|next| *next != OVERVIEW))])
}

/// The path itself, if it leads to a page of this server and nowhere else.
pub fn local(path: &str) -> Option<&str> {
    let inside = path.starts_with('/') && !path.starts_with("//") && !path.starts_with("/fn/");
    let plain = path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    (inside && plain).then_some(path)
}

fn with_query(path: &str, fields: &[(&str, Option<&str>)]) -> String {
    let mut text = path.to_owned();
    for (name, value) in fields {
        if let Some(value) = value {
            text.push(if text.contains('?') { '&' } else { '?' });
            text.push_str(name);
            text.push('=');
            value.bytes().for_each(|byte| push_escaped(&mut text, byte));
        }
    }
    text
}

fn push_escaped(text: &mut String, byte: u8) {
    if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
        text.push(char::from(byte));
    } else {
        text.push_str(&format!("%{byte:02X}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_server_are_local() {
        for good in ["/", "/chat/ses_1", "/runs?status=done&agent=a"] {
            assert_eq!(local(good), Some(good));
        }
        for bad in
            ["", "chat", "//example.com", "/\\example.com", "https://a.b", "/a\r\nb", "/fn/logout"]
        {
            assert_eq!(local(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_query_holds_only_what_was_asked_for() {
        assert_eq!(login("/"), "/login");
        assert_eq!(login("//example.com"), "/login");
        assert_eq!(login("/runs?status=done&x=é"), "/login");
        assert_eq!(login("/runs?status=done"), "/login?next=/runs%3Fstatus%3Ddone");
        let query = RunQuery { agent: Some("guide".into()), ..RunQuery::default() };
        assert_eq!(runs(&query), "/runs?agent=guide");
    }
}
