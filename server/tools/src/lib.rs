//! The tools that agents act through, and the registry that calls them.
//!
//! A tool is a Rust type with typed arguments ([`Tool`]); the registry erases
//! the types, so that the engine deals only in names and JSON text. What a call
//! may touch is a [`Room`]: a folder handle, a clock, and where it may, a way to
//! give tasks to other agents ([`Delegate`]) and other machines to reach
//! ([`Network`]). No tool here takes an absolute path, starts a process or reads
//! the environment; everything that names a file goes through the handle, and
//! everything that names a host through the guard.

mod agent_message;
mod agent_run;
mod class;
mod delegate;
mod error;
mod file;
mod fs_list;
mod fs_read;
mod fs_write;
mod http_request;
mod lenient;
mod network;
mod output;
mod page;
mod played;
mod received;
mod reference;
mod registry;
mod room;
mod room_path;
mod schema;
mod text;
mod time_now;
mod tool;
mod web_fetch;

pub use class::Class;
pub use delegate::Delegate;
pub use error::ToolError;
pub use network::{Network, NoSecret, Secrets};
pub use output::{MAX_CONTENT, MAX_SUMMARY, Origin, Output};
pub use played::Player;
pub use registry::Registry;
pub use room::{Clock, Room};
pub use tool::{Tool, ToolInfo};
