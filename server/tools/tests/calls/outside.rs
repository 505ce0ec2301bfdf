//! Another machine, played by a listener on loopback: the guard sees a public
//! address and one of one's own network, both of which lead there.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use network::{Client, Dial, Guard, HostRules, Judge, Resolve};
use secrets::SecretText;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tools::{Network, NoSecret, Secrets};

/// The machine, and what it was sent.
#[derive(Clone)]
pub(crate) struct Outside {
    here: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Outside {
    /// A machine that answers with these bytes, whoever asks.
    pub(crate) async fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::with(move |_| answer.clone()).await
    }

    /// A machine whose answer depends on what it was sent.
    pub(crate) async fn with(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = listener.local_addr().unwrap();
        let outside = Self { here, seen: Arc::default(), asked: Arc::default() };
        let seen = Arc::clone(&outside.seen);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let request = read(&mut stream).await;
                seen.lock().unwrap().push(request.clone());
                stream.write_all(&answer(&request)).await.unwrap();
            }
        });
        outside
    }

    /// A machine that takes connections and says nothing.
    pub(crate) async fn silent() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let mut kept = Vec::new();
            while let Ok(connection) = listener.accept().await {
                kept.push(connection);
            }
        });
        Self { here, seen: Arc::default(), asked: Arc::default() }
    }

    /// A page with this body.
    pub(crate) async fn page(html: &str) -> Self {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n";
        Self::answering(format!("{head}{html}")).await
    }

    /// What a run may reach here: `a.test`, and `api.lan` with its secret.
    pub(crate) fn network(&self) -> Arc<Network> {
        let (names, cables) = (Arc::new(self.clone()), Arc::new(self.clone()));
        let rules = ["a.test", "b.test", "private:api.lan", "private:other.lan"];
        Arc::new(Network {
            client: Client::over(Guard::over(names, cables, Judge::new(None))),
            hosts: HostRules::new(rules.map(|rule| rule.parse().unwrap()).into(), Vec::new()),
            secrets: Arc::new(self.clone()),
        })
    }

    /// The only request.
    pub(crate) fn seen(&self) -> String {
        let seen = self.seen.lock().unwrap();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen[0].clone()
    }

    /// Whether nobody ever came.
    pub(crate) fn is_untouched(&self) -> bool {
        self.seen.lock().unwrap().is_empty()
    }

    /// The secrets that were looked up.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn read(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    loop {
        let mut piece = [0; 4096];
        let length = stream.read(&mut piece).await.unwrap();
        request.extend_from_slice(&piece[..length]);
        let text = String::from_utf8_lossy(&request).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            assert_ne!(length, 0, "{text}");
            continue;
        };
        let wanted = head.to_lowercase();
        let wanted = wanted
            .split("content-length: ")
            .nth(1)
            .map_or(0, |rest| rest.split("\r\n").next().unwrap().parse().unwrap());
        if body.len() >= wanted {
            return text;
        }
    }
}

#[async_trait]
impl Resolve for Outside {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let address = if name.ends_with(".lan") { "192.168.1.20" } else { "93.184.215.14" };
        Ok(vec![address.parse().unwrap()])
    }
}

#[async_trait]
impl Dial for Outside {
    async fn dial(&self, _: SocketAddr) -> io::Result<TcpStream> {
        TcpStream::connect(self.here).await
    }
}

/// The value of the one secret.
pub(crate) const VALUE: &str = "k3y-of-\"quotes\"-and-more";

#[async_trait]
impl Secrets for Outside {
    async fn value(&self, name: &str, host: &str, port: u16) -> Result<SecretText, NoSecret> {
        self.asked.lock().unwrap().push(format!("{name} for {host}:{port}"));
        match (name, host) {
            ("api/key", "api.lan" | "a.test") => Ok(SecretText::new(VALUE.to_owned())),
            ("api/key", _) => Err(NoSecret::NotForHost),
            _ => Err(NoSecret::Unknown),
        }
    }
}
