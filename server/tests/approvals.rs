//! Questions to people over HTTP, and how a message is delivered: the API and
//! the pages as they come without scripts.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

#[path = "../store/tests/question/mod.rs"]
mod question;
mod site;

use std::time::Duration;

use domain::{RunId, SessionId};
use engine::Queue;
use llm::scripted::{Gate, Reply, Scripted};
use question::{Question, leave};
use reqwest::Method;
use serde_json::{Value, json};
use site::{Client, Site, frames_until, json as body, refusal, resting, site};

const CALL: &str = r#"{"path":"a.txt","content":"<b>x</b>"}"#;

/// A site with a run that waits for an answer.
async fn asking() -> (Site, RunId, SessionId) {
    let model = Scripted::new([]).or_always(Reply::text("Done."));
    let site = resting(model, Queue::default()).await;
    site.owner().await;
    let question = Question {
        message: "write <it>",
        tool: "fs.write",
        held: CALL,
        seen: CALL,
        reason: "It writes a <file>.",
        lasts: Duration::from_secs(3_600),
    };
    let (run, session) = leave(&site.store, &question).await;
    site.engine.start().await.unwrap();
    (site, run, session)
}

/// The events of a run, once it has ended.
async fn ended(site: &Site, run: RunId) -> Vec<Value> {
    let events = site.program().await.with("accept", "text/event-stream");
    let frames = frames_until(events.get(&format!("/v1/runs/{run}/events")).await, "run.end").await;
    frames.into_iter().map(|frame| frame.data).collect()
}

#[tokio::test]
async fn a_question_is_listed_shown_and_answered_once() {
    let (site, run, session) = asking().await;
    let program = site.program().await;
    let (_, page) = body(program.get("/v1/approvals?status=waiting").await).await;
    let [asked] = &page["items"].as_array().unwrap()[..] else { panic!("{page}") };
    assert_eq!(asked["run_id"], run.to_string());
    assert_eq!(asked["session_id"], session.to_string());
    assert_eq!((&asked["tool"], &asked["arguments"]), (&json!("fs.write"), &json!(CALL)));
    assert_eq!((&asked["status"], &asked["step"]), (&json!("waiting"), &json!(1)));
    assert!(asked["expires_at"].as_str().unwrap().ends_with('Z'), "{asked}");
    let path = format!("/v1/approvals/{}", asked["id"].as_str().unwrap());
    assert_eq!(body(program.get(&path).await).await.1, *asked);

    let post = async |answer: Value| program.post(&path, answer).await;
    for bad in [json!({}), json!({"decision": "maybe"}), json!({"decision": "deny", "note": 1})] {
        assert_eq!(refusal(post(bad).await).await, (400, "request.invalid_input".to_owned()));
    }
    let unknown = post(json!({"decision": "deny", "colour": "red"})).await;
    assert_eq!(refusal(unknown).await, (400, "request.unknown_field".to_owned()));
    let nowhere = program.post("/v1/approvals/nope", json!({"decision": "deny"})).await;
    assert_eq!(refusal(nowhere).await, (404, "approval.not_found".to_owned()));

    let answer = json!({"decision": "approve", "note": "once"});
    let (status, answered) = body(post(answer.clone()).await).await;
    assert_eq!((status.as_u16(), &answered["status"]), (200, &json!("approved")));
    assert_eq!((&answered["answered_by"], &answered["note"]), (&json!("ada"), &json!("once")));
    assert_eq!(body(post(answer).await).await, (status, answered), "the same again");
    let late = post(json!({"decision": "deny"})).await;
    assert_eq!(refusal(late).await, (409, "approval.settled".to_owned()));

    let events = ended(&site, run).await;
    let end = events.iter().find(|event| event["type"] == "tool.end").unwrap();
    assert!(end["error_code"].is_null(), "{end}");
    let (_, page) = body(program.get("/v1/approvals?status=waiting").await).await;
    assert_eq!(page["items"], json!([]));
    assert_eq!(refusal(program.get("/v1/approvals?status=lost").await).await.0, 400);
}

#[tokio::test]
async fn a_question_is_nobody_elses() {
    let (site, _, _) = asking().await;
    let (_, page) = body(site.program().await.get("/v1/approvals").await).await;
    let path = format!("/v1/approvals/{}", page["items"][0]["id"].as_str().unwrap());
    let eve = site.engine.add_user("eve", "correct horse 43", domain::Role::Member).await.unwrap();
    let token = site.engine.make_token(&eve, "test").await.unwrap();
    let eve = site.anonymous().with("authorization", &format!("Bearer {token}"));
    assert_eq!(body(eve.get("/v1/approvals").await).await.1["items"], json!([]));
    let not_found = (404, "approval.not_found".to_owned());
    assert_eq!(refusal(eve.get(&path).await).await, not_found);
    assert_eq!(refusal(eve.post(&path, json!({"decision": "approve"})).await).await, not_found);
    assert_eq!(refusal(site.anonymous().get(&path).await).await.0, 401);
}

