//! The proxy of a program that is shut in.

use std::sync::{Arc, Mutex};

use network::{Decision, HostRules, Proxy};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinHandle;

use crate::support::{Internet, rules, word};

/// A proxy on a socket in a folder of its own.
struct Way {
    folder: tempfile::TempDir,
    decisions: Arc<Mutex<Vec<Decision>>>,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Way {
    fn out(internet: &Internet, rules: HostRules) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join("proxy")).unwrap();
        let decisions = Arc::<Mutex<Vec<Decision>>>::default();
        let kept = Arc::clone(&decisions);
        let report = Arc::new(move |decision| kept.lock().unwrap().push(decision));
        let proxy = Proxy::new(internet.client().guard().clone(), rules, report);
        Self { folder, decisions, serving: tokio::spawn(proxy.serve(listener)) }
    }

    async fn connect(&self) -> UnixStream {
        UnixStream::connect(self.folder.path().join("proxy")).await.unwrap()
    }

    /// Says something and hears all that comes back.
    async fn say(&self, text: &str) -> String {
        let mut stream = self.connect().await;
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut heard = Vec::new();
        // A server may cut a connection that still holds what nobody read.
        let _ = stream.read_to_end(&mut heard).await;
        String::from_utf8(heard).unwrap()
    }

    /// What was wanted, and what came of it.
    fn decisions(&self) -> Vec<(String, String)> {
        let decisions = std::mem::take(&mut *self.decisions.lock().unwrap());
        let told = |decision: Decision| {
            let outcome = decision.outcome.map_or_else(|e| word(&e), |()| "open".to_owned());
            (decision.wanted, outcome)
        };
        decisions.into_iter().map(told).collect()
    }
}

fn pair(wanted: &str, outcome: &str) -> (String, String) {
    (wanted.to_owned(), outcome.to_owned())
}

fn internet() -> Internet {
    let internet = Internet::default();
    internet.name("a.test", &[&["93.184.215.1"], &["127.0.0.1"]]);
    internet.name("inside.test", &[&["10.0.0.1"]]);
    internet
}

#[tokio::test]
async fn a_plain_request_goes_on_to_the_host_that_was_checked() {
    let internet = internet();
    let seen = internet
        .says("93.184.215.1:80", "HTTP/1.1 200 OK\r\nkeep-alive: x\r\nx-own: y\r\n\r\nhello")
        .await;
    let way = Way::out(&internet, rules(&["a.test"], &[]));
    let heard = way
        .say(
            "POST http://A.test/p?q HTTP/1.1\r\nHost: inside.test\r\nProxy-Authorization: k\r\n\
             Connection: x-hop\r\nX-Hop: 1\r\nX-End: 2\r\nContent-Length: 4\r\n\r\nbody",
        )
        .await;
    assert!(heard.starts_with("HTTP/1.1 200 OK\r\n") && heard.contains("\r\nhello\r\n"), "{heard}");
    assert!(heard.contains("x-own: y") && !heard.contains("keep-alive"), "{heard}");
    let seen = seen.only();
    assert!(seen.starts_with("post /p?q http/1.1\r\n") && seen.ends_with("\r\n\r\nbody"), "{seen}");
    assert!(seen.contains("\r\nhost: a.test\r\n") && seen.contains("x-end: 2"), "{seen}");
    for gone in ["proxy-authorization", "x-hop", "inside.test"] {
        assert!(!seen.contains(gone), "{seen}");
    }
    assert_eq!(way.decisions(), [pair("a.test:80", "open")]);
}

#[tokio::test]
async fn a_tunnel_carries_bytes_both_ways() {
    let internet = internet();
    let seen = internet.says("93.184.215.1:443", "pong").await;
    let way = Way::out(&internet, rules(&["a.test"], &[]));
    let mut stream = way.connect().await;
    stream.write_all(b"CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n").await.unwrap();
    let mut head = [0; 12];
    stream.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 200");
    stream.write_all(b"ping\r\n\r\n").await.unwrap();
    let mut heard = String::new();
    stream.read_to_string(&mut heard).await.unwrap();
    assert!(heard.ends_with("\r\n\r\npong"), "{heard}");
    assert_eq!(seen.only(), "ping\r\n\r\n");
    assert_eq!(way.decisions(), [pair("a.test:443", "open")]);
    assert_eq!(internet.dialled(), ["93.184.215.1:443"]);

    // The name has changed its answer since.
    let heard = way.say("CONNECT a.test:443 HTTP/1.1\r\n\r\n").await;
    assert!(heard.starts_with("HTTP/1.1 403 "), "{heard}");
    assert_eq!(way.decisions(), [pair("a.test:443", "Loopback")]);
}

