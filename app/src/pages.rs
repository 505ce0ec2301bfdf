//! The pages, one file for each.

mod chat;
mod login;
mod not_found;
mod overview;
mod run;
mod runs;
mod session_settings;
mod sessions;
mod setup;

pub(crate) use chat::{Chat, LiveFrame, NewChat};
pub(crate) use login::Login;
pub(crate) use not_found::NotFound;
pub(crate) use overview::Overview;
pub(crate) use run::Run;
pub(crate) use runs::Runs;
pub(crate) use session_settings::SessionSettings;
pub(crate) use sessions::Sessions;
pub(crate) use setup::Setup;
