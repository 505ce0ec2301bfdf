//! How much the first request of a new agent sends.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod house;

use engine::{KeyDraft, ProviderDraft};
use house::house;
use llm::scripted::Scripted;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// The body of the next request to a listener, which is refused.
async fn body(listener: &TcpListener) -> String {
    let (mut socket, _) = listener.accept().await.unwrap();
    let mut bytes = Vec::new();
    loop {
        assert_ne!(socket.read_buf(&mut bytes).await.unwrap(), 0);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length").then(|| value.parse::<usize>().unwrap())
        });
        if body.len() >= length.unwrap() {
            let answer = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\n{}";
            socket.write_all(answer).await.unwrap();
            return body.to_owned();
        }
    }
}

#[tokio::test]
async fn the_first_prompt_of_a_new_agent_is_small() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let house = house(Scripted::new([])).await;
    let draft = ProviderDraft {
        preset: "custom".into(),
        form: String::new(),
        base_url: format!("http://{}/v1", listener.local_addr().unwrap()),
        key: KeyDraft::Keep,
    };
    house.engine.add_provider(&house.who, "near", draft).await.unwrap();
    let view = house.engine.settings(&house.who).await.unwrap();
    let mut settings = view.settings;
    settings.default_model = Some("near/x".into());
    house.engine.change_settings(&house.who, &view.etag, settings).await.unwrap();
    let run = house.ask("ping").await;
    let body = body(&listener).await;
    house.end(run.run_id).await;
    assert!(body.contains("ping") && body.contains("fs_read"), "{body}");
    assert!(body.len() < 12_000, "{} bytes", body.len());
}
