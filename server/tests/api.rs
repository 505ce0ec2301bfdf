//! The API as its clients use it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod site;

use engine::Queue;
use llm::scripted::{Gate, Reply, Scripted};
use serde_json::{Value, json};
use site::{Site, build, frames_until, json as body, site};

async fn start(site: &Site, message: Value) -> Value {
    let (status, answer) = body(site.program().await.post("/v1/runs", message).await).await;
    assert_eq!(status, 202, "{answer}");
    answer
}

#[tokio::test]
async fn a_run_from_post_to_end() {
    let model = Scripted::new([
        Reply::text("Looking.").then(Reply::call("fs.list", json!({}))),
        Reply::text("那🙂é"),
    ]);
    let site = site(model).await;
    let run = start(&site, json!({"message": "look", "agent_id": "guide"})).await;
    let (id, session) = (run["id"].as_str().unwrap(), run["session_id"].as_str().unwrap());
    assert!(id.starts_with("run_") && session.starts_with("ses_"), "{run}");

    let program = site.program().await;
    let events = program.clone().with("accept", "text/event-stream");
    let frames = frames_until(events.get(&format!("/v1/runs/{id}/events")).await, "run.end").await;
    let ids: Vec<_> = frames.iter().map(|frame| frame.id).collect();
    assert_eq!(ids, (1..=ids.len() as u64).collect::<Vec<_>>());
    let text: String = frames
        .iter()
        .filter(|frame| frame.kind == "text.delta" && frame.data["step"] == 2)
        .map(|frame| frame.data["text"].as_str().unwrap())
        .collect();
    assert_eq!(text, "那🙂é");
    let end = frames.iter().find(|frame| frame.kind == "tool.end").unwrap();
    for field in ["tool", "tool_call_id", "summary", "duration_ms"] {
        assert!(!end.data[field].is_null(), "{field} in {}", end.data);
    }

    let (_, view) = body(program.get(&format!("/v1/runs/{id}")).await).await;
    assert_eq!((&view["status"], &view["answer"]), (&json!("done"), &json!("那🙂é")));
    let (_, page) = body(program.get(&format!("/v1/runs/{id}/events?after=2&limit=3")).await).await;
    assert_eq!((&page["last"], &page["events"][0]["seq"]), (&json!(5), &json!(3)));
    let old_route = program.get(&format!("/v1/runs/events/{id}?after=2&limit=3")).await;
    assert_eq!(body(old_route).await.1, page, "the address of earlier clients answers too");
    let (_, messages) = body(program.get(&format!("/v1/sessions/{session}/messages")).await).await;
    let said: Vec<_> =
        messages["items"].as_array().unwrap().iter().map(|m| &m["content"]).collect();
    assert_eq!(said, ["那🙂é", "look"], "newest first");
}

#[tokio::test]
async fn a_stream_is_resumed_where_it_was_left() {
    let reply = (0..20).fold(Reply::text(""), |reply, n| {
        reply.then(Reply::text(format!("word {n} "))).then(Reply::thinking("hm"))
    });
    let site = site(Scripted::new([reply])).await;
    let run = start(&site, json!({"message": "talk"})).await;
    let path = format!("/v1/runs/{}/events", run["id"].as_str().unwrap());
    let reader = site.program().await.with("accept", "text/event-stream");
    let all = frames_until(reader.get(&path).await, "run.end").await;
    assert!(all.iter().all(|frame| !frame.data.to_string().contains("hm\"")), "no thinking");
    for (n, frame) in all.iter().enumerate().take(all.len() - 1) {
        let resumed = reader.clone().with("last-event-id", &frame.id.to_string());
        let rest = frames_until(resumed.get(&path).await, "run.end").await;
        let known: Vec<_> = all[n + 1..].iter().map(|f| (f.id, &f.data["text"])).collect();
        assert_eq!(rest.iter().map(|f| (f.id, &f.data["text"])).collect::<Vec<_>>(), known);
    }
}

#[tokio::test]
async fn the_newest_stream_of_a_tab_replaces_the_older() {
    let gate = Gate::new();
    let site = site(Scripted::new([Reply::held(&gate)])).await;
    let run = start(&site, json!({"message": "wait"})).await;
    let session = run["session_id"].as_str().unwrap();
    let path = format!("/v1/sessions/{session}/events?after=0&tab=t1");
    let browser = site.browser().await.with("accept", "text/event-stream");
    let mut first = browser.get(&path).await;
    assert!(first.chunk().await.unwrap().is_some());
    let _second = browser.get(&path).await;
    let other = browser.get(&path.replace("t1", "t2")).await;
    while first.chunk().await.unwrap().is_some() {}
    assert!(frames_until(other, "run.status").await.len() == 1);
    gate.open();
}

