//! Two servers on one database share its queue, and either serves any stream.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod servers;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;
use servers::{Program, Server, command, model, whole};
use tokio::sync::Notify;

const RUNS: usize = 40;

/// One server is killed once its readers have seen this many events: by then
/// some runs have ended, some work, and most still wait.
const EVENTS_BEFORE_THE_KILL: usize = 200;

/// A reader of one run's stream, which goes on elsewhere when it is cut.
struct Reader {
    run: String,
    seen: Vec<u64>,
}

impl Reader {
    /// Reads on from the last event; whether the stream ended by itself.
    async fn read(&mut self, program: &Program, server: &str, on_event: impl Fn()) -> bool {
        let url = format!("{server}/v1/runs/{}/events", self.run);
        let mut request = program.http.get(url).bearer_auth(&program.token);
        request = request.header("accept", "text/event-stream");
        if let Some(last) = self.seen.last() {
            request = request.header("last-event-id", last.to_string());
        }
        let Ok(mut stream) = request.send().await else { return false };
        assert_eq!(stream.status(), 200);
        let mut text = Vec::new();
        loop {
            match stream.chunk().await {
                Ok(Some(chunk)) => text.extend_from_slice(&chunk),
                Ok(None) => return true,
                Err(_) => return false,
            }
            // An event counts once it is whole.
            while let Some(end) = text.windows(2).position(|bytes| bytes == b"\n\n") {
                let event: Vec<u8> = text.drain(..end + 2).collect();
                let event = String::from_utf8(event).unwrap();
                if let Some(id) = event.lines().find_map(|line| line.strip_prefix("id:")) {
                    self.seen.push(id.trim().parse().unwrap());
                    on_event();
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_is_killed_in_the_middle_of_forty_runs() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (model, violations) = model().await;
    command(&data, &["users", "add", "ada", "--role", "owner"], "correct horse 42\n");
    let token = command(&data, &["token", "test"], "");
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let program = Arc::new(Program { http, token });
    let (first, second) = (Server::start(&data, &model), Server::start(&data, &model));

    let mut readers = Vec::new();
    for n in 0..RUNS {
        let server = if n % 2 == 0 { &first } else { &second };
        let run = program.say(server, &format!("message {n}"), None).await;
        let run = run["id"].as_str().unwrap_or_else(|| panic!("{run}")).to_owned();
        readers.push(Reader { run, seen: Vec::new() });
    }
    let (events, enough) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let urls = (first.url.clone(), second.url.clone());
    let reading: Vec<_> = readers
        .into_iter()
        .map(|mut reader| {
            let (program, urls) = (Arc::clone(&program), urls.clone());
            let (events, enough) = (Arc::clone(&events), Arc::clone(&enough));
            tokio::spawn(async move {
                let on_event = || {
                    if events.fetch_add(1, Ordering::SeqCst) == EVENTS_BEFORE_THE_KILL {
                        enough.notify_one();
                    }
                };
                if !reader.read(&program, &urls.0, on_event).await {
                    assert!(reader.read(&program, &urls.1, || ()).await, "the second was cut too");
                }
                reader
            })
        })
        .collect();
    enough.notified().await;
    first.kill();

    let (mut done, mut interrupted) = (0, 0);
    for reader in reading {
        let reader = reader.await.unwrap();
        let path = format!("/v1/runs/{}/events?limit=200", reader.run);
        let stored = program.get(&second, &path).await;
        whole(&stored["events"]);
        let stored: Vec<u64> = stored["events"].as_array().unwrap().iter().map(seq).collect();
        assert_eq!(reader.seen, stored, "no gap and no double");
        match program.get(&second, &format!("/v1/runs/{}", reader.run)).await["status"].as_str() {
            Some("done") => done += 1,
            Some("interrupted") => interrupted += 1,
            status => panic!("{status:?}"),
        }
    }
    assert_eq!(done + interrupted, RUNS);
    assert!(interrupted <= 4, "only what the killed one had at work: {interrupted}");
    assert_eq!(*violations.lock().unwrap(), Vec::<String>::new());
    second.kill();
    // Both wrote one record.
    let record = command(&data, &["audit", "verify"], "");
    assert!(record.contains("rows are as written"), "{record}");
}

fn seq(event: &Value) -> u64 {
    event["seq"].as_u64().unwrap()
}