#[tokio::test]
async fn the_sender_says_when_a_message_is_heard() {
    let (first, second) = (Gate::new(), Gate::new());
    let model = Scripted::new([
        Reply::text("Hm.").then(&first).then(Reply::call("fs.list", json!({}))),
        Reply::text("Heard.").then(&second),
        Reply::text("Instead."),
    ]);
    let site = site(model).await;
    let program = site.program().await;
    let (_, run) = body(program.post("/v1/runs", json!({"message": "go"})).await).await;
    let say = async |path: &str, message: &str, delivery: &str| {
        let said =
            json!({"message": message, "session_id": run["session_id"], "delivery": delivery});
        program.post(path, said).await
    };
    first.reached().await;
    let (status, steered) = body(say("/v1/chat/messages", "names only", "steer").await).await;
    assert_eq!((status.as_u16(), &steered["id"]), (202, &run["id"]), "{steered}");
    first.open();
    second.reached().await;
    assert!(format!("{:?}", site.model.requests()[1].messages).contains("names only"));
    let (_, next) = body(say("/v1/runs", "stop", "interrupt").await).await;
    assert_ne!(next["id"], run["id"]);
    let end = ended(&site, run["id"].as_str().unwrap().parse().unwrap()).await;
    assert_eq!(end.last().unwrap()["status"], "cancelled");
    let end = ended(&site, next["id"].as_str().unwrap().parse().unwrap()).await;
    assert_eq!(end.last().unwrap()["status"], "done");
    let (status, fault) = body(say("/v1/runs", "x", "sideways").await).await;
    assert_eq!(status, 400);
    assert!(fault["error"]["fields"]["delivery"].is_string(), "{fault}");
}

async fn page(client: &Client<'_>, path: &str) -> String {
    let answer = client.get(path).await;
    assert_eq!(answer.status(), 200, "{path}");
    answer.text().await.unwrap()
}

/// Posts a form as a browser does without scripts; what follows it.
async fn posted<'a>(browser: &Client<'a>, form: &str) -> (Client<'a>, String) {
    let request = browser.request(Method::POST, "/fn/answer_approval").body(form.to_owned());
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let answer = request.header("accept", "text/html").send().await.unwrap();
    assert_eq!(answer.status(), 303);
    let to = answer.headers()["location"].to_str().unwrap().to_owned();
    let cookies = answer.headers().get_all("set-cookie").iter();
    let note = cookies.filter_map(|cookie| cookie.to_str().ok()?.split(';').next());
    let login = browser.request(Method::GET, "/").build().unwrap();
    let login = login.headers()["cookie"].to_str().unwrap().to_owned();
    let cookies: Vec<_> = std::iter::once(login.as_str()).chain(note).collect();
    (browser.clone().with("cookie", &cookies.join("; ")), to)
}

#[tokio::test]
async fn the_exact_call_is_shown_and_answered_without_scripts() {
    let (site, run, session) = asking().await;
    let browser = site.browser().await;
    let (_, list) = body(site.program().await.get("/v1/approvals").await).await;
    let id = list["items"][0]["id"].as_str().unwrap().to_owned();
    let chat = format!("/chat/{session}");
    for path in ["/approvals", chat.as_str()] {
        let html = page(&browser, path).await;
        assert!(html.contains(r#""content": "&lt;b&gt;x&lt;/b&gt;""#), "{path}: {html}");
        assert!(html.contains("It writes a &lt;file&gt;."), "{path}");
        assert!(html.contains(r#"action="/fn/answer_approval""#), "{path}");
        assert!(html.contains(&format!(r#"value="{path}""#)), "{path}: it leads back here");
        assert!(html.contains("1<span class=\"vh\"> waiting</span>"), "{path}: {html}");
    }
    let html = page(&browser, &format!("{chat}/live")).await;
    assert!(html.contains("Answer its question") && !html.contains("answer_approval"), "{html}");

    let form = format!("approval={id}&note=my+word&page=%2Fapprovals");
    let (shown, to) = posted(&browser, &form).await;
    assert_eq!(to, "/approvals");
    let html = page(&shown, &to).await;
    assert!(html.contains("Choose Approve or Deny.") && html.contains("my word"), "{html}");
    let elsewhere = format!("approval={id}&verdict=deny&note=no&page=%2F%2Fevil.test%2F");
    let (shown, to) = posted(&browser, &elsewhere).await;
    assert_eq!(to, "/approvals", "only pages of this server");
    let html = page(&shown, &to).await;
    assert!(html.contains("Denied") && html.contains("Nothing waits for you"), "{html}");
    let (shown, to) = posted(&browser, &format!("approval={id}&verdict=approve&page={chat}")).await;
    assert_eq!(to, chat);
    let html = page(&shown, &to).await;
    assert!(html.contains("This call was denied before. That stands."), "{html}");
    let events = ended(&site, run).await;
    let end = events.iter().find(|event| event["type"] == "tool.end").unwrap();
    assert_eq!(end["error_code"], "approval.denied");
}
