//! The trace of a run over HTTP.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod site;

use llm::scripted::{Reply, Scripted};
use serde_json::json;
use site::{json as body, refusal, site};

#[tokio::test]
async fn a_trace_is_read_and_downloaded() {
    let model = Scripted::new([
        Reply::text("I look.").then(Reply::call("fs.list", json!({}))),
        Reply::text("那🙂é"),
    ]);
    let site = site(model).await;
    let program = site.program().await;
    let (_, run) = body(program.post("/v1/runs", json!({"message": "look"})).await).await;
    let id = run["id"].as_str().unwrap();
    let events = program.clone().with("accept", "text/event-stream");
    site::frames_until(events.get(&format!("/v1/runs/{id}/events")).await, "run.end").await;

    let path = format!("/v1/runs/{id}/trace");
    let shown = program.get(&path).await;
    assert!(!shown.headers().contains_key("content-disposition"));
    let (status, trace) = body(shown).await;
    assert_eq!(status, 200);
    assert_eq!(trace["run"]["id"], id);
    let steps = trace["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 2);
    assert_eq!(
        steps[0]["request"]["messages"][1],
        json!({"role": "user", "text": "look", "images": 0})
    );
    assert_eq!(steps[0]["calls"][0]["tool"], "fs.list");
    for field in ["tool_call_id", "wire_id", "arguments", "output", "duration_ms", "started_at"] {
        assert!(!steps[0]["calls"][0][field].is_null(), "{field} in {}", steps[0]);
    }
    assert_eq!(steps[1]["reply"]["text"], "那🙂é");
    assert_eq!(trace["end"]["tools"][0]["calls"], 1);

    let file = program.get(&format!("{path}?format=json")).await;
    let disposition = file.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert_eq!(disposition, format!("attachment; filename=\"{id}.trace.json\""));
    assert_eq!(body(file).await.1, trace);
}

#[tokio::test]
async fn what_is_no_trace_is_refused() {
    let site = site(Scripted::new([])).await;
    let program = site.program().await;
    let missing = "/v1/runs/run_0199c0e6f7f87f3e8d6d3d1c4a5b6c7d/trace";
    assert_eq!(refusal(program.get(missing).await).await, (404, "run.not_found".into()));
    assert_eq!(refusal(program.get("/v1/runs/x/trace").await).await.0, 404);
    let form = refusal(program.get(&format!("{missing}?format=xml")).await).await;
    assert_eq!(form.0, 400);
    assert_eq!(refusal(site.anonymous().get(missing).await).await.0, 401);
}
