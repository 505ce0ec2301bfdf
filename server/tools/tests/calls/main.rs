//! Calls through the registry, as the engine makes them.
#![cfg(test)]

mod agents;
mod arguments;
mod escape;
mod fs_list;
mod fs_read;
mod fs_write;
mod http_request;
mod outside;
mod support;
mod time_now;
mod web_fetch;
