//! A process that is gone keeps nobody waiting.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod servers;

use std::time::{Duration, Instant};

use servers::{HANG, Program, Server, command, model};

#[tokio::test(flavor = "multi_thread")]
async fn another_process_goes_on_within_five_seconds() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (model, _) = model().await;
    command(&data, &["users", "add", "ada", "--role", "owner"], "correct horse 42\n");
    let token = command(&data, &["token", "test"], "");
    let program = Program { http: reqwest::Client::builder().no_proxy().build().unwrap(), token };
    let holder = Server::start(&data, &model);
    let held = program.say(&holder, HANG, None).await;
    let (id, session) = (held["id"].as_str().unwrap(), held["session_id"].as_str().unwrap());
    // Queued, running, a step, its first words: the model has it now.
    program.read(&holder, id, 4).await;
    let other = Server::start(&data, &model);
    holder.kill();
    let begun = Instant::now();
    let next = program.say(&other, "and now?", Some(session)).await;
    assert_eq!(next["status"], "queued", "{next}");
    let next = next["id"].as_str().unwrap();
    program.read(&other, next, u64::MAX).await;
    let took = begun.elapsed();
    let run = program.get(&other, &format!("/v1/runs/{next}")).await;
    assert_eq!(run["status"], "done", "{run}");
    assert!(took < Duration::from_secs(5), "{took:?}");
    let run = program.get(&other, &format!("/v1/runs/{id}")).await;
    assert_eq!(run["status"], "interrupted", "{run}");
    other.kill();
}
