//! The tables as sea-orm sees them. They stay in this crate.

pub(crate) mod agents;
pub(crate) mod form_notes;
pub(crate) mod login_sessions;
pub(crate) mod messages;
pub(crate) mod tokens;
pub(crate) mod users;
