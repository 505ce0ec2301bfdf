//! The dashboard: everything a person sees, and the server functions behind it.
//!
//! One code renders twice, on the server and in the browser, and both renders
//! must agree. So no view asks a clock, a locale or a random number; what only a
//! browser knows is done in effects.

// The component macro writes public types for components that are not.
#![allow(unreachable_pub)]

mod api;
mod components;
#[cfg(feature = "ssr")]
pub mod context;
mod error;
mod format;
mod live;
mod pages;
mod routes;
mod shell;

pub use error::ApiError;
pub use routes::{CHAT, LOGIN, OVERVIEW, RUNS, SETUP, local, login};
pub use shell::{App, shell};
