//! The pages, one file for each.

mod agent;
mod agents;
mod approvals;
mod audit;
mod chat;
mod document;
mod health;
mod help;
mod login;
mod not_found;
mod overview;
mod provider;
mod run;
mod runs;
mod session_settings;
mod sessions;
mod settings;
mod setup;

pub(crate) use agent::{Agent, NewAgent};
pub(crate) use agents::Agents;
pub(crate) use approvals::Approvals;
pub(crate) use audit::Audit;
pub(crate) use chat::{Chat, LiveFrame, NewChat};
pub(crate) use document::Document;
pub(crate) use health::Health;
pub(crate) use help::Help;
pub(crate) use login::Login;
pub(crate) use not_found::NotFound;
pub(crate) use overview::Overview;
pub(crate) use provider::{NewProvider, Provider};
pub(crate) use run::Run;
pub(crate) use runs::Runs;
pub(crate) use session_settings::SessionSettings;
pub(crate) use sessions::Sessions;
pub(crate) use settings::Settings;
pub(crate) use setup::Setup;
