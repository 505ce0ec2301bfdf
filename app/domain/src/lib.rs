//! The words of the product as types: ids, states, events, views, and the
//! errors a person may see.
//!
//! This crate is pure. It has no I/O, no async, no clock and no randomness, so
//! the browser and the server compile exactly the same meaning.

mod command;
mod event;
mod fault;
mod form;
mod id;
mod page;
mod run;
mod search;
mod session;
mod text_enum;
mod title;
mod tool_error;
mod transcript;
mod user;

pub use command::{CommandName, CommandReply, SessionLink};
pub use event::{Event, EventKind, FinishReason, LiveEvent, Prose, RunError, RunErrorCode};
pub use fault::{Fault, FaultCode};
pub use form::FormNote;
pub use id::{AgentId, BadId, CallId, MessageId, RunId, SessionId, UserId};
pub use page::{BadLimit, Limit, Page};
pub use run::{BadTransition, Overview, RunFilter, RunStatus, RunView};
pub use search::{Found, SearchText, Segment, Term};
pub use session::{
    AgentView, Channel, ChatView, MessageView, SenderRole, SessionFilter, SessionState, SessionView,
};
pub use text_enum::UnknownWord;
pub use title::{first_title, title_of_exchange};
pub use tool_error::ToolErrorCode;
pub use transcript::{CallResult, CallView, Step, Turn};
pub use user::{NameError, Role, UserName, UserView};

/// A moment in UTC. Zones are kept apart, by IANA name.
pub use jiff::Timestamp;
