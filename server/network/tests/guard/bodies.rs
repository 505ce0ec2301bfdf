//! Answers that are too much.

use std::io::Write;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use network::{Error, Kind, Part, Phase, Request, Target};

use crate::support::Internet;

const PUBLIC: &str = "93.184.215.14:80";
const OK: &str = "HTTP/1.1 200 OK\r\n";

fn request() -> Request {
    Request { max_bytes: 100_000, ..Request::get(Target::parse("http://93.184.215.14/").unwrap()) }
}

fn too_large(part: Part, limit: usize) -> Error {
    Error::TooLarge { host: "93.184.215.14".to_owned(), part, limit }
}

#[tokio::test]
async fn an_endless_body_ends() {
    let internet = Internet::default();
    let head = |more: &str| format!("{OK}{more}\r\n").into_bytes();
    for (head, piece) in [
        (head(""), "x".repeat(10_000)),
        (head("transfer-encoding: chunked\r\n"), format!("2710\r\n{}\r\n", "x".repeat(10_000))),
        (head("content-length: 99999999999\r\n"), "x".repeat(10_000)),
    ] {
        let piece = piece.into_bytes();
        internet.server(PUBLIC, move |_| head.clone(), move |_| Some(piece.clone())).await;
        let refused = internet.send(request()).await.unwrap_err();
        assert_eq!(refused, too_large(Part::Body, 100_000));
        assert_eq!(refused.kind(), Kind::Refused);
    }
}

#[tokio::test]
async fn a_body_at_the_limit_is_whole() {
    let internet = Internet::default();
    internet.says(PUBLIC, &format!("{OK}\r\n{}", "x".repeat(100_000))).await;
    assert_eq!(internet.send(request()).await.unwrap().body.len(), 100_000);
    internet.says(PUBLIC, &format!("{OK}\r\n{}", "x".repeat(100_001))).await;
    assert_eq!(internet.send(request()).await.unwrap_err(), too_large(Part::Body, 100_000));
}

#[tokio::test]
async fn a_packed_body_is_measured_unpacked() {
    let internet = Internet::default();
    let packed = |size: usize| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&vec![b'x'; size]).unwrap();
        let mut answer = format!("{OK}content-encoding: gzip\r\n\r\n").into_bytes();
        answer.extend(encoder.finish().unwrap());
        answer
    };
    let (fits, bomb) = (packed(100_000), packed(20_000_000));
    internet.server(PUBLIC, move |_| fits.clone(), |_| None).await;
    assert_eq!(internet.send(request()).await.unwrap().body, [b'x'; 100_000]);
    internet.server(PUBLIC, move |_| bomb.clone(), |_| None).await;
    assert_eq!(internet.send(request()).await.unwrap_err(), too_large(Part::Body, 100_000));

    // Empty members of an archive unpack to nothing, for ever.
    let (head, member) = (format!("{OK}content-encoding: gzip\r\n\r\n"), packed(0));
    let member = member[head.len()..].repeat(100);
    internet.server(PUBLIC, move |_| head.clone().into(), move |_| Some(member.clone())).await;
    assert_eq!(internet.send(request()).await.unwrap_err(), too_large(Part::Body, 100_000));
}

#[tokio::test]
async fn other_ways_to_pack_are_refused() {
    let internet = Internet::default();
    internet.says(PUBLIC, &format!("{OK}content-encoding: br\r\n\r\nxx")).await;
    let refused = internet.send(request()).await.unwrap_err();
    assert!(matches!(&refused, Error::Encoding { encoding, .. } if encoding == "br"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_body_ends_with_the_time() {
    let internet = Internet::default();
    let answer = format!("{OK}content-length: 10\r\n\r\nslow");
    let (stop, wait) = std::sync::mpsc::channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let more = move |_| {
        // Says nothing more until the test is over.
        tokio::task::block_in_place(|| wait.lock().unwrap().recv().is_ok());
        None
    };
    internet.server(PUBLIC, move |_| answer.clone().into(), more).await;
    let time = Duration::from_millis(300);
    let slow = internet.send(Request { time, ..request() }).await.unwrap_err();
    assert!(matches!(slow, Error::TimedOut { phase: Phase::Whole, .. }), "{slow:?}");
    drop(stop);
}

#[tokio::test]
async fn a_huge_head_is_refused() {
    let internet = Internet::default();
    internet.says(PUBLIC, &format!("{OK}x: {}\r\n\r\n", "x".repeat(70_000))).await;
    assert_eq!(internet.send(request()).await.unwrap_err(), too_large(Part::Head, 65536));
    internet.says(PUBLIC, &format!("{OK}{}\r\n", "x: y\r\n".repeat(101))).await;
    assert_eq!(internet.send(request()).await.unwrap_err(), too_large(Part::Head, 65536));
    // And one that never ends.
    let endless = |_| Some(b"x: y\r\n".repeat(1000));
    internet.server(PUBLIC, |_| OK.into(), endless).await;
    assert_eq!(internet.send(request()).await.unwrap_err(), too_large(Part::Head, 65536));
}

#[tokio::test]
async fn what_breaks_off_or_is_no_http_is_no_answer() {
    let internet = Internet::default();
    let broken = Error::Broken("93.184.215.14".to_owned());
    for answer in ["", "220 mail ready\r\n", &format!("{OK}content-length: 10\r\n\r\nxx")] {
        internet.says(PUBLIC, answer).await;
        assert_eq!(internet.send(request()).await.unwrap_err(), broken, "{answer}");
    }
    // A server that speaks no TLS is not spoken to otherwise.
    internet.says("93.184.215.14:443", &format!("{OK}\r\nxx")).await;
    let refused = internet.fetch("https://93.184.215.14/").await.unwrap_err();
    assert!(matches!(refused, Error::Tls { .. }), "{refused:?}");
}
