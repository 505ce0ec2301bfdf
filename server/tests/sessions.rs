//! Sessions over HTTP: changed, searched, exported, deleted; commands; the frame.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod site;

use llm::scripted::{Reply, Scripted};
use reqwest::Method;
use serde_json::{Value, json};
use site::{Client, Site, frames_until, json as body, refusal, site};

async fn talk(site: &Site, program: &Client<'_>, message: &str) -> String {
    let answer = program.post("/v1/chat/messages", json!({"message": message})).await;
    let (status, run) = body(answer).await;
    assert_eq!(status, 202, "{run}");
    let events = site.program().await.with("accept", "text/event-stream");
    let path = format!("/v1/runs/{}/events", run["id"].as_str().unwrap());
    frames_until(events.get(&path).await, "run.end").await;
    run["session_id"].as_str().unwrap().to_owned()
}

async fn patch(program: &Client<'_>, path: &str, value: Value) -> reqwest::Response {
    program.request(Method::PATCH, path).json(&value).send().await.unwrap()
}

async fn listed(program: &Client<'_>, query: &str) -> Vec<String> {
    let (status, page) = body(program.get(&format!("/v1/sessions{query}")).await).await;
    assert_eq!(status, 200, "{page}");
    let items = page["items"].as_array().unwrap().iter();
    items.map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_session_is_renamed_archived_searched_and_deleted() {
    let site = site(Scripted::new([]).or_always(Reply::text("The answer is plum."))).await;
    let program = site.program().await;
    let id = talk(&site, &program, "which <fruit>?").await;
    let path = format!("/v1/sessions/{id}");

    let (_, view) = body(patch(&program, &path, json!({"title": " Fruit\n day "})).await).await;
    assert_eq!((&view["title"], &view["state"]), (&json!("Fruit day"), &json!("active")));
    for bad in [json!({"title": " "}), json!({"title": "x".repeat(121)}), json!({"colour": 1})] {
        assert_eq!(refusal(patch(&program, &path, bad).await).await.0, 400);
    }
    let (_, page) = body(program.get("/v1/sessions?q=PLUM").await).await;
    let snippet = &page["items"][0]["snippet"];
    let hit = snippet.as_array().unwrap().iter().find(|segment| segment["hit"] == true).unwrap();
    assert_eq!(hit["text"], "plum");
    assert_eq!(listed(&program, "?q=fruit%20day").await, *std::slice::from_ref(&id));
    assert_eq!(listed(&program, "?q=%22%28%20AND").await, Vec::<String>::new());

    patch(&program, &path, json!({"archived": true})).await;
    assert_eq!(listed(&program, "").await, Vec::<String>::new());
    assert_eq!(listed(&program, "?state=archived&q=plum").await, *std::slice::from_ref(&id));
    assert_eq!(refusal(program.get("/v1/sessions?state=deleted").await).await.0, 400);
    assert_eq!(refusal(program.get("/v1/sessions?state=gone").await).await.0, 400);

    let answer = program.request(Method::DELETE, &path).send().await.unwrap();
    assert_eq!(answer.status(), 204);
    let (_, runs) = body(program.get("/v1/runs").await).await;
    assert_eq!(runs["items"], json!([]));
    for path in ["", "/messages", "/events", "/export"] {
        let answer = program.get(&format!("/v1/sessions/{id}{path}")).await;
        assert_eq!(refusal(answer).await.0, 404, "{path}");
    }
    assert_eq!(refusal(program.get(&format!("/v1/events?session={id}")).await).await.0, 404);
    let again = program.request(Method::DELETE, &path).send().await.unwrap();
    assert_eq!(refusal(again).await.1, "session.not_found");
}

#[tokio::test]
async fn an_export_holds_everything_under_a_safe_name() {
    let model = Scripted::new([
        Reply::text("Looking.").then(Reply::call("fs.list", json!({}))),
        Reply::text("It is ``` empty."),
    ]);
    let site = site(model).await;
    let program = site.program().await;
    let id = talk(&site, &program, "what is \"in\"; ../the\\folder?").await;

    let answer = program.get(&format!("/v1/sessions/{id}/export?format=json")).await;
    let name = answer.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert_eq!(name, format!("attachment; filename=\"what-is-in-the-folder-{id}.json\""));
    let (_, export) = body(answer).await;
    assert_eq!(export["session"]["id"], json!(id));
    let run = &export["runs"][0];
    assert_eq!(run["run"]["answer"], "It is ``` empty.");
    let log = run["log"].as_array().unwrap();
    assert!(log.iter().any(|entry| entry["tool"] == "fs.list" && entry["output"].is_string()));
    assert!(log.iter().all(|entry| entry["at"].as_str().unwrap().ends_with('Z')), "{log:?}");

    let answer = program.get(&format!("/v1/sessions/{id}/export?format=md")).await;
    assert_eq!(answer.headers()["content-type"], "text/markdown; charset=utf-8");
    let text = answer.text().await.unwrap();
    for part in
        ["# what is", "## You, ", " UTC", "Tool call `fs.list`", "It is ``` empty.", "*done, "]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
    let bad = program.get(&format!("/v1/sessions/{id}/export?format=pdf")).await;
    assert_eq!(refusal(bad).await.0, 400);
}

#[tokio::test]
async fn a_command_is_answered_and_not_run() {
    let site = site(Scripted::new([]).or_always(Reply::text("Fine."))).await;
    let program = site.program().await;
    let id = talk(&site, &program, "a question").await;
    let say = async |text: &str| {
        body(program.post("/v1/chat/messages", json!({"message": text, "session_id": id})).await)
            .await
    };
    let (status, reply) = say("/chats").await;
    assert_eq!((status.as_u16(), &reply["session_id"]), (200, &json!(id)));
    assert!(reply["response"].as_str().unwrap().contains("1. a question"), "{reply}");
    let (status, reply) = say("/new Next").await;
    assert_eq!(status, 200);
    assert_ne!(reply["session_id"], json!(id));
    let (status, fault) = say("/wat").await;
    assert_eq!(status, 400);
    assert!(fault["error"]["fields"]["message"].as_str().unwrap().contains("/help"), "{fault}");
    assert_eq!(site.model.requests().len(), 1);
}

#[tokio::test]
async fn only_the_live_part_of_a_session_may_be_framed() {
    let site = site(Scripted::new([]).or_always(Reply::text("Fine."))).await;
    let program = site.program().await;
    let id = talk(&site, &program, "a question").await;
    let browser = site.browser().await;
    for (path, ancestors, frames) in [
        (format!("/chat/{id}/live"), "'self'", "SAMEORIGIN"),
        (format!("/chat/{id}"), "'none'", "DENY"),
        ("/chat".to_owned(), "'none'", "DENY"),
        ("/runs".to_owned(), "'none'", "DENY"),
    ] {
        let answer = browser.get(&path).await;
        assert_eq!(answer.status(), 200, "{path}");
        let policy = answer.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.contains(&format!("frame-ancestors {ancestors};")), "{path}: {policy}");
        assert_eq!(answer.headers()["x-frame-options"], frames, "{path}");
    }
}

