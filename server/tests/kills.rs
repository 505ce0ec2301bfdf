//! The real binary, killed at random moments of runs with tools.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};

const KILLS: usize = 50;
const BINARY: &str = env!("CARGO_BIN_EXE_openclawssy");

/// What was wrong with requests to the model.
type Violations = Arc<Mutex<Vec<String>>>;

/// A model that calls two tools in each of two steps, then answers; it streams
/// in many small pieces.
async fn model() -> (String, Violations) {
    let violations = Violations::default();
    let app = Router::new()
        .route("/v1/chat/completions", post(complete))
        .with_state(Arc::clone(&violations));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (url, violations)
}

async fn complete(State(violations): State<Violations>, Json(request): Json<Value>) -> Response {
    let messages = request["messages"].as_array().cloned().unwrap_or_default();
    let read = llm::openai::read_request(&request).ok_or_else(|| "unreadable".to_owned());
    if let Err(what) = read.and_then(|request| llm::scripted::check(&request)) {
        violations.lock().unwrap().push(format!("{what}: {messages:?}"));
        return axum::http::StatusCode::BAD_REQUEST.into_response();
    }
    let since_user = messages.iter().rev().take_while(|message| message["role"] != "user").count();
    let mut lines = Vec::new();
    let mut chunk = |delta: Value, finish: Value| {
        let choice = json!({"index": 0, "delta": delta, "finish_reason": finish});
        lines.push(format!("data: {}\n\n", json!({"choices": [choice]})));
    };
    for word in ["那🙂é ", "one ", "two ", "three "] {
        chunk(json!({"content": word}), Value::Null);
    }
    if since_user >= 6 {
        chunk(json!({}), json!("stop"));
    } else {
        for (index, (name, arguments)) in
            [("fs_write", r#"{"path":"a.txt","content":"x"}"#), ("fs_list", "{}")]
                .iter()
                .enumerate()
        {
            let call = json!({"index": index, "id": format!("c{since_user}{index}"), "type": "function",
                "function": {"name": tool_name(&request, name), "arguments": arguments}});
            chunk(json!({"tool_calls": [call]}), Value::Null);
        }
        chunk(json!({}), json!("tool_calls"));
    }
    lines.push("data: [DONE]\n\n".to_owned());
    let stream = async_stream::stream! {
        for line in lines {
            // Each piece goes out by itself, so that a kill can fall between.
            tokio::task::yield_now().await;
            yield Ok::<_, std::io::Error>(line);
        }
    };
    ([("content-type", "text/event-stream")], Body::from_stream(stream)).into_response()
}

/// The tool's name on the wire: providers allow no dots.
fn tool_name(request: &Value, like: &str) -> String {
    let names = request["tools"].as_array().unwrap().iter().map(|tool| &tool["function"]["name"]);
    let mut names = names.filter_map(Value::as_str);
    names.find(|name| name.replace(|c: char| !c.is_alphanumeric(), "_") == like).unwrap().to_owned()
}

struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(data: &Path, model: &str) -> Self {
        let mut child = Command::new(BINARY)
            .args(["serve", "--addr", "127.0.0.1:0", "--model", "openai/m", "--openai-url", model])
            .arg("--data")
            .arg(data)
            .env("RUST_LOG", "warn")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let url = loop {
            let mut line = String::new();
            assert!(log.read_line(&mut line).unwrap() > 0, "the server did not start");
            if let Some((_, url)) = line.split_once("Openclawssy is at ") {
                break url.trim().to_owned();
            }
        };
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::stderr()));
        Self { child, url }
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn command(data: &Path, args: &[&str], input: &str) -> String {
    let mut child = Command::new(BINARY)
        .args(args)
        .arg("--data")
        .arg(data)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{args:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

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

struct Program {
    http: reqwest::Client,
    token: String,
}

impl Program {
    async fn call(&self, method: reqwest::Method, url: String, body: Option<Value>) -> Value {
        let mut request = self.http.request(method, url).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let text = request.send().await.unwrap().text().await.unwrap();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    async fn get(&self, server: &Server, path: &str) -> Value {
        self.call(reqwest::Method::GET, format!("{}{path}", server.url), None).await
    }

    async fn say(&self, server: &Server, message: &str, session: Option<&str>) -> Value {
        let body = json!({"message": message, "session_id": session});
        let url = format!("{}/v1/chat/messages", server.url);
        self.call(reqwest::Method::POST, url, Some(body)).await
    }

    /// Reads along for some events, or to the end if there are fewer.
    async fn read(&self, server: &Server, run: &str, events: u64) {
        let url = format!("{}/v1/runs/{run}/events", server.url);
        let request = self.http.get(url).bearer_auth(&self.token);
        let mut stream = request.header("accept", "text/event-stream").send().await.unwrap();
        let mut seen = 0;
        while seen < events {
            match stream.chunk().await.unwrap() {
                Some(chunk) => {
                    seen += chunk.windows(4).filter(|bytes| *bytes == b"\nid:").count() as u64;
                    seen += u64::from(chunk.starts_with(b"id:"));
                }
                None => return,
            }
        }
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
}

/// The log of an ended run: numbered without gaps, every call with one result,
/// one end.
fn whole(events: &Value) {
    let events = events.as_array().unwrap();
    let mut open: Vec<&Value> = Vec::new();
    for (n, event) in events.iter().enumerate() {
        assert_eq!(event["seq"], n + 1, "{event}");
        match event["type"].as_str().unwrap() {
            "tool.start" => open.push(&event["tool_call_id"]),
            "tool.end" => open.retain(|id| **id != event["tool_call_id"]),
            _ => {}
        }
    }
    assert_eq!(open, Vec::<&Value>::new(), "{events:?}");
    assert_eq!(events.last().unwrap()["type"], "run.end");
}
