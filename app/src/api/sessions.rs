//! Conversations: their lists, one of them, and what a person does with one.

use domain::{
    AgentView, ChatView, CommandReply, Found, Page, Pending, PictureUpload, RunId, SessionId,
    SessionView, Timestamp,
};
use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use crate::ApiError;

/// One conversation, as it was at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ChatPage {
    /// What was said and done.
    pub chat: ChatView,
    /// What the run at work waits for, and has yet to hear.
    pub pending: Pending,
    /// When this was read; running times count from here.
    pub at: Timestamp,
}

/// The newest sessions, for the pane beside a talk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct NewestSessions {
    /// The sessions.
    pub sessions: Vec<SessionView>,
    /// The newest event in here; a live stream goes on from it.
    pub position: u64,
}

/// Which sessions a list shows, in the words that stand in its URL.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SessionQuery {
    /// What is looked for.
    pub q: Option<String>,
    /// The word of a state.
    pub state: Option<String>,
    /// The name of an agent.
    pub agent: Option<String>,
    /// Where the list goes on.
    pub cursor: Option<String>,
}

/// A page of sessions, and what its filters offer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SessionsPage {
    /// The sessions; with what was found in them, where something was looked for.
    pub found: Page<Found>,
    /// The agents to choose from.
    pub agents: Vec<AgentView>,
    /// The newest event in here; a live stream goes on from it.
    pub position: u64,
}

/// What became of what was sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Sent {
    /// A message was taken, and this run works on it.
    Message(RunId),
    /// A command was done.
    Command(CommandReply),
}

/// This person's newest sessions.
#[server(prefix = "/fn", endpoint = "newest_sessions", input = GetUrl, output = Json)]
pub(crate) async fn read_newest() -> Result<NewestSessions, ApiError> {
    use crate::context;

    let who = context::signed_in().await?;
    let engine = context::engine()?;
    // Read first: what happens in between comes once more, not never.
    let position = engine.position().await.map_err(context::refused)?;
    // More than a screen holds; the page of all sessions is a link away.
    let limit = domain::Limit::new(30).unwrap_or_default();
    let filter = domain::SessionFilter::default();
    let page = engine.sessions(&who, filter, limit, None).await.map_err(context::refused)?;
    Ok(NewestSessions { sessions: page.items, position })
}

/// The sessions that fit a query.
#[server(prefix = "/fn", endpoint = "sessions", input = GetUrl, output = Json)]
pub(crate) async fn read_sessions(
    // An address cannot carry a query that asks for nothing.
    #[server(default)] query: SessionQuery,
) -> Result<SessionsPage, ApiError> {
    use crate::context;

    let who = context::signed_in().await?;
    let engine = context::engine()?;
    let agents = engine.agents(&who).await.map_err(context::refused)?;
    let agent_id = match query.agent.as_deref() {
        Some(name) => Some(context::agent_named(&agents, name)?),
        None => None,
    };
    let state = context::word(query.state.as_deref())?;
    let state = state.unwrap_or(domain::SessionState::Active);
    let filter = domain::SessionFilter { state, agent_id };
    let position = engine.position().await.map_err(context::refused)?;
    let (limit, cursor) = (domain::Limit::default(), query.cursor.as_deref());
    let found = match query.q.as_deref() {
        Some(q) => engine.search(&who, q, filter, limit, cursor).await.map_err(context::refused)?,
        None => {
            let page = engine.sessions(&who, filter, limit, cursor).await;
            let Page { items, next_cursor } = page.map_err(context::refused)?;
            let bare = |session| Found { session, snippet: Vec::new(), said_at: None };
            Page { items: items.into_iter().map(bare).collect(), next_cursor }
        }
    };
    Ok(SessionsPage { found, agents, position })
}

/// One session, to change it.
#[server(prefix = "/fn", endpoint = "session", input = GetUrl, output = Json)]
pub(crate) async fn read_session(session: String) -> Result<SessionView, ApiError> {
    use crate::context;

    let who = context::signed_in().await?;
    let id = context::id(&session, domain::FaultCode::SessionNotFound)?;
    context::engine()?.session(&who, id).await.map_err(context::refused)
}

/// One session with its newest turns, or those before a cursor.
#[server(prefix = "/fn", endpoint = "chat", input = GetUrl, output = Json)]
pub(crate) async fn read_chat(
    session: String,
    older: Option<String>,
) -> Result<ChatPage, ApiError> {
    use crate::context;

    let who = context::signed_in().await?;
    let engine = context::engine()?;
    let id = context::id(&session, domain::FaultCode::SessionNotFound)?;
    let chat = engine.chat(&who, id, older.as_deref()).await.map_err(context::refused)?;
    let pending = engine.pending(&who, id).await.map_err(context::refused)?;
    Ok(ChatPage { chat, pending, at: engine.now() })
}

