//! The tools that agents act through, and the registry that calls them.
//!
//! A tool is a Rust type with typed arguments ([`Tool`]); the registry erases
//! the types, so that the engine deals only in names and JSON text. What a call
//! may touch is a [`Room`]: a folder handle, a clock, and where it may, a way to
//! give tasks to other agents ([`Delegate`]). No tool here takes an
//! absolute path, starts a process, reaches the network or reads the
//! environment, and everything that names a file goes through the handle.

mod agent_message;
mod agent_run;
mod delegate;
mod error;
mod file;
mod fs_list;
mod fs_read;
mod fs_write;
mod lenient;
mod output;
mod played;
mod registry;
mod room;
mod room_path;
mod schema;
mod text;
mod time_now;
mod tool;

pub use delegate::Delegate;
pub use domain::ToolClass as Class;
pub use error::ToolError;
pub use output::{MAX_CONTENT, MAX_SUMMARY, Output};
pub use played::Player;
pub use registry::Registry;
pub use room::{Clock, Room};
pub use tool::{Tool, ToolInfo};