#[tokio::test]
async fn what_is_not_open_is_refused_with_a_sentence() {
    let internet = internet();
    let way = Way::out(&internet, rules(&["*", "*:8080"], &["closed.test"]));
    for (wish, wanted, outcome, status) in [
        ("CONNECT inside.test:443", "inside.test:443", "Private", 403),
        ("CONNECT 127.0.0.1:443", "127.0.0.1:443", "Loopback", 403),
        ("CONNECT 127.0.0.1:8080", "127.0.0.1:8080", "OwnPort", 403),
        ("CONNECT [::ffff:10.0.0.1]:443", "[::ffff:10.0.0.1]:443", "Mapped", 403),
        ("CONNECT closed.test:443", "closed.test:443", "Denied", 403),
        ("CONNECT a.test:22", "a.test:22", "NotGranted", 403),
        ("CONNECT unknown.test:443", "unknown.test:443", "Dns", 403),
        ("CONNECT a.test:443", "a.test:443", "Connect", 502),
        ("GET http://169.254.169.254/latest/", "169.254.169.254:80", "Metadata", 403),
        ("GET http://2130706433/", "127.0.0.1:80", "Loopback", 403),
        ("GET https://a.test/", "https", "NoAddress", 400),
        ("GET /", "something unreadable", "NoAddress", 400),
        ("GET ftp://a.test/", "ftp", "Scheme", 403),
    ] {
        let heard = way.say(&format!("{wish} HTTP/1.1\r\nHost: a.test\r\n\r\n")).await;
        assert!(heard.starts_with(&format!("HTTP/1.1 {status} ")), "{wish}: {heard}");
        assert!(heard.ends_with(".\n"), "{wish}: {heard}");
        assert_eq!(way.decisions(), [pair(wanted, outcome)], "{wish}");
    }
    assert_eq!(internet.dialled(), ["93.184.215.1:443"]);
}

#[tokio::test]
async fn a_connection_carries_one_request() {
    let internet = internet();
    let seen = internet.says("93.184.215.1:80", "HTTP/1.1 204 No Content\r\n\r\n").await;
    let way = Way::out(&internet, rules(&["*"], &[]));
    let one = "GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n";
    way.say(&format!("{one}{one}")).await;
    assert_eq!(seen.all().len(), 1);
    // Two lengths of one body are two readings of one request.
    let heard = way
        .say("POST http://a.test/ HTTP/1.1\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nbody!")
        .await;
    assert!(heard.starts_with("HTTP/1.1 400 "), "{heard}");
}

#[tokio::test]
async fn thirty_two_at_once_and_the_next_waits() {
    let internet = internet();
    internet.says("93.184.215.1:80", "HTTP/1.1 204 No Content\r\n\r\n").await;
    let way = Way::out(&internet, rules(&["93.184.215.1"], &[]));
    let mut holding = Vec::new();
    for _ in 0..32 {
        let mut stream = way.connect().await;
        stream.write_all(b"CONNECT 93.184.215.1:80 HTTP/1.1\r\n\r\n").await.unwrap();
        stream.read_exact(&mut [0; 12]).await.unwrap();
        holding.push(stream);
    }
    let mut next = way.connect().await;
    next.write_all(b"CONNECT 93.184.215.1:80 HTTP/1.1\r\n\r\n").await.unwrap();
    let mut heard = [0; 12];
    tokio::select! {
        biased;
        _ = next.read_exact(&mut heard) => panic!("a place too many"),
        () = async { for _ in 0..1000 { tokio::task::yield_now().await; } } => {}
    }
    assert_eq!(way.decisions().len(), 32);
    holding.pop();
    next.read_exact(&mut heard).await.unwrap();
    assert_eq!(&heard, b"HTTP/1.1 200");
}

#[tokio::test]
async fn when_the_program_ends_so_does_every_connection() {
    let internet = internet();
    internet.says("93.184.215.1:80", "").await;
    let way = Way::out(&internet, rules(&["*"], &[]));
    let mut stream = way.connect().await;
    stream.write_all(b"CONNECT a.test:80 HTTP/1.1\r\n\r\n").await.unwrap();
    stream.read_exact(&mut [0; 12]).await.unwrap();
    way.serving.abort();
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest).await;
}
