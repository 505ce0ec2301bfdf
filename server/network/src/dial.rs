//! From an address to a connection.

use std::io;
use std::net::SocketAddr;

use async_trait::async_trait;
use tokio::net::TcpStream;

/// Makes connections. A trait, so that tests have public addresses answered by
/// servers of their own.
#[async_trait]
pub trait Dial: Send + Sync {
    /// Connects to an address that was checked.
    async fn dial(&self, to: SocketAddr) -> io::Result<TcpStream>;
}

/// Straight there, by no proxy.
pub(crate) struct Direct;

#[async_trait]
impl Dial for Direct {
    async fn dial(&self, to: SocketAddr) -> io::Result<TcpStream> {
        let stream = TcpStream::connect(to).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}
