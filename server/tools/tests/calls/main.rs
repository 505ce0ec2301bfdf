//! Calls through the registry, as the engine makes them.
#![cfg(test)]

mod agents;
mod anywhere;
mod arguments;
mod code_search;
mod dynamic;
mod escape;
mod fs_append;
mod fs_delete;
mod fs_edit;
mod fs_list;
mod fs_mkdir;
mod fs_move;
mod fs_read;
mod fs_write;
mod http_request;
mod outside;
mod preview;
mod skills;
mod support;
mod time_now;
mod tool_search;
mod touches;
mod web_fetch;
