//! A provider on the loopback, played by the test over a raw socket, so that a
//! test decides on every byte and on when the connection ends.

// Each test binary uses a part of it.
#![allow(dead_code, unreachable_pub)]

use std::sync::Arc;
use std::time::Duration;

use domain::ProviderForm;
use futures_util::StreamExt;
use llm::{Delta, DeltaStream, LlmError, Message, Provider, Request, ToolCall, ToolSpec};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The key that tests use, so that they can look for it where it must not be.
pub const KEY: &str = "sk-test-1234";

/// A server that waits for connections.
pub struct Server {
    listener: TcpListener,
    /// The base address.
    pub url: String,
}

impl Server {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        Self { listener, url }
    }

    pub fn provider(&self) -> Arc<dyn Provider> {
        self.speaking(ProviderForm::OpenaiChat)
    }

    /// A provider of another form behind the same address.
    pub fn speaking(&self, form: ProviderForm) -> Arc<dyn Provider> {
        llm::connect(form, &self.url, Some(KEY)).unwrap()
    }

    /// Takes the next connection and closes it at the first byte.
    pub async fn hang_up(&self) {
        let (mut socket, _) = self.listener.accept().await.unwrap();
        assert_ne!(socket.read_u8().await.unwrap(), 0);
    }

    /// Takes the next request, whole.
    pub async fn accept(&self) -> Exchange {
        let (mut socket, _) = self.listener.accept().await.unwrap();
        socket.set_nodelay(true).unwrap();
        let mut bytes = Vec::new();
        let head_end = loop {
            if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            assert_ne!(socket.read_buf(&mut bytes).await.unwrap(), 0);
        };
        let head = String::from_utf8(bytes[..head_end].to_vec()).unwrap();
        let length = head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .map_or(0, |(_, value)| value.parse().unwrap());
        while bytes.len() < head_end + length {
            assert_ne!(socket.read_buf(&mut bytes).await.unwrap(), 0);
        }
        let body = serde_json::from_slice(&bytes[head_end..]).unwrap_or(Value::Null);
        Exchange { socket, head, body }
    }
}

/// One request, and the connection to answer it on. Dropping it closes that.
pub struct Exchange {
    socket: TcpStream,
    /// The request line and headers.
    pub head: String,
    /// The body.
    pub body: Value,
}

impl Exchange {
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.socket.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Sends to a reader that may stop reading.
    pub async fn try_send(&mut self, text: &str) -> std::io::Result<()> {
        self.socket.write_all(text.as_bytes()).await
    }

    /// The head of a stream whose end is marked, so that a cut shows.
    pub async fn accept_stream(&mut self) {
        self.accept_stream_of("text/event-stream; charset=utf-8").await;
    }

    /// The same, of another kind.
    pub async fn accept_stream_of(&mut self, kind: &str) {
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n"
        );
        self.send(head).await;
    }

    /// A piece of such a stream.
    pub async fn chunk(&mut self, bytes: &[u8]) {
        let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
        chunk.extend_from_slice(bytes);
        chunk.extend_from_slice(b"\r\n");
        self.send(chunk).await;
    }

    /// An event of such a stream.
    pub async fn event(&mut self, data: &Value) {
        self.chunk(format!("data: {data}\n\n").as_bytes()).await;
    }

    /// The marked end.
    pub async fn end(&mut self) {
        self.send("0\r\n\r\n").await;
    }

    /// Waits until the other side has closed the connection.
    pub async fn closed(&mut self) {
        let mut rest = Vec::new();
        // A reset closes it as well.
        let closed = self.socket.read_to_end(&mut rest);
        let _ = tokio::time::timeout(Duration::from_secs(20), closed)
            .await
            .expect("the connection stays open");
    }
}

/// A whole response of a kind, for [`answered`].
pub fn response(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{headers}\r\n{body}")
}

/// A whole stream of these events, with an end that is the connection's.
pub fn events(events: &[Value]) -> String {
    let mut text = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n".to_owned();
    for event in events {
        text.push_str(&format!("data: {event}\n\n"));
    }
    text
}

/// What comes of a response: the deltas, and the error if there was one.
pub async fn answered(response: impl AsRef<[u8]>) -> (Vec<Delta>, Option<LlmError>) {
    let (result, _, _) = exchanged(ProviderForm::OpenaiChat, request(), response).await;
    result
}

/// What comes of a response to a request in a form; then the head and the body
/// of what was sent.
pub async fn exchanged(
    form: ProviderForm,
    request: Request,
    response: impl AsRef<[u8]>,
) -> ((Vec<Delta>, Option<LlmError>), String, Value) {
    let server = Server::start().await;
    let provider = server.speaking(form);
    let serve = async {
        let mut exchange = server.accept().await;
        exchange.send(response).await;
        (exchange.head.clone(), exchange.body.clone())
    };
    let (result, (head, body)) = tokio::join!(read(&*provider, request), serve);
    (result, head, body)
}

/// Has an exchange to its end.
pub async fn read(
    provider: &(impl Provider + ?Sized),
    request: Request,
) -> (Vec<Delta>, Option<LlmError>) {
    match provider.stream(request).await {
        Ok(stream) => drain(stream).await,
        Err(error) => (Vec::new(), Some(error)),
    }
}

/// Reads a stream to its end.
pub async fn drain(mut stream: DeltaStream) -> (Vec<Delta>, Option<LlmError>) {
    let mut deltas = Vec::new();
    while let Some(item) = stream.next().await {
        match item {
            Ok(delta) => deltas.push(delta),
            Err(error) => {
                assert!(stream.next().await.is_none(), "more after an error");
                return (deltas, Some(error));
            }
        }
    }
    (deltas, None)
}

/// A conversation with everything in it.
pub fn request() -> Request {
    let read = ToolSpec {
        name: "fs.read".into(),
        description: "Reads a file.".into(),
        parameters: json!({ "type": "object", "properties": { "path": { "type": "string" } } }),
    };
    Request {
        model: "small-1".into(),
        messages: vec![
            Message::System("Be brief.".into()),
            Message::user("What is in a and b?"),
            Message::assistant("", vec![call("1", "{\"path\":\"a\"}"), call("2", "{\"path\":")]),
            result("1", "那🙂é"),
            result("2", "error tool.input_invalid: not JSON"),
            Message::assistant("Once more.", vec![call("3", "")]),
            result("3", "x"),
            Message::assistant("Done.", vec![]),
            Message::user("Thanks, and c?"),
        ],
        tools: [read].into(),
        max_tokens: 20_000,
        window: 65_536,
        temperature: None,
    }
}

fn call(id: &str, arguments: &str) -> ToolCall {
    ToolCall { id: id.into(), tool: "fs.read".into(), arguments: arguments.into(), repair: None }
}

fn result(id: &str, content: &str) -> Message {
    Message::Tool { call_id: id.into(), tool: "fs.read".into(), content: content.into() }
}
