//! The server: it builds everything, puts it behind one port, and owns nothing
//! clever.

pub mod api;
mod assets;
mod auth;
pub mod cli;
mod events;
mod guard;
mod health;
mod multipart;
mod router;
mod size;
mod tabs;

pub use assets::leptos_options;
pub use guard::PublicUrl;
pub use router::{Parts, router};
