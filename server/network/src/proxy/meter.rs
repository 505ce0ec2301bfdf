//! How much goes through.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::Error;

/// The bytes that are left for all connections of a program.
pub(super) struct Budget {
    all: u64,
    left: AtomicU64,
}

impl Budget {
    pub(super) fn new(all: u64) -> Self {
        Self { all, left: AtomicU64::new(all) }
    }

    /// Refuses where nothing is left.
    pub(super) fn check(&self) -> Result<(), Error> {
        match self.left.load(Ordering::Relaxed) {
            0 => Err(Error::Spent(self.all)),
            _ => Ok(()),
        }
    }

    /// Counts bytes that were moved. What goes over the end is one buffer of
    /// each connection at most.
    fn spend(&self, bytes: usize) {
        let less = |left: u64| Some(left.saturating_sub(bytes as u64));
        // The closure never gives None, so this never fails.
        let _ = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }

    fn open(&self) -> io::Result<()> {
        self.check().map_err(io::Error::other)
    }
}

/// A stream whose bytes are counted, and which breaks when they are spent.
pub(super) struct Metered<S> {
    stream: S,
    budget: Arc<Budget>,
}

impl<S> Metered<S> {
    pub(super) fn new(stream: S, budget: Arc<Budget>) -> Self {
        Self { stream, budget }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Metered<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.budget.open()?;
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        self.budget.spend(buffer.filled().len() - before);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Metered<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.budget.open()?;
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes))?;
        self.budget.spend(written);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn what_is_spent_is_spent_for_all() {
        let budget = Arc::new(Budget::new(10));
        let (near, mut far) = tokio::io::duplex(64);
        let mut first = Metered::new(near, Arc::clone(&budget));
        far.write_all(b"123456").await.unwrap();
        let mut read = [0; 6];
        first.read_exact(&mut read).await.unwrap();
        assert_eq!(budget.check(), Ok(()));

        let (near, _far) = tokio::io::duplex(64);
        let mut second = Metered::new(near, Arc::clone(&budget));
        second.write_all(b"1234").await.unwrap();
        assert_eq!(budget.check(), Err(Error::Spent(10)));
        assert!(second.write_all(b"5").await.is_err());
        far.write_all(b"7").await.unwrap();
        assert!(first.read(&mut read).await.is_err());
    }
}
