//! What was said stays where it was said, whoever's login has ended.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod site;

use llm::scripted::{Reply, Scripted};
use serde_json::json;
use site::{frames_until, json as body, site};

#[tokio::test]
async fn a_new_login_shows_the_same_conversation() {
    let site = site(Scripted::new([Reply::text("The river 那🙂é.")])).await;
    let browser = site.browser().await;
    let message = json!({"message": "Where did the zebra go?"});
    let (_, run) = body(browser.post("/v1/runs", message).await).await;
    let events = format!("/v1/runs/{}/events", run["id"].as_str().unwrap());
    let stream = browser.clone().with("accept", "text/event-stream");
    frames_until(stream.get(&events).await, "run.end").await;
    let chat = format!("/chat/{}", run["session_id"].as_str().unwrap());

    assert_eq!(browser.form("/fn/logout", "").await.status(), 303);
    let page = browser.get(&chat).await.text().await.unwrap();
    assert!(!page.contains("The river 那🙂é."), "the old login has ended");
    let again = site.browser().await;
    let page = again.get(&chat).await.text().await.unwrap();
    for said in ["Where did the zebra go?", "The river 那🙂é."] {
        assert!(page.contains(said), "{said} is gone");
    }
}

#[tokio::test]
async fn a_page_of_messages_counts_what_a_person_sees() {
    let calls = |n: usize| {
        (0..n)
            .fold(Reply::text("Looking."), |reply, _| reply.then(Reply::call("fs.list", json!({}))))
    };
    let replies = [calls(30), calls(30), Reply::text("one"), Reply::text("two")];
    let site = site(Scripted::new(replies)).await;
    let program = site.program().await;
    let stream = program.clone().with("accept", "text/event-stream");
    let mut session = None;
    for message in ["first", "second"] {
        let asked = json!({"message": message, "session_id": session});
        let (_, run) = body(program.post("/v1/runs", asked).await).await;
        let events = format!("/v1/runs/{}/events", run["id"].as_str().unwrap());
        frames_until(stream.get(&events).await, "run.end").await;
        session = Some(run["session_id"].as_str().unwrap().to_owned());
    }
    let path = format!("/v1/sessions/{}/messages?limit=3", session.unwrap());
    let (_, page) = body(program.get(&path).await).await;
    let said = |page: &serde_json::Value| {
        let items = page["items"].as_array().unwrap().iter();
        items.map(|item| item["content"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(said(&page), ["two", "second", "one"]);
    let rest = format!("{path}&cursor={}", page["next_cursor"].as_str().unwrap());
    assert_eq!(said(&body(program.get(&rest).await).await.1), ["first"]);
}