#[tokio::test]
async fn a_refused_form_without_scripts_keeps_what_was_typed() {
    let site = site(Scripted::new([]).or_always(Reply::text("Fine."))).await;
    let program = site.program().await;
    let id = talk(&site, &program, "a question").await;
    let browser = site.browser().await;
    let long = "word ".repeat(60_000);
    let nowhere = "ses_00000000000000000000000000000000";
    for (session, text) in [(id.as_str(), long.as_str()), (id.as_str(), "/wat"), (nowhere, "hello")]
    {
        let form =
            format!("session={session}&message={}", text.replace(' ', "+").replace('/', "%2F"));
        let request = browser.request(Method::POST, "/fn/send").body(form);
        let answer = request
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "text/html")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 303);
        let page = answer.headers()["location"].to_str().unwrap().to_owned();
        assert_eq!(page, format!("/chat/{session}"), "nothing in the address");
        let cookies = answer.headers().get_all("set-cookie").iter();
        let note = cookies.filter_map(|cookie| cookie.to_str().ok()?.split(';').next());
        let note = note.map(str::to_owned).collect::<Vec<_>>().join("; ");
        assert!(note.starts_with("openclawssy_note="), "{note}");
        if session == id {
            let login = browser.request(Method::GET, "/").build().unwrap();
            let login = login.headers()["cookie"].to_str().unwrap().to_owned();
            let shown = browser.clone().with("cookie", &format!("{login}; {note}"));
            let html = shown.get(&page).await.text().await.unwrap();
            assert!(html.contains(text.trim()), "what was typed is there: {}", text.len());
            assert!(html.contains("role=\"alert\""));
        }
    }
}