/// Sends a message to a session, or begins one with an agent; or does a command.
#[server(prefix = "/fn", endpoint = "send")]
pub(crate) async fn send_message(
    #[server(default)] session: String,
    #[server(default)] agent: String,
    #[server(default)] message: String,
    #[server(default)] example: String,
    #[server(default)] delivery: String,
    // From scripts as they are; files of a form come here as the same.
    #[server(default)] pictures: Vec<PictureUpload>,
) -> Result<Sent, ApiError> {
    use crate::{context, routes};
    use engine::{Said, Submission, Target};

    let text = if example.is_empty() { message } else { example };
    let page = match session.as_str() {
        "" => routes::CHAT.to_owned(),
        id => format!("{}/{id}", routes::CHAT),
    };
    let posted = context::Posted::new("send", &page).typed("message", &text).typed("agent", &agent);
    let mut posted = posted.typed("delivery", &delivery);
    if !pictures.is_empty() {
        // No page can put files back into a form; it can say so.
        posted = posted.typed("picture", "");
    }
    let answer = async {
        let who = context::signed_in().await?;
        let target = if session.is_empty() {
            Target::NewSession { agent: Some(agent).filter(|name| !name.is_empty()) }
        } else {
            Target::Session(context::id(&session, domain::FaultCode::SessionNotFound)?)
        };
        let source = domain::Channel::Dashboard;
        let delivery = context::word(Some(delivery.as_str()).filter(|word| !word.is_empty()))?;
        let delivery = delivery.unwrap_or_default();
        let (message, idempotency) = (text, None);
        let submission = Submission { target, message, pictures, source, delivery, idempotency };
        context::engine()?.say(&who, submission).await.map_err(context::refused)
    };
    let accepted = match posted.settle(answer.await).await? {
        Said::Message(accepted) => accepted,
        Said::Command(reply) => {
            match reply.session_id.filter(|_| reply.leads) {
                Some(id) => context::go(&routes::session(id)),
                None => context::answered("send", &page, &reply).await,
            }
            return Ok(Sent::Command(reply));
        }
    };
    // A new session is another page; an old one is on the screen already.
    let page = routes::session(accepted.session_id);
    if session.is_empty() {
        context::go(&page)
    } else {
        context::stay(&page)
    }
    Ok(Sent::Message(accepted.run_id))
}

/// Gives a session a title.
#[server(prefix = "/fn", endpoint = "rename_session")]
pub(crate) async fn rename_session(
    session: SessionId,
    #[server(default)] title: String,
) -> Result<(), ApiError> {
    use crate::{context, routes};

    let page = routes::session_settings(session);
    let posted = context::Posted::new("rename_session", &page).typed("title", &title);
    let answer = async {
        let who = context::signed_in().await?;
        let engine = context::engine()?;
        engine.change_session(&who, session, Some(&title), None).await.map_err(context::refused)
    };
    posted.settle(answer.await).await?;
    context::stay(&page);
    Ok(())
}

/// Puts a session out of the way, or back.
#[server(prefix = "/fn", endpoint = "archive_session")]
pub(crate) async fn archive_session(
    session: SessionId,
    #[server(default)] archived: bool,
) -> Result<(), ApiError> {
    use crate::{context, routes};

    let page = routes::session_settings(session);
    let posted = context::Posted::new("archive_session", &page);
    let answer = async {
        let who = context::signed_in().await?;
        let engine = context::engine()?;
        engine.change_session(&who, session, None, Some(archived)).await.map_err(context::refused)
    };
    posted.settle(answer.await).await?;
    context::stay(&page);
    Ok(())
}

/// Deletes a session, once the person has said that they mean it.
#[server(prefix = "/fn", endpoint = "delete_session")]
pub(crate) async fn delete_session(
    session: SessionId,
    #[server(default)] sure: String,
) -> Result<(), ApiError> {
    use crate::{context, routes};

    let posted = context::Posted::new("delete_session", routes::session_settings(session));
    let answer = async {
        let who = context::signed_in().await?;
        if sure.is_empty() {
            let sentence = "Tick the box first: what is deleted does not come back.";
            return Err(context::refused(domain::Fault::field("sure", sentence)));
        }
        context::engine()?.delete_session(&who, session).await.map_err(context::refused)
    };
    posted.settle(answer.await).await?;
    context::go(routes::SESSIONS);
    Ok(())
}
