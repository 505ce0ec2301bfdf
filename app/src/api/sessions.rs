//! Conversations: their list, one of them, and sending a message.

use domain::{ChatView, Page, RunId, SessionId, SessionView, Timestamp};
use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use crate::ApiError;

/// One conversation, as it was at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ChatPage {
    /// What was said and done.
    pub chat: ChatView,
    /// When this was read; running times count from here.
    pub at: Timestamp,
}

/// A message that was taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sent {
    /// The run that works on it.
    pub run_id: RunId,
    /// The session it belongs to.
    pub session_id: SessionId,
}

/// This person's newest sessions.
#[server(prefix = "/fn", endpoint = "sessions", input = GetUrl, output = Json)]
pub(crate) async fn read_sessions() -> Result<Page<SessionView>, ApiError> {
    use crate::context;

    let who = context::signed_in().await?;
    let limit = domain::Limit::default();
    context::engine()?.sessions(&who, limit, None).await.map_err(context::refused)
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
    Ok(ChatPage { chat, at: engine.now() })
}

/// Sends a message to a session, or begins one with an agent.
#[server(prefix = "/fn", endpoint = "send")]
pub(crate) async fn send_message(
    #[server(default)] session: String,
    #[server(default)] agent: String,
    #[server(default)] message: String,
    #[server(default)] example: String,
) -> Result<Sent, ApiError> {
    use crate::{context, routes};
    use engine::{Submission, Target};

    let text = if example.is_empty() { message } else { example };
    let page = match session.as_str() {
        "" => routes::CHAT.to_owned(),
        id => format!("{}/{id}", routes::CHAT),
    };
    let posted = context::Posted::new("send", page).typed("message", &text).typed("agent", &agent);
    let answer = async {
        let who = context::signed_in().await?;
        let target = if session.is_empty() {
            Target::NewSession { agent: Some(agent).filter(|name| !name.is_empty()) }
        } else {
            Target::Session(context::id(&session, domain::FaultCode::SessionNotFound)?)
        };
        let source = domain::Channel::Dashboard;
        let submission = Submission { target, message: text, source, idempotency: None };
        context::engine()?.submit(&who, submission).await.map_err(context::refused)
    };
    let accepted = posted.settle(answer.await).await?;
    // A new session is another page; an old one is on the screen already.
    let page = routes::session(accepted.session_id);
    if session.is_empty() {
        context::go(&page)
    } else {
        context::stay(&page)
    }
    Ok(Sent { run_id: accepted.run_id, session_id: accepted.session_id })
}
