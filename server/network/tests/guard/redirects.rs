//! Answers that lead on.

use http::header::{AUTHORIZATION, HeaderValue};
use http::{Method, StatusCode};
use network::{Body, Error, Request, Secrecy, Target};

use crate::support::{Internet, rules, word};

fn to(location: &str) -> String {
    format!("HTTP/1.1 307 Temporary Redirect\r\nlocation: {location}\r\n\r\n")
}

fn two() -> Internet {
    let internet = Internet::default();
    internet.name("a.test", &[&["93.184.215.1"]]);
    internet.name("b.test", &[&["93.184.215.2"]]);
    internet
}

#[tokio::test]
async fn they_are_followed_to_the_end() {
    let internet = two();
    internet.says("93.184.215.1:80", &to("//b.test/x?y#z")).await;
    let seen = internet.says("93.184.215.2:80", "HTTP/1.1 200 OK\r\n\r\nend").await;
    let answer = internet.fetch("http://a.test/").await.unwrap();
    assert_eq!((answer.body.as_slice(), answer.redirects), (&b"end"[..], 1));
    assert_eq!(answer.target.as_str(), "http://b.test/x?y");
    assert!(seen.only().starts_with("get /x?y http/1.1\r\n"));
    assert!(seen.only().contains("\r\nhost: b.test\r\n"));
}

#[tokio::test]
async fn a_circle_ends_after_five() {
    let internet = two();
    let seen = internet.says("93.184.215.1:80", &to("/again")).await;
    assert_eq!(internet.fetch("http://a.test/").await.unwrap_err(), Error::Redirects(5));
    assert_eq!(seen.all().len(), 6);
}

#[tokio::test]
async fn a_host_that_is_not_granted_is_not_gone_to() {
    let internet = two();
    internet.says("93.184.215.1:80", &to("http://b.test/")).await;
    let request = || Request::get(Target::parse("http://a.test/").unwrap());
    for (rules, wanted) in [
        (rules(&["a.test"], &[]), "Redirect NotGranted"),
        (rules(&["*"], &["b.test"]), "Redirect Denied"),
        (rules(&["*"], &["93.184.215.2"]), "Redirect Denied"),
    ] {
        let refused = internet.client().send(request(), &rules).await.unwrap_err();
        assert_eq!(word(&refused), wanted);
    }
    assert!(internet.dialled().iter().all(|to| to == "93.184.215.1:80"));
}

#[tokio::test]
async fn secrets_stay_with_the_origin_they_are_for() {
    let internet = two();
    internet.says("93.184.215.1:80", &to("http://b.test/")).await;
    let seen = internet.says("93.184.215.2:80", "HTTP/1.1 200 OK\r\n\r\n").await;
    let mut request = Request::get(Target::parse("http://a.test/").unwrap());
    request.headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer key"));
    request.headers.insert("x-token", HeaderValue::from_static("key"));
    assert_eq!(internet.send(request.clone()).await.unwrap().status, StatusCode::OK);
    assert!(!seen.only().contains("key"), "{}", seen.only());

    request.method = Method::POST;
    request.body = Body { bytes: "key".into(), secrecy: Secrecy::Secret };
    let refused = internet.send(request).await.unwrap_err();
    assert_eq!(refused, Error::SecretElsewhere("b.test".to_owned()));
    assert_eq!(seen.all().len(), 1);
}
