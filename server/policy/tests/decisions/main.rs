//! What becomes of calls, as those who decide and those who are asked see it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod explained;
mod forbidden;
mod grants;
mod remembered;
mod scripts;
mod support;
mod tainted;
mod unattended;
