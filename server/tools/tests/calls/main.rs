//! Calls through the registry, as the engine makes them.
#![cfg(test)]

mod agents;
mod arguments;
mod escape;
mod fs_list;
mod fs_read;
mod fs_write;
mod support;
mod time_now;
mod touches;
