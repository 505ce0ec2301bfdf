//! From a target to a connection, with everything checked in between.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::dial::Direct;
use crate::resolve::System;
use crate::{Dial, Error, Host, HostRules, Judge, Phase, Reach, Resolve, Target};

/// How long a name and a connection may take together.
pub(crate) const CONNECT: Duration = Duration::from_secs(10);

/// How long one of a host's addresses may take, so that the next gets its turn.
const ONE: Duration = Duration::from_secs(4);

/// The most addresses that a name may have. A name with more cannot be checked
/// whole, so it is refused.
const ADDRESSES: usize = 64;

/// How many of a host's addresses are tried.
const TRIES: usize = 4;

/// The one way out.
#[derive(Clone)]
pub struct Guard {
    resolver: Arc<dyn Resolve>,
    dialer: Arc<dyn Dial>,
    judge: Judge,
}

/// A target that may be reached, and the addresses at which it may be. Only a
/// [`Guard`] makes one, and only from one can a connection be made.
#[derive(Debug)]
pub struct Checked<'t> {
    target: &'t Target,
    addresses: Vec<SocketAddr>,
    reach: Reach,
}

impl Guard {
    /// A guard over the machine's own names and connections.
    pub fn new(judge: Judge) -> Self {
        Self::over(Arc::new(System), Arc::new(Direct), judge)
    }

    /// A guard over other names and connections.
    pub fn over(resolver: Arc<dyn Resolve>, dialer: Arc<dyn Dial>, judge: Judge) -> Self {
        Self { resolver, dialer, judge }
    }

    /// Checks a target: the rules, then the name, once, then every address that
    /// it has. One bad address among good ones refuses them all, for it means
    /// that somebody is trying.
    pub async fn check<'t>(
        &self,
        target: &'t Target,
        rules: &HostRules,
    ) -> Result<Checked<'t>, Error> {
        let reach = rules.reach(target)?;
        let unknown = || Error::Dns(target.host().to_string());
        let found = match target.host() {
            Host::Ip(address) => vec![*address],
            Host::Name(name) => self.resolver.resolve(name).await.map_err(|_| unknown())?,
        };
        if found.is_empty() || found.len() > ADDRESSES {
            return Err(unknown());
        }
        let mut addresses = Vec::with_capacity(found.len());
        for ip in found {
            let address = SocketAddr::new(ip, target.port());
            if let Some(rule) = rules.closed(ip, target.port()) {
                let (host, rule) = (target.host().to_string(), Box::new(rule.clone()));
                return Err(Error::Denied { host, port: target.port(), rule });
            }
            self.judge.check(target.host(), address, reach)?;
            addresses.push(address);
        }
        Ok(Checked { target, addresses, reach })
    }

    /// Connects to the first of the checked addresses that answers.
    pub async fn connect(&self, checked: &Checked<'_>) -> Result<TcpStream, Error> {
        for address in checked.addresses.iter().take(TRIES) {
            if let Ok(Ok(stream)) = timeout(ONE, self.dialer.dial(*address)).await {
                return Ok(stream);
            }
        }
        Err(Error::Connect(checked.target.host().to_string()))
    }

    /// Checks and connects, in the time that there is for both.
    pub(crate) async fn open(
        &self,
        target: &Target,
        rules: &HostRules,
    ) -> Result<(TcpStream, Reach), Error> {
        let opened = timeout(CONNECT, async {
            let checked = self.check(target, rules).await?;
            Ok((self.connect(&checked).await?, checked.reach))
        });
        opened.await.unwrap_or_else(|_| {
            let host = target.host().to_string();
            Err(Error::TimedOut { host, phase: Phase::Connection, after: CONNECT })
        })
    }
}
