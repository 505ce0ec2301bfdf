//! How the product talks to language models.
//!
//! One trait, [`Provider`], and one internal form of a request and a stream.
//! Wire formats stay in here: nothing outside this crate knows one.

mod anthropic;
pub mod demo;
mod gemini;
mod known_models;
mod ollama;
pub mod openai;
pub mod presets;
mod provider;
pub mod reading;
mod request;
mod responses;
pub mod scripted;
mod tokens;
mod wire;

pub use known_models::{DEFAULT_WINDOW, KnownModel, Price, Sight, known};
pub use provider::{Delta, DeltaStream, LlmError, Provider, Usage};
pub use request::{Image, Message, Request, ToolCall, ToolSpec};
pub use tokens::count_tokens;
pub use wire::{Address, CheckError, SetupError, connect, list_models};
