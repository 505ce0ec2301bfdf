//! The real binary, killed while runs wait for people; and the terminal's part.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

#[path = "../store/tests/question/mod.rs"]
mod question;
mod servers;

use std::path::Path;
use std::time::Duration;

use question::{Question, leave};
use serde_json::{Value, json};
use servers::{FAIL, HANG, Program, Server, attempt, command, model, open, whole};

async fn owner(data: &Path) -> Program {
    let _ = rustls::crypto::ring::default_provider().install_default();
    command(data, &["users", "add", "ada", "--role", "owner"], "correct horse 42\n");
    let token = command(data, &["token", "test"], "");
    Program { http: reqwest::Client::builder().no_proxy().build().unwrap(), token }
}

async fn ask(data: &Path) -> (String, String) {
    let store = open(data).await;
    let call = r#"{"path":"asked.txt","content":"yes"}"#;
    let question = Question {
        message: "write it",
        tool: "fs.write",
        held: call,
        seen: call,
        reason: "It writes a file.",
        lasts: Duration::from_secs(3_600),
    };
    let (run, session) = leave(&store, &question).await;
    store.close().await.unwrap();
    (run.to_string(), session.to_string())
}

/// Reads a run's events until it ends or waits, and gives its state then.
async fn rests(program: &Program, server: &Server, run: &str) -> Value {
    let url = format!("{}/v1/runs/{run}/events", server.url);
    let request = program.http.get(url).bearer_auth(&program.token);
    let mut stream = request.header("accept", "text/event-stream").send().await.unwrap();
    let mut text = String::new();
    let waits = r#""status":"waiting_"#;
    while !text.contains("event: run.end") && !text.contains("event:run.end") {
        if text.contains(waits) {
            break;
        }
        let chunk = stream.chunk().await.unwrap().unwrap();
        text.push_str(&String::from_utf8_lossy(&chunk));
    }
    program.get(server, &format!("/v1/runs/{run}")).await
}

async fn log(program: &Program, server: &Server, run: &str) -> Value {
    program.get(server, &format!("/v1/runs/{run}/events?limit=200")).await["events"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_about_a_call_outlives_kills() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (model, violations) = model().await;
    let program = owner(&data).await;
    let (run, session) = ask(&data).await;
    Server::start(&data, &model).kill();
    let server = Server::start(&data, &model);
    let list = program.get(&server, "/v1/approvals?status=waiting").await;
    let id = list["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(list["items"][0]["run_id"], run.as_str());
    server.kill();

    // Asked and answered in a terminal while no server is there.
    let behind =
        ["ask", "--model", "openai/m", "--openai-url", &model, "--session", &session, "more"];
    let (code, _, stderr) = attempt(&data, &behind);
    assert_eq!(code, Some(3), "{stderr}");
    assert!(stderr.contains(&format!("approvals answer {id}")), "{stderr}");
    let listed = command(&data, &["approvals", "list"], "");
    assert!(listed.contains(&id) && listed.contains("asked.txt"), "{listed}");
    let told = command(&data, &["approvals", "answer", &id, "approve", "--note", "once"], "");
    assert!(told.contains("approved"), "{told}");
    let (code, _, stderr) = attempt(&data, &["approvals", "answer", &id, "deny"]);
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stderr.contains("approved before"), "{stderr}");
    assert_eq!(command(&data, &["approvals", "list"], ""), "No call waits for an answer.");

    let server = Server::start(&data, &model);
    program.read(&server, &run, u64::MAX).await;
    let view = program.get(&server, &format!("/v1/runs/{run}")).await;
    assert_eq!(view["status"], "done", "{view}");
    let events = log(&program, &server, &run).await;
    whole(&events);
    let runs = events.as_array().unwrap().iter().filter(|event| {
        event["type"] == "tool.start" && event["arguments"].to_string().contains("asked.txt")
    });
    assert_eq!(runs.count(), 1, "it ran once");
    assert_eq!(*violations.lock().unwrap(), Vec::<String>::new());
    server.kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_how_to_go_on_outlives_a_kill_and_ends_ask_with_3() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (model, violations) = model().await;
    let program = owner(&data).await;
    let server = Server::start(&data, &model);
    let run = program.say(&server, FAIL, None).await;
    let (id, session) = (run["id"].as_str().unwrap(), run["session_id"].as_str().unwrap());
    assert_eq!(rests(&program, &server, id).await["status"], "waiting_guidance");
    server.kill();
    let server = Server::start(&data, &model);
    let view = program.get(&server, &format!("/v1/runs/{id}")).await;
    assert_eq!(view["status"], "waiting_guidance", "{view}");
    let answer = program.say(&server, "Leave that.", Some(session)).await;
    assert_eq!(answer["id"], id, "the same run goes on");
    program.read(&server, id, u64::MAX).await;
    let view = program.get(&server, &format!("/v1/runs/{id}")).await;
    assert_eq!(view["status"], "done", "{view}");
    whole(&log(&program, &server, id).await);
    server.kill();

    let ask = ["--model", "openai/m", "--openai-url", &model, "ask"];
    let (code, _, stderr) = attempt(&data, &[&ask[4..], &ask[..4], &[FAIL]].concat());
    assert_eq!(code, Some(3), "{stderr}");
    assert!(stderr.contains("How shall I go on?"), "{stderr}");
    let hint = stderr.lines().find(|line| line.starts_with("Answer with:")).unwrap();
    let session = hint.split_whitespace().find(|word| word.starts_with("ses_")).unwrap();
    let more = [&ask[4..], &ask[..4], &["--session", session, "Leave", "that."]].concat();
    let (code, _, stderr) = attempt(&data, &more);
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(*violations.lock().unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_run_never_heard_is_answered_next() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (model, violations) = model().await;
    let program = owner(&data).await;
    let server = Server::start(&data, &model);
    let run = program.say(&server, HANG, None).await;
    let (id, session) = (run["id"].as_str().unwrap(), run["session_id"].as_str().unwrap());
    program.read(&server, id, 3).await;
    let url = format!("{}/v1/runs", server.url);
    let said = json!({"message": "rather this", "session_id": session, "delivery": "steer"});
    let steered = program.call(reqwest::Method::POST, url, Some(said)).await;
    assert_eq!(steered["id"], id, "{steered}");
    server.kill();
    let server = Server::start(&data, &model);
    let view = program.get(&server, &format!("/v1/runs/{id}")).await;
    assert_eq!(view["status"], "interrupted", "{view}");
    let list = program.get(&server, &format!("/v1/runs?session_id={session}")).await;
    let next = list["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(list["items"][0]["message"], "rather this", "{list}");
    program.read(&server, &next, u64::MAX).await;
    let view = program.get(&server, &format!("/v1/runs/{next}")).await;
    assert_eq!(view["status"], "done", "{view}");
    assert_eq!(*violations.lock().unwrap(), Vec::<String>::new());
    server.kill();
}
