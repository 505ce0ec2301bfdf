//! Requests for a model.

use std::sync::Arc;

use tokio::time::timeout;

use crate::exchange::{self, timed_out};
use crate::tls::Tls;
use crate::{
    Answer, Error, Guard, HostRules, Judge, MAX_BYTES, MAX_TIME, Phase, Request, redirect,
};

/// The most redirects that are followed.
const REDIRECTS: usize = 5;

/// Makes requests through the guard. Each has a connection of its own, so what
/// one agent may reach is never left open for another. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    guard: Guard,
    tls: Arc<Tls>,
}

impl Client {
    /// A client for the machine's own names and connections, which no
    /// environment variable leads through a proxy.
    pub fn new(judge: Judge) -> Self {
        Self::over(Guard::new(judge))
    }

    /// A client over another guard.
    pub fn over(guard: Guard) -> Self {
        Self { guard, tls: Arc::default() }
    }

    /// The guard, for connections that are no requests.
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    /// Sends a request and reads the whole answer. Each address that a redirect
    /// leads to is checked like the first.
    pub async fn send(&self, mut request: Request, rules: &HostRules) -> Result<Answer, Error> {
        request.check()?;
        request.max_bytes = request.max_bytes.min(MAX_BYTES);
        let (first, time) = (request.target.clone(), request.time.min(MAX_TIME));
        match timeout(time, Box::pin(self.follow(request, rules))).await {
            Ok(answer) => answer,
            Err(_) => Err(timed_out(&first, Phase::Whole, time)),
        }
    }

    async fn follow(&self, mut request: Request, rules: &HostRules) -> Result<Answer, Error> {
        for redirects in 0..=REDIRECTS {
            let sent = exchange::send(&self.guard, &self.tls, rules, &request).await;
            let hop = match sent {
                Err(error) if redirects > 0 => return Err(Error::Redirect(Box::new(error))),
                sent => sent?,
            };
            let to = redirect::target(&request.target, hop.status, &hop.headers)?;
            let Some(to) = to else {
                let (status, headers) = (hop.status, hop.headers.clone());
                let body = hop.read(&request).await?;
                return Ok(Answer { status, headers, target: request.target, body, redirects });
            };
            redirect::follow(&mut request, hop.status, to)?;
        }
        Err(Error::Redirects(REDIRECTS))
    }
}
