//! The real binary, killed at random moments of runs with tools.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod servers;

use servers::{Program, Server, command, integrity, model, whole};

const KILLS: usize = 50;

/// A small generator (xorshift64*, Marsaglia and Vigna): the moments are random
/// and yet the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) % sides
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_kills_lose_nothing() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (model, violations) = model().await;
    command(&data, &["users", "add", "ada", "--role", "owner"], "correct horse 42\n");
    let token = command(&data, &["token", "test"], "");
    let program = Program { http: reqwest::Client::builder().no_proxy().build().unwrap(), token };
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let mut acknowledged: Vec<(String, String)> = Vec::new();
    let mut sessions: Vec<String> = Vec::new();

    let mut server = Server::start(&data, &model);
    for kill in 0..KILLS {
        let session = sessions.get(dice.roll(4) as usize).cloned();
        let message = format!("message {kill} 那🙂é");
        let run = program.say(&server, &message, session.as_deref()).await;
        let session = run["session_id"].as_str().unwrap_or_else(|| panic!("{run}")).to_owned();
        acknowledged.push((session.clone(), message));
        if !sessions.contains(&session) {
            sessions.push(session);
        }
        program.read(&server, run["id"].as_str().unwrap(), dice.roll(28)).await;
        server.kill();
        server = Server::start(&data, &model);

        let (session, last) = acknowledged.last().unwrap();
        let path = format!("/v1/sessions/{session}/messages?limit=200");
        let messages = program.get(&server, &path).await;
        let said = messages["items"].as_array().unwrap().iter();
        assert_eq!(said.filter(|said| said["content"] == **last).count(), 1, "{messages}");

        let runs = program.get(&server, "/v1/runs?limit=200").await;
        for run in runs["items"].as_array().unwrap() {
            let status = run["status"].as_str().unwrap();
            // At an end, or waiting again; a worker of the new server may have
            // taken a waiting one by now.
            assert!(["done", "interrupted", "queued", "running"].contains(&status), "{run}");
            let events = program
                .get(&server, &format!("/v1/runs/{}/events?limit=200", run["id"].as_str().unwrap()))
                .await;
            if ["done", "interrupted"].contains(&status) {
                whole(&events["events"]);
            }
        }
    }
    // Each session takes the next message, and the model finds nothing wrong.
    for session in &sessions {
        let run = program.say(&server, "and now?", Some(session)).await;
        program.read(&server, run["id"].as_str().unwrap(), u64::MAX).await;
        let run = program.get(&server, &format!("/v1/runs/{}", run["id"].as_str().unwrap())).await;
        assert_eq!(run["status"], "done", "{run}");
    }
    // Nothing hangs: what stood before these messages has ended too.
    let runs = program.get(&server, "/v1/runs?limit=200").await;
    for run in runs["items"].as_array().unwrap() {
        assert!(["done", "interrupted"].contains(&run["status"].as_str().unwrap()), "{run}");
    }
    let mut stored: Vec<(String, String)> = Vec::new();
    for session in &sessions {
        let path = format!("/v1/sessions/{session}/messages?limit=200");
        for message in program.get(&server, &path).await["items"].as_array().unwrap() {
            let content = message["content"].as_str().unwrap().to_owned();
            assert!(!content.contains('\u{FFFD}'), "{content}");
            stored.push((session.clone(), content));
        }
    }
    for said in &acknowledged {
        assert_eq!(stored.iter().filter(|stored| *stored == said).count(), 1, "{said:?}");
    }
    assert_eq!(*violations.lock().unwrap(), Vec::<String>::new());
    server.kill();
    // Every call of every run is on record, and the record is signed to its end.
    let record = command(&data, &["audit", "verify"], "");
    assert!(record.contains("rows are as written"), "{record}");
    assert_eq!(integrity(&data).await, Vec::<String>::new());
}
