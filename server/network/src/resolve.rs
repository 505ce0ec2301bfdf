//! From names to addresses.

use std::io;
use std::net::IpAddr;

use async_trait::async_trait;

/// Tells the addresses of a name. A trait, so that tests give answers that
/// change.
#[async_trait]
pub trait Resolve: Send + Sync {
    /// All addresses of a name, in the order to try them.
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// The machine's own way: its hosts file, its name servers.
pub(crate) struct System;

#[async_trait]
impl Resolve for System {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let found = tokio::net::lookup_host((name, 0)).await?;
        Ok(found.map(|address| address.ip()).collect())
    }
}
