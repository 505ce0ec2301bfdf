//! The tools that agents act through, and the registry that calls them.
//!
//! A tool is a Rust type with typed arguments ([`Tool`]); the registry erases
//! the types, so that the engine deals only in names and JSON text. What a call
//! may touch is a [`Room`]: a folder handle, a clock, and where it may, a way to
//! give tasks to other agents ([`Delegate`]), tools to find ([`Shelf`]) and other
//! machines to reach ([`Network`]). No tool here takes an absolute path, starts a
//! process or reads the environment; everything that names a file goes through
//! the handle, and everything that names a host through the guard.

mod agent_message;
mod agent_run;
mod builtin;
mod code_search;
mod delegate;
mod diff;
mod document;
mod dynamic;
mod error;
mod file;
mod fs_append;
mod fs_delete;
mod fs_edit;
mod fs_list;
mod fs_mkdir;
mod fs_move;
mod fs_read;
mod fs_write;
mod glob;
mod http_request;
mod lenient;
mod mode;
mod network;
mod numbered;
mod output;
mod page;
mod place;
mod played;
mod reach;
mod received;
mod reference;
mod registry;
mod room;
mod room_path;
mod schema;
mod shelf;
mod skill;
mod skill_list;
mod skill_read;
mod text;
mod time_now;
mod tool;
mod tool_search;
mod walk;
mod web_fetch;

pub use delegate::Delegate;
pub use domain::ToolClass as Class;
pub use dynamic::{DynamicTool, SetError};
pub use error::ToolError;
pub use mode::Mode;
pub use network::{Network, NoSecret, Secrets};
pub use output::{MAX_CONTENT, MAX_SUMMARY, Origin, Output};
pub use played::Player;
pub use reach::Reach;
pub use registry::Registry;
pub use room::{Clock, Room};
pub use shelf::Shelf;
pub use tool::{Tool, ToolInfo};
pub use tool_search::{TOOL_SEARCH, found_in};
