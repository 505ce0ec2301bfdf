//! Reaching other machines for a model, and only those that may be reached.
//!
//! A [`Target`] is an address as a text says it. A [`Guard`] turns it into a
//! [`Checked`] one: the host rules of the agent name it ([`HostRules`]), it was
//! resolved once, and every address of the answer is one that may be reached
//! ([`Judge`]). Connections are made from checked targets only, to the very
//! addresses that were checked, so no later answer of a name server changes
//! where they go. [`Client`] makes requests this way, each redirect anew;
//! [`Proxy`] does the same for a program that is shut in.
//!
//! Wherever there is a doubt, nothing is sent.

mod body;
mod client;
mod dial;
mod error;
mod exchange;
mod guard;
mod hosts;
mod judge;
mod pattern;
mod proxy;
mod range;
mod redirect;
mod request;
mod resolve;
mod target;
mod tls;

pub use client::Client;
pub use dial::Dial;
pub use error::{Error, Kind, Part, Phase};
pub use guard::{Checked, Guard};
pub use hosts::{HostRules, Verdict};
pub use judge::Judge;
pub use pattern::{HostPattern, PatternError, Reach};
pub use proxy::{Decision, Listen, Proxy, Report};
pub use range::Range;
pub use request::{Answer, Body, MAX_BYTES, MAX_REQUEST, MAX_TIME, Request, Secrecy};
pub use resolve::Resolve;
pub use target::{Host, Target};
