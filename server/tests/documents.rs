//! `/api/admin/agents/{name}/docs` as its clients use it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod site;

use domain::Role;
use llm::scripted::Scripted;
use reqwest::Method;
use serde_json::{Value, json};
use site::{PASSWORD, json as body, site};

const DOCS: &str = "/api/admin/agents/guide/docs";

#[tokio::test]
async fn a_document_from_first_to_last() {
    let site = site(Scripted::new([])).await;
    let owner = site.program().await;
    let soul = format!("{DOCS}/SOUL");
    let put = async |tag: Option<&str>, content: &str| {
        let mut request = owner.request(Method::PUT, &soul).json(&json!({"content": content}));
        if let Some(tag) = tag {
            request = request.header("if-match", tag);
        }
        request.send().await.unwrap()
    };
    let (status, list) = body(owner.get(DOCS).await).await;
    assert_eq!((status.as_u16(), list["items"].as_array().unwrap().len()), (200, 6));
    assert_eq!(
        (&list["items"][0]["name"], &list["items"][0]["version"]),
        (&json!("SOUL"), &json!(0))
    );

    let empty = owner.get(&soul).await;
    let tag = empty.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!((tag.as_str(), &body(empty).await.1["content"]), ("\"0\"", &json!("")));
    let (status, refused) = body(put(None, "x").await).await;
    assert_eq!(
        (status.as_u16(), &refused["error"]["code"]),
        (428, &json!("request.precondition_missing"))
    );
    let saved = put(Some(&tag), "You are calm.\n").await;
    let next = saved.headers()["etag"].to_str().unwrap().to_owned();
    let (status, saved) = body(saved).await;
    assert_eq!((status.as_u16(), &saved["version"]), (200, &json!(1)));
    assert_eq!(
        (&saved["content"], &saved["saved"]["by"]),
        (&json!("You are calm."), &json!("ada"))
    );
    assert!(saved["tokens"].as_u64().unwrap() > 0);
    let (status, stale) = body(put(Some(&tag), "late").await).await;
    assert_eq!((status.as_u16(), &stale["error"]["code"]), (412, &json!("edit.stale")));
    assert_eq!(put(Some(&next), "You are calmer.").await.status(), 200);

    let (_, old) = body(owner.get(&format!("{soul}?version=1")).await).await;
    assert_eq!(old["content"], "You are calm.");
    let (_, versions) = body(owner.get(&format!("{soul}/versions")).await).await;
    let numbers: Vec<_> =
        versions["items"].as_array().unwrap().iter().map(|v| v["version"].clone()).collect();
    assert_eq!(numbers, [json!(2), json!(1)]);
}

#[tokio::test]
async fn each_refusal_says_what_is_wrong() {
    let site = site(Scripted::new([])).await;
    let owner = site.program().await;
    for (path, status, code) in [
        ("/api/admin/agents/nobody/docs", 404, "agent.not_found"),
        ("/api/admin/agents/guide/docs/MOOD", 404, "document.not_found"),
        ("/api/admin/agents/guide/docs/SOUL?version=7", 404, "document.not_found"),
        ("/api/admin/agents/guide/docs/SOUL?version=x", 400, "request.invalid_input"),
        ("/api/admin/agents/guide/docs/SOUL?v=1", 400, "request.unknown_field"),
    ] {
        let refused = site::refusal(owner.get(path).await).await;
        assert_eq!(refused, (status, code.to_owned()), "{path}");
    }
    let put = async |tag: &str, content: Value| {
        let request = owner.request(Method::PUT, &format!("{DOCS}/soul")).header("if-match", tag);
        body(request.json(&json!({"content": content})).send().await.unwrap()).await
    };
    let (status, long) = put("\"0\"", json!("x".repeat(70_000))).await;
    assert_eq!(status, 400);
    assert!(long["error"]["fields"]["content"].is_string(), "{long}");
    let (status, tag) = put("yesterday", json!("x")).await;
    assert_eq!(status, 400);
    assert!(tag["error"]["fields"]["If-Match"].is_string(), "{tag}");
}

#[tokio::test]
async fn a_member_does_not_even_read_them() {
    let site = site(Scripted::new([])).await;
    site.owner().await;
    let member = site.engine.add_user("mia", PASSWORD, Role::Member).await.unwrap();
    let token = site.engine.make_token(&member, "test").await.unwrap();
    let member = site.anonymous().with("authorization", &format!("Bearer {token}"));
    for path in [DOCS.to_owned(), format!("{DOCS}/SOUL"), format!("{DOCS}/SOUL/versions")] {
        let refused = site::refusal(member.get(&path).await).await;
        assert_eq!(refused, (403, "auth.forbidden".to_owned()), "{path}");
    }
    assert_eq!(site.anonymous().get(DOCS).await.status(), 401);
}

/// A form as a browser without scripts sends it: the answer leads back to the
/// page, which holds what was typed.
#[tokio::test]
async fn a_stale_form_keeps_what_was_typed_without_scripts() {
    let site = site(Scripted::new([])).await;
    site.owner().await;
    let keep = engine::Keep::ThisVisit;
    let login = site.engine.sign_in("ada", PASSWORD, site.addr.ip(), keep).await.unwrap();
    let session = format!("{}={}", app::context::SESSION_COOKIE, login.token);
    let browser = site.anonymous().with("cookie", &session).with("origin", &site.origin());
    let path = "/agents/guide/docs/SOUL";
    let page = async |query: &str| {
        let answer = browser.get(&format!("{path}{query}")).await;
        assert_eq!(answer.status(), 200);
        answer.text().await.unwrap()
    };
    let saved = browser.form("/fn/doc-save", "agent=guide&document=SOUL&seen=0&content=mine").await;
    let to = saved.headers()["location"].to_str().unwrap();
    assert_eq!((saved.status().as_u16(), to), (303, path));

    let late = "agent=guide&document=SOUL&seen=0&content=%3Cb%3Etheirs";
    let stale = browser.form("/fn/doc-save", late).await;
    assert_eq!(stale.status(), 303);
    let cookies = stale.headers().get_all("set-cookie").iter();
    let mut cookies = cookies.map(|cookie| cookie.to_str().unwrap().to_owned());
    let note = cookies.find(|cookie| cookie.starts_with(app::context::NOTE_COOKIE)).unwrap();
    let note = note.split(';').next().unwrap();
    let led_back = browser.clone().with("cookie", &format!("{session}; {note}"));
    let shown = led_back.get(path).await.text().await.unwrap();
    assert!(shown.contains("nothing was saved"), "{shown}");
    assert!(shown.contains("&lt;b>theirs"), "{shown}");
    assert!(shown.contains("name=\"seen\" value=\"1\""), "the next try is meant: {shown}");

    // The history, a comparison and the way back are plain pages and forms.
    browser.form("/fn/doc-save", "agent=guide&document=SOUL&seen=1&content=ours").await;
    let compared = page("?from=1&to=2").await;
    assert!(compared.contains("Changes from version 1 to 2"), "{compared}");
    assert!(compared.contains("<del>mine") && compared.contains("<ins>ours"), "{compared}");
    let old = page("?version=1").await;
    assert!(old.contains("What restoring it would change"), "{old}");
    let restore = "agent=guide&document=SOUL&seen=2&version=1";
    assert_eq!(browser.form("/fn/doc-restore", restore).await.status(), 303);
    assert!(page("").await.contains("mine</textarea>"));
}
