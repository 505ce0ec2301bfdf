//! How the product talks to language models.
//!
//! One trait, [`Provider`], and one internal form of a request and a stream.
//! Wire formats stay in here: nothing outside this crate knows one.

pub mod demo;
mod known_models;
mod lines;
pub mod openai;
pub mod presets;
mod provider;
mod request;
pub mod scripted;
mod tokens;

pub use known_models::{DEFAULT_WINDOW, KnownModel, Price, known};
pub use provider::{Delta, DeltaStream, LlmError, Provider, Usage};
pub use request::{Image, Message, Request, ToolCall, ToolSpec};
pub use tokens::count_tokens;