#[tokio::test]
async fn overload_says_when_to_come_back() {
    let gate = Gate::new();
    let model = Scripted::new([]).or_always(Reply::held(&gate).then(Reply::text("ok")));
    let site = build(model, Queue { workers: 1, waiting_places: 1 }).await;
    let program = site.program().await;
    let post = async |key: &'static str| {
        let client = program.clone().with("idempotency-key", key);
        client
            .post("/v1/chat/messages", json!({"message": key, "user_id": "x", "room_id": "y"}))
            .await
    };
    let (_, first) = body(post("a").await).await;
    assert_eq!(post("b").await.status(), 202);
    let full = post("c").await;
    assert_eq!(full.status(), 429);
    let seconds: u64 = full.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    let (_, error) = body(full).await;
    assert_eq!(error["error"]["code"], "queue.full");
    assert_eq!(error["error"]["retry_after_seconds"], seconds);
    assert!(error["error"]["queue_length"].is_u64(), "{error}");
    let (_, again) = body(post("a").await).await;
    assert_eq!(again["id"], first["id"], "a key that is known needs no place");
    let other = program.clone().with("idempotency-key", "a");
    let conflict = other.post("/v1/chat/messages", json!({"message": "z"})).await;
    assert_eq!(conflict.status(), 422);
    gate.open();
}

#[tokio::test]
async fn a_typed_call_over_http() {
    let site = site(Scripted::new([Reply::text("There."), Reply::text("There.")])).await;
    let program = site.program().await;
    for path in ["/v1/runs", "/v1/chat/messages"] {
        for (message, part) in [
            ("/tool fs.reed {}", "There is no tool `fs.reed`"),
            ("/tool fs.read notes.md", "not valid JSON"),
            ("/tool", "for example"),
        ] {
            let (status, fault) = body(program.post(path, json!({"message": message})).await).await;
            assert_eq!(status, 400, "{path} {message}: {fault}");
            let sentence = fault["error"]["message"].as_str().unwrap();
            assert!(sentence.contains(part), "{path} {message}: {fault}");
        }
        let (_, page) = body(program.get("/v1/runs?status=queued").await).await;
        assert_eq!(page["items"], json!([]), "nothing was stored");
        let message = "/tool fs.write {\"path\": \"a\", \"content\": \"b\"}";
        let (status, run) = body(program.post(path, json!({"message": message})).await).await;
        assert_eq!(status, 202, "{run}");
        let events = program.clone().with("accept", "text/event-stream");
        let path = format!("/v1/runs/{}/events", run["id"].as_str().unwrap());
        let frames = frames_until(events.get(&path).await, "run.end").await;
        let kinds: Vec<_> = frames.iter().map(|frame| frame.kind.as_str()).collect();
        let place = |kind| kinds.iter().position(|one| *one == kind).unwrap();
        assert!(place("tool.end") < place("step.start"), "{kinds:?}");
        assert_eq!(frames[place("tool.end")].data["tool"], "fs.write");
    }
    let asked = site.model.requests();
    assert!(asked.iter().all(|request| format!("{:?}", request.messages).contains("created a")
        || format!("{:?}", request.messages).contains("replaced a")));
}

#[tokio::test]
async fn a_stop_over_http() {
    let gate = Gate::new();
    let site = site(Scripted::new([Reply::text("so far").then(&gate)])).await;
    let run = start(&site, json!({"message": "wait"})).await;
    gate.reached().await;
    let path = format!("/v1/runs/{}/cancel", run["id"].as_str().unwrap());
    let (status, answer) = body(site.browser().await.post(&path, "").await).await;
    assert_eq!((status.as_u16(), &answer["status"]), (200, &json!("cancelled")));
    gate.dropped().await;
}

#[tokio::test]
async fn lists_are_paged_newest_first_without_gap_or_double() {
    let site = site(Scripted::new([]).or_always(Reply::text("ok"))).await;
    let mut made = Vec::new();
    for n in 0..5 {
        made.push(start(&site, json!({"message": format!("m{n}")})).await["id"].clone());
    }
    made.reverse();
    let program = site.program().await;
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let (_, page) = body(program.get(&format!("/v1/runs?limit=2&cursor={cursor}")).await).await;
        seen.extend(page["items"].as_array().unwrap().iter().map(|run| run["id"].clone()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, made);
}

#[tokio::test]
async fn the_server_says_that_it_is_alive_and_ready() {
    let site = site(Scripted::new([])).await;
    assert_eq!(site.anonymous().get("/healthz").await.status(), 200);
    assert_eq!(body(site.anonymous().get("/readyz").await).await.1["database"], "ok");
}
