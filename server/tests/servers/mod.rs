//! The real binary, its model and a program that calls it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]
#![allow(dead_code, reason = "each test file uses its own part")]

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
use store::{AuditKey, Store, StoreOptions, SystemClock};

const BINARY: &str = env!("CARGO_BIN_EXE_openclawssy");

/// A message that the model begins to answer and never ends.
pub(crate) const HANG: &str = "hang";

/// A message on which the model calls a tool that fails, again and again.
pub(crate) const FAIL: &str = "fail";

/// What was wrong with requests to the model.
pub(crate) type Violations = Arc<Mutex<Vec<String>>>;

/// A model that calls two tools in each of two steps, then answers; it streams
/// in many small pieces.
pub(crate) async fn model() -> (String, Violations) {
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
    let asked = messages.iter().rev().find(|said| said["role"] == "user");
    let hangs = asked.is_some_and(|said| said["content"] == HANG);
    // What the engine itself says to the model stands in brackets; before a
    // person's words that ends with a colon.
    let says = |said: &&Value| {
        let content = said["content"].as_str().unwrap_or_default();
        said["role"] == "user" && (!content.starts_with('[') || content.contains(":]\n"))
    };
    let fails = messages.iter().rev().find(says).is_some_and(|said| said["content"] == FAIL);
    let since_user = messages.iter().rev().take_while(|message| message["role"] != "user").count();
    let mut lines = Vec::new();
    let mut chunk = |delta: Value, finish: Value| {
        let choice = json!({"index": 0, "delta": delta, "finish_reason": finish});
        lines.push(format!("data: {}\n\n", json!({"choices": [choice]})));
    };
    for word in ["那🙂é ", "one ", "two ", "three "] {
        chunk(json!({"content": word}), Value::Null);
    }
    if fails {
        let path = format!("missing-{}.txt", messages.len());
        let call = json!({"index": 0, "id": format!("f{}", messages.len()), "type": "function",
            "function": {"name": tool_name(&request, "fs_read"),
                "arguments": json!({ "path": path }).to_string()}});
        chunk(json!({"tool_calls": [call]}), json!("tool_calls"));
    } else if since_user >= 6 {
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
            if hangs {
                std::future::pending::<()>().await;
            }
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

/// Where a server keeps its data. The tests run on PostgreSQL where
/// OPENCLAWSSY_TEST_DATABASE names a server of it: each folder has a database
/// of its own there.
fn data_arguments(data: &Path) -> Vec<String> {
    let mut arguments = vec!["--data".to_owned(), data.display().to_string()];
    if let Some(url) = database(data) {
        arguments.extend(["--database".to_owned(), url]);
    }
    arguments
}

fn database(data: &Path) -> Option<String> {
    let server = std::env::var("OPENCLAWSSY_TEST_DATABASE").ok()?;
    let name = data.parent().unwrap().file_name().unwrap().to_str().unwrap().to_lowercase();
    Some(format!("{server}/test{name}"))
}

/// The database of a folder.
pub(crate) async fn open(data: &Path) -> Store {
    std::fs::create_dir_all(data).unwrap();
    let sealer = engine::Sealer::at(data.join("secret.key"));
    let audit_key = AuditKey::from_seed(&sealer.derive(AuditKey::PURPOSE).unwrap()).unwrap();
    let options = StoreOptions { folder: data.to_owned(), database: database(data), audit_key };
    Store::open(options, Arc::new(SystemClock)).await.unwrap()
}

/// What is broken in the database of a folder.
pub(crate) async fn integrity(data: &Path) -> Vec<String> {
    open(data).await.integrity().await.unwrap()
}

pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
}

impl Server {
    pub(crate) fn start(data: &Path, model: &str) -> Self {
        let mut child = Command::new(BINARY)
            .args(["serve", "--addr", "127.0.0.1:0", "--model", "openai/m", "--openai-url", model])
            .args(data_arguments(data))
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

    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

pub(crate) fn command(data: &Path, args: &[&str], input: &str) -> String {
    let mut child = Command::new(BINARY)
        .args(args)
        .args(data_arguments(data))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{args:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A command that may fail, with nobody at the terminal: its exit code and what
/// it said.
pub(crate) fn attempt(data: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(BINARY);
    let command = command.args(args).args(data_arguments(data)).stdin(Stdio::null());
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

pub(crate) struct Program {
    pub(crate) http: reqwest::Client,
    pub(crate) token: String,
}

impl Program {
    pub(crate) async fn call(
        &self,
        method: reqwest::Method,
        url: String,
        body: Option<Value>,
    ) -> Value {
        let mut request = self.http.request(method, url).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let text = request.send().await.unwrap().text().await.unwrap();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    pub(crate) async fn get(&self, server: &Server, path: &str) -> Value {
        self.call(reqwest::Method::GET, format!("{}{path}", server.url), None).await
    }

    pub(crate) async fn say(&self, server: &Server, message: &str, session: Option<&str>) -> Value {
        let body = json!({"message": message, "session_id": session});
        let url = format!("{}/v1/chat/messages", server.url);
        self.call(reqwest::Method::POST, url, Some(body)).await
    }

    /// Reads along for some events, or to the end if there are fewer.
    pub(crate) async fn read(&self, server: &Server, run: &str, events: u64) {
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

/// The log of an ended run: numbered without gaps, every call with one result,
/// one end.
pub(crate) fn whole(events: &Value) {
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
