//! What was refused or went wrong, and why.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use crate::{HostPattern, Range};

/// Why there is no answer. The sentence is fit for a person and for a model: it
/// names hosts and addresses, never a path, a query, a header or a body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The text is no address.
    #[error("This is no address that can be fetched: {0}.")]
    NoAddress(String),
    /// A scheme other than http and https.
    #[error("`{0}:` addresses are not fetched, only http and https.")]
    Scheme(String),
    /// A name or password stands before the host.
    #[error("An address with a name or password before the host is not fetched; leave it out.")]
    UserInfo,
    /// The host is none that a name server could know.
    #[error("`{0}` is no proper host name.")]
    HostName(String),
    /// A header that is the client's own business.
    #[error("The header `{0}` is set by the client itself; leave it out.")]
    Header(String),
    /// The request itself is too large.
    #[error("The request is larger than {0} bytes.")]
    RequestTooLarge(usize),
    /// No rule opens the host.
    #[error("`{host}` at port {port} is not among the hosts that may be reached.")]
    NotGranted {
        /// The host.
        host: String,
        /// The port.
        port: u16,
    },
    /// A rule closes the host.
    #[error("`{host}` at port {port} is closed by the rule `{rule}`.")]
    Denied {
        /// The host.
        host: String,
        /// The port.
        port: u16,
        /// The rule that closes it.
        rule: Box<HostPattern>,
    },
    /// An address that may not be reached.
    #[error("`{host}` leads to {address}, which is {range}. It is not reached.")]
    Address {
        /// The host as it was named.
        host: String,
        /// The address that it leads to.
        address: IpAddr,
        /// What kind of address that is.
        range: Range,
    },
    /// The product itself.
    #[error("`{host}` at port {port} is this server itself. It is not reached.")]
    OwnPort {
        /// The host as it was named.
        host: String,
        /// The port.
        port: u16,
    },
    /// A redirect that is not followed.
    #[error("The answer leads on to another address, which is not followed: {0}")]
    Redirect(Box<Error>),
    /// More redirects than are followed.
    #[error("The answer leads on to another address more than {0} times.")]
    Redirects(usize),
    /// A redirect would carry a secret to where it does not belong.
    #[error("The answer leads on to `{0}`, and the request holds a secret that is not for it.")]
    SecretElsewhere(String),
    /// The host has no address, or nobody knows.
    #[error("There is no address to be had for `{0}`.")]
    Dns(String),
    /// Nobody takes the connection.
    #[error("No connection to `{0}` could be made.")]
    Connect(String),
    /// The other side could not prove who it is.
    #[error("No secure connection to `{host}` could be made: {reason}.")]
    Tls {
        /// The host.
        host: String,
        /// What is wrong.
        reason: String,
    },
    /// It took too long.
    #[error("`{host}` took too long: {phase} was not done within {} ms.", after.as_millis())]
    TimedOut {
        /// The host.
        host: String,
        /// What was being done.
        phase: Phase,
        /// The time it had.
        after: Duration,
    },
    /// More than is taken.
    #[error("{part} of `{host}` is larger than {limit} bytes.")]
    TooLarge {
        /// The host.
        host: String,
        /// What is too large.
        part: Part,
        /// The most that is taken, in bytes.
        limit: usize,
    },
    /// The body is packed in a way that is not read.
    #[error("`{host}` answers in the encoding `{encoding}`, which was not asked for.")]
    Encoding {
        /// The host.
        host: String,
        /// What the answer says.
        encoding: String,
    },
    /// A program has moved all that it may.
    #[error("More than {0} bytes were moved; nothing more goes through.")]
    Spent(u64),
    /// The answer breaks the rules of HTTP, or broke off.
    #[error("The answer of `{0}` is broken or broke off.")]
    Broken(String),
}

/// What an error means for who asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The request is wrong; a better one may do.
    Invalid,
    /// The guard does not let it through.
    Refused,
    /// It took too long.
    TimedOut,
    /// It was let through and failed.
    Failed,
}

impl Error {
    /// What it means for who asked.
    pub fn kind(&self) -> Kind {
        match self {
            Self::NoAddress(_) | Self::Header(_) | Self::RequestTooLarge(_) => Kind::Invalid,
            Self::Scheme(_)
            | Self::UserInfo
            | Self::HostName(_)
            | Self::NotGranted { .. }
            | Self::Denied { .. }
            | Self::Address { .. }
            | Self::OwnPort { .. }
            | Self::Redirects(_)
            | Self::SecretElsewhere(_)
            | Self::TooLarge { .. }
            | Self::Encoding { .. }
            | Self::Spent(_)
            // Who cannot be judged is not reached.
            | Self::Dns(_) => Kind::Refused,
            Self::Redirect(why) => match why.kind() {
                // Another server's fault, not the caller's.
                Kind::Invalid => Kind::Refused,
                kind => kind,
            },
            Self::TimedOut { .. } => Kind::TimedOut,
            Self::Connect(_) | Self::Tls { .. } | Self::Broken(_) => Kind::Failed,
        }
    }
}

/// What took too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The connection.
    Connection,
    /// The whole of the request.
    Whole,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connection => "the connection",
            Self::Whole => "the request",
        })
    }
}

/// What is too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Status and headers.
    Head,
    /// The body, unpacked.
    Body,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Head => "The head of the answer",
            Self::Body => "The answer",
        })
    }
}
