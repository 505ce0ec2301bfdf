//! The assembled server on a port of its own, and clients typed by credential.

#![allow(dead_code, unreachable_pub, reason = "each test file uses a part")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use engine::{Engine, EngineOptions, Limits, ModelName, Models, Queue, SignedIn};
use leptos::config::LeptosOptions;
use llm::scripted::Scripted;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;
use store::{AuditKey, Store, StoreOptions, SystemClock};
use tempfile::TempDir;
use tools::Registry;

pub const PASSWORD: &str = "correct horse 42";

pub struct Site {
    pub addr: SocketAddr,
    pub engine: Engine,
    pub store: Store,
    pub model: Scripted,
    pub folder: TempDir,
    http: reqwest::Client,
}

pub async fn site(model: Scripted) -> Site {
    build(model, Queue::default()).await
}

pub async fn build(model: Scripted, queue: Queue) -> Site {
    let site = resting(model, queue).await;
    site.engine.start().await.unwrap();
    site
}

/// A server that answers while nothing works on the queue yet.
pub async fn resting(model: Scripted, queue: Queue) -> Site {
    let folder = tempfile::tempdir().unwrap();
    let sealer = engine::Sealer::at(folder.path().join("secret.key"));
    let audit_key = AuditKey::from_seed(&sealer.derive(AuditKey::PURPOSE).unwrap()).unwrap();
    let options = StoreOptions { folder: folder.path().join("data"), database: None, audit_key };
    let store = Store::open(options, Arc::new(SystemClock)).await.unwrap();
    let name: ModelName = "scripted/model".parse().unwrap();
    let engine = Engine::new(EngineOptions {
        store: store.clone(),
        models: Models::new(name, Arc::new(model.clone())),
        tools: Registry::builtin(),
        workspaces: folder.path().join("workspaces"),
        queue,
        limits: Limits { grace: Duration::ZERO, ..Limits::default() },
        sealer,
        facts: Vec::new(),
    });
    let leptos = LeptosOptions::builder()
        .output_name("openclawssy")
        .site_root(folder.path().to_string_lossy().into_owned())
        .build();
    let parts = server::Parts { engine: engine.clone(), leptos, public_url: None };
    let service = server::router(parts).into_make_service_with_connect_info::<SocketAddr>();
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, service).await });
    Site { addr, engine, store, model, folder, http: plain_client() }
}

/// A client that keeps no cookies and follows nothing, so that each test says
/// itself what it sends.
pub fn plain_client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap()
}

impl Site {
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    pub fn origin(&self) -> String {
        self.url("")
    }

    pub async fn owner(&self) -> SignedIn {
        if self.engine.needs_setup().await.unwrap() {
            self.engine.set_up("ada", PASSWORD).await.unwrap();
            let who = self.engine.local_person(None).await.unwrap();
            // Tests bring tools of their own, which no other profile names.
            self.engine.choose_profile(&who, "guide", domain::Profile::Full).await.unwrap();
        }
        self.engine.local_person(None).await.unwrap()
    }

    /// A client without a credential.
    pub fn anonymous(&self) -> Client<'_> {
        Client { site: self, headers: HeaderMap::new() }
    }

    /// A program with the owner's token.
    pub async fn program(&self) -> Client<'_> {
        let token = self.engine.make_token(&self.owner().await, "test").await.unwrap();
        self.anonymous().with("authorization", &format!("Bearer {token}"))
    }

    /// The owner's browser, as far as headers go.
    pub async fn browser(&self) -> Client<'_> {
        self.owner().await;
        let keep = engine::Keep::ThisVisit;
        let login = self.engine.sign_in("ada", PASSWORD, self.addr.ip(), keep).await.unwrap();
        let cookie = format!("{}={}", app::context::SESSION_COOKIE, login.token);
        self.anonymous().with("cookie", &cookie).with("origin", &self.origin())
    }
}

#[derive(Clone)]
pub struct Client<'a> {
    site: &'a Site,
    headers: HeaderMap,
}

impl Client<'_> {
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(name, HeaderValue::from_str(value).unwrap());
        self
    }

    pub fn without(mut self, name: &'static str) -> Self {
        self.headers.remove(name);
        self
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.site.http.request(method, self.site.url(path)).headers(self.headers.clone())
    }

    pub async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }

    pub async fn post(&self, path: &str, body: impl ToString) -> Response {
        let request = self.request(Method::POST, path).body(body.to_string());
        request.header(CONTENT_TYPE, "application/json").send().await.unwrap()
    }

    pub async fn form(&self, path: &str, body: &'static str) -> Response {
        let request = self.request(Method::POST, path).body(body);
        let form = "application/x-www-form-urlencoded";
        request.header(CONTENT_TYPE, form).header("accept", "text/html").send().await.unwrap()
    }
}

/// The status and the body of an answer that should be JSON.
pub async fn json(response: Response) -> (StatusCode, Value) {
    let status = response.status();
    let kind = response.headers().get(CONTENT_TYPE).cloned();
    let text = response.text().await.unwrap();
    let value = serde_json::from_str(&text);
    (status, value.unwrap_or_else(|error| panic!("{kind:?} {error}: {text}")))
}

/// The status and code of an answer that should be an error in the one form.
pub async fn refusal(response: Response) -> (u16, String) {
    let (status, body) = json(response).await;
    let error = body["error"].as_object().unwrap_or_else(|| panic!("{body}"));
    assert!(error["message"].as_str().is_some_and(|text| !text.is_empty()), "{body}");
    (status.as_u16(), error["code"].as_str().unwrap().to_owned())
}

/// Frames of an event stream, up to and with the first that is of a kind.
pub async fn frames_until(mut response: Response, kind: &str) -> Vec<Frame> {
    assert_eq!(response.status(), StatusCode::OK);
    let mut text = Vec::new();
    loop {
        let chunk = response.chunk().await.unwrap();
        text.extend_from_slice(&chunk.unwrap_or_else(|| panic!("the stream ended before {kind}")));
        let frames = parse(&String::from_utf8_lossy(&text));
        if let Some(last) = frames.iter().position(|frame| frame.kind == kind) {
            return frames.into_iter().take(last + 1).collect();
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    pub id: u64,
    pub kind: String,
    pub data: Value,
}

fn parse(text: &str) -> Vec<Frame> {
    let whole = text.rsplit_once("\n\n").map_or("", |(whole, _)| whole);
    let frames = whole.split("\n\n").filter(|frame| frame.contains("id:"));
    frames
        .map(|frame| {
            let field = |name: &str| {
                let line = frame.lines().find_map(|line| line.strip_prefix(name));
                line.unwrap_or_else(|| panic!("no {name} in {frame}")).trim().to_owned()
            };
            Frame {
                id: field("id:").parse().unwrap(),
                kind: field("event:"),
                data: serde_json::from_str(&field("data:")).unwrap(),
            }
        })
        .collect()
}
