//! Names whose answers change, and addresses that nobody answers at.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use async_trait::async_trait;
use network::{Client, Dial, Error, Guard, Judge, Kind, Phase, Request, Resolve, Target};
use tokio::net::TcpStream;

use crate::support::{Internet, rules, word};

#[tokio::test]
async fn the_answer_that_was_checked_is_the_one_that_is_used() {
    let internet = Internet::default();
    internet.name("rebind.test", &[&["93.184.215.14"], &["127.0.0.1"]]);
    internet.says("93.184.215.14:80", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
    let answer = internet.fetch("http://rebind.test/").await.unwrap();
    assert_eq!(answer.body, b"ok");
    assert_eq!(internet.asked(), ["rebind.test"]);
    assert_eq!(internet.dialled(), ["93.184.215.14:80"]);

    // The next request asks anew, and sees through it.
    let refused = internet.fetch("http://rebind.test/").await.unwrap_err();
    assert_eq!(word(&refused), "Loopback");
    assert_eq!(internet.dialled(), ["93.184.215.14:80"]);
}

#[tokio::test]
async fn a_redirect_to_the_same_name_is_resolved_and_checked_anew() {
    let internet = Internet::default();
    internet.name("rebind.test", &[&["93.184.215.14"], &["169.254.169.254"]]);
    internet.says("93.184.215.14:80", "HTTP/1.1 302 Found\r\nlocation: /latest/\r\n\r\n").await;
    let refused = internet.fetch("http://rebind.test/").await.unwrap_err();
    assert_eq!(word(&refused), "Redirect Metadata");
    assert_eq!(internet.dialled(), ["93.184.215.14:80"]);
}

#[tokio::test]
async fn the_next_address_gets_its_turn_and_no_more_than_four() {
    let internet = Internet::default();
    internet.name("two.test", &[&["93.184.215.1", "93.184.215.2"]]);
    internet.says("93.184.215.2:80", "HTTP/1.1 204 No Content\r\n\r\n").await;
    assert_eq!(internet.fetch("http://two.test/").await.unwrap().status, 204);
    assert_eq!(internet.dialled(), ["93.184.215.1:80", "93.184.215.2:80"]);

    let internet = Internet::default();
    internet.name("dead.test", &[&["93.184.215.1"; 9]]);
    let failed = internet.fetch("http://dead.test/").await.unwrap_err();
    assert_eq!(failed, Error::Connect("dead.test".to_owned()));
    assert_eq!(failed.kind(), Kind::Failed);
    assert_eq!(internet.dialled().len(), 4);
}

/// Names that nobody tells, and cables that nobody plugs in.
struct Silent;

#[async_trait]
impl Resolve for Silent {
    async fn resolve(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        std::future::pending().await
    }
}

#[async_trait]
impl Dial for Silent {
    async fn dial(&self, _: SocketAddr) -> io::Result<TcpStream> {
        std::future::pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn silence_ends() {
    let client = Client::over(Guard::over(Arc::new(Silent), Arc::new(Silent), Judge::new(None)));
    let fetch = async |address: &str| {
        let request = Request::get(Target::parse(address).unwrap());
        client.send(request, &rules(&["*"], &[])).await.unwrap_err()
    };
    let name = fetch("http://a.test/").await;
    assert!(matches!(name, Error::TimedOut { phase: Phase::Connection, .. }), "{name:?}");
    assert_eq!(name.kind(), Kind::TimedOut);
    assert_eq!(fetch("http://93.184.215.14/").await, Error::Connect("93.184.215.14".to_owned()));
}
