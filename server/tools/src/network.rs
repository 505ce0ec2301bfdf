//! Reaching other machines.

use std::sync::Arc;

use async_trait::async_trait;
use domain::ToolErrorCode;
use network::{Client, Error, HostRules, Kind, Target};
use policy::{Host, Touches};
use secrets::SecretText;

use crate::ToolError;

/// What a run may reach, and what with.
#[derive(Clone)]
pub struct Network {
    /// Makes the requests.
    pub client: Client,
    /// The hosts that the run may reach.
    pub hosts: HostRules,
    /// Where the values of secrets come from.
    pub secrets: Arc<dyn Secrets>,
}

/// Gives the values of secrets to the calls that refer to them by name.
#[async_trait]
pub trait Secrets: Send + Sync {
    /// The value of a secret for a host and port. A host is written as in
    /// addresses: lower case, IPv6 in brackets.
    async fn value(&self, name: &str, host: &str, port: u16) -> Result<SecretText, NoSecret>;
}

/// Why there is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoSecret {
    /// The run has no secret of that name.
    Unknown,
    /// The secret may not be sent to that host.
    NotForHost,
    /// It is there and cannot be read now.
    Broken,
}

/// What a call to an address touches. An address that cannot be read leads
/// nowhere.
pub(crate) fn touched(url: &str) -> Touches {
    let mut touches = Touches::nothing();
    if let Ok(target) = Target::parse(url) {
        touches.hosts.push(Host { name: target.host().to_string(), port: target.port() });
    }
    touches
}

/// A request that failed, as the model is told of it.
impl From<Error> for ToolError {
    fn from(error: Error) -> Self {
        let code = match error.kind() {
            Kind::Invalid => ToolErrorCode::InputInvalid,
            Kind::TimedOut => ToolErrorCode::Timeout,
            // What cannot be reached was not let through either.
            Kind::Refused | Kind::Failed => ToolErrorCode::NetworkDenied,
        };
        Self::new(code, error.to_string())
    }
}
