//! Settings and providers over HTTP.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod site;

use std::path::Path;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use llm::scripted::Scripted;
use serde_json::{Value, json};
use site::{Site, site};

const CANARY: &str = "sk-canary-0815-4711";

/// A request with a token; its status, its etag and its body.
async fn call(
    site: &Site,
    token: &str,
    method: &str,
    path: &str,
    tag: Option<&str>,
    body: Value,
) -> (u16, Option<String>, Value) {
    let method: reqwest::Method = method.parse().unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut request = client.request(method, format!("http://{}{path}", site.addr));
    request = request.bearer_auth(token);
    if let Some(tag) = tag {
        request = request.header("if-match", tag);
    }
    if !body.is_null() {
        request = request.header("content-type", "application/json").body(body.to_string());
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let tag = response.headers().get("etag").map(|tag| tag.to_str().unwrap().to_owned());
    let text = response.text().await.unwrap();
    (status, tag, serde_json::from_str(&text).unwrap_or(Value::Null))
}

/// A site with an owner's and a member's token.
async fn house() -> (Site, String, String) {
    let site = site(Scripted::new([])).await;
    site.engine.set_up("ada", "correct horse 42").await.unwrap();
    site.engine.add_user("eve", "correct horse 43", domain::Role::Member).await.unwrap();
    let mut tokens = Vec::new();
    for name in ["ada", "eve"] {
        let who = site.engine.local_person(Some(name)).await.unwrap();
        tokens.push(site.engine.make_token(&who, "test").await.unwrap());
    }
    let member = tokens.pop().unwrap();
    (site, tokens.pop().unwrap(), member)
}

#[tokio::test]
async fn settings_change_by_their_etag_alone() {
    let (site, owner, member) = house().await;
    let path = "/api/admin/config";
    let (status, tag, view) = call(&site, &owner, "GET", path, None, Value::Null).await;
    assert_eq!((status, &view["settings"]["limits"]["max_steps"]), (200, &json!(120)));
    let tag = tag.unwrap();
    assert_eq!(view["settings"]["limits"]["run_seconds"], 14_400);
    let limits = json!({"max_steps": 7, "run_seconds": 60});
    let change = json!({"limits": limits, "retention": {"sessions_days": 365}});
    let (status, _, refused) = call(&site, &owner, "PATCH", path, None, change.clone()).await;
    assert_eq!((status, &refused["error"]["code"]), (428, &json!("request.precondition_missing")));
    let (status, _, _) = call(&site, &member, "PATCH", path, Some(&tag), change.clone()).await;
    assert_eq!(status, 403);
    let (status, new, view) = call(&site, &owner, "PATCH", path, Some(&tag), change).await;
    assert_eq!((status, &view["settings"]["limits"]["max_steps"]), (200, &json!(7)));
    assert_eq!(view["settings"]["limits"]["max_tokens"], 20_000, "the rest stays");
    let late = json!({"thinking_mode": "always"});
    let (status, _, refused) = call(&site, &owner, "PATCH", path, Some(&tag), late).await;
    assert_eq!((status, &refused["error"]["code"]), (412, &json!("edit.stale")));
    // A null is another thing than nothing.
    let limits = json!({"limits": {"run_cost": 0.5, "day_tokens": 9, "day_cost": "2"}});
    let (_, new, view) = call(&site, &owner, "PATCH", path, new.as_deref(), limits).await;
    let limits = &view["settings"]["limits"];
    assert_eq!((&limits["run_cost"], &limits["day_cost"]), (&json!("0.50"), &json!("2.00")));
    let back = json!({"limits": {"day_cost": null}, "retention": {"sessions_days": null}});
    let (_, _, view) = call(&site, &owner, "PATCH", path, new.as_deref(), back).await;
    assert_eq!(view["settings"]["limits"]["day_cost"], Value::Null);
    assert_eq!(view["settings"]["limits"]["day_tokens"], 9);
    assert_eq!(view["settings"]["retention"]["sessions_days"], Value::Null);
}

#[tokio::test]
async fn refusals_name_the_field_by_its_path() {
    let (site, owner, _) = house().await;
    let path = "/api/admin/config";
    let (_, tag, _) = call(&site, &owner, "GET", path, None, Value::Null).await;
    for (change, field) in [
        (json!({"limits": {"max_steps": 0}}), "limits.max_steps"),
        (json!({"limits": {"max_steps": "x"}}), "limits.max_steps"),
        (json!({"limits": {"run_cost": "1.2.3"}}), "limits.run_cost"),
        (json!({"limits": {"day_cost": 0}}), "limits.day_cost"),
        (json!({"limits": {"day_tokens": 0}}), "limits.day_tokens"),
        (json!({"limits": {"steps": 1}}), "limits.steps"),
        (json!({"retention": {"events_days": 0}}), "retention.events_days"),
        (json!({"time_zone": "Middle/Earth"}), "time_zone"),
        (json!({"default_model": "nowhere/x"}), "default_model"),
        (json!({"thinking_mode": "loud"}), "thinking_mode"),
        (json!({"thinking_mode": null}), "thinking_mode"),
        (json!({"time_zone": null}), "time_zone"),
        (json!({"limits": null}), "limits"),
        (json!({"limits": {"max_steps": null}}), "limits.max_steps"),
        (json!({"retention": {"events_days": null}}), "retention.events_days"),
    ] {
        let (status, _, refused) =
            call(&site, &owner, "PATCH", path, tag.as_deref(), change.clone()).await;
        let fields = refused["error"]["fields"].as_object().unwrap();
        assert_eq!((status, fields.keys().next().unwrap().as_str()), (400, field), "{change}");
    }
}

#[tokio::test]
async fn a_key_goes_in_and_never_comes_out() {
    let (site, owner, member) = house().await;
    let draft = json!({"name": "far", "base_url": "https://api.example.com/v1", "key": CANARY});
    let path = "/api/admin/providers";
    let (status, _, _) = call(&site, &member, "POST", path, None, draft.clone()).await;
    assert_eq!(status, 403);
    let (status, _, added) = call(&site, &owner, "POST", path, None, draft).await;
    assert_eq!((status, &added["key"]), (201, &json!("set")));
    let mut seen = added.to_string();
    for path in [path, "/api/admin/providers/far", "/api/admin/config", "/api/admin/status"] {
        for token in [&owner, &member] {
            seen += &call(&site, token, "GET", path, None, Value::Null).await.2.to_string();
        }
    }
    assert!(!seen.contains(CANARY));
    // A key is bound to its server.
    let moved = json!({"base_url": "https://evil.example.com/v1"});
    let far = "/api/admin/providers/far";
    let (status, _, refused) = call(&site, &owner, "PUT", far, None, moved).await;
    assert_eq!(status, 400);
    assert!(refused["error"]["fields"]["key"].is_string(), "{refused}");
    assert_eq!(files_with(site.folder.path(), CANARY), Vec::<String>::new());
}

/// The files below a folder that hold a text.
fn files_with(folder: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, text));
        } else {
            let bytes = std::fs::read(&path).unwrap();
            if bytes.windows(text.len()).any(|part| part == text.as_bytes()) {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

#[tokio::test]
async fn refused_providers_name_their_field() {
    let (site, owner, _) = house().await;
    for (draft, field) in [
        (json!({"name": "A B", "base_url": "http://127.0.0.1:1/v1"}), "name"),
        (json!({"name": "scripted", "base_url": "http://127.0.0.1:1/v1"}), "name"),
        (json!({"name": "a", "base_url": "ftp://x"}), "base_url"),
        (json!({"name": "a", "base_url": "http://me:pw@127.0.0.1/v1"}), "base_url"),
        (json!({"name": "a", "base_url": "https://x.example/v1?key=k"}), "base_url"),
        (json!({"name": "a", "base_url": "http://api.example.com/v1", "key": "k"}), "base_url"),
        (json!({"name": "a", "preset": "nothing"}), "preset"),
        (json!({"name": "a", "base_url": "https://x.example/v1", "key": "a b"}), "key"),
    ] {
        let path = "/api/admin/providers";
        let (status, _, refused) = call(&site, &owner, "POST", path, None, draft.clone()).await;
        assert!([400, 409].contains(&status), "{draft}");
        assert!(refused["error"]["fields"][field].is_string(), "{draft}: {refused}");
    }
}

#[tokio::test]
async fn a_connection_test_names_what_is_wrong() {
    let (site, owner, _) = house().await;
    let answer = |status: u16, body: &'static str| {
        get(move || async move { (StatusCode::from_u16(status).unwrap(), body) })
    };
    let app = Router::new()
        .route("/good/models", answer(200, r#"{"data":[{"id":"a"},{"id":"b"}]}"#))
        .route("/locked/models", answer(401, "no"))
        .route("/other/models", answer(200, "<html>"))
        .route("/list/models", answer(200, r#"{"models":[]}"#))
        .route("/moved/models", answer(302, ""))
        .route("/full/models", answer(429, ""))
        .route("/sick/models", answer(503, ""));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    let closed = {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        listener.local_addr().unwrap()
    };
    let at = |path: &str| format!("http://{addr}/{path}");
    for (base_url, key, outcome) in [
        (at("good"), None, "ok"),
        (at("locked"), None, "key_missing"),
        (at("locked"), Some("k"), "key_refused"),
        (at("nothing"), None, "not_found"),
        (at("other"), None, "not_compatible"),
        (at("list"), None, "not_compatible"),
        (at("moved"), None, "redirected"),
        (at("full"), None, "rate_limited"),
        (at("sick"), None, "failing"),
        (format!("http://{closed}/v1"), None, "refused"),
        (format!("https://{addr}/v1"), None, "tls"),
    ] {
        let draft = json!({"base_url": base_url, "key": key});
        let path = "/api/admin/providers/test";
        let (status, _, check) = call(&site, &owner, "POST", path, None, draft).await;
        assert_eq!((status, &check["outcome"]), (200, &json!(outcome)), "{base_url}: {check}");
    }
}
