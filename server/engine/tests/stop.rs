//! Stopping a run, stopping the server, and going on afterwards.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod house;

use std::sync::Arc;

use domain::{Event, RunErrorCode, RunStatus, SettingsView, ToolErrorCode};
use engine::{Queue, Target};
use house::{House, build, house, open, quick};
use llm::scripted::{Gate, Reply, Scripted};
use serde_json::json;
use store::Ending;
use tokio::sync::Notify;
use tools::{Output, Registry, Room, Tool, ToolError};

/// A tool that never ends by itself, and tells when it begins and when it is
/// dropped.
struct Endless {
    begun: Arc<Notify>,
    dropped: Arc<Notify>,
}

struct OnDrop(Arc<Notify>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct NoArgs {}

impl Tool for Endless {
    const NAME: &'static str = "test.endless";
    const DESCRIPTION: &'static str = "Never ends.";
    type Args = NoArgs;

    async fn call(&self, _: &Room, _: NoArgs) -> Result<Output, ToolError> {
        let _guard = OnDrop(Arc::clone(&self.dropped));
        self.begun.notify_one();
        std::future::pending().await
    }
}

#[tokio::test]
async fn a_stop_before_the_first_token_lets_the_provider_go() {
    let gate = Gate::new();
    let house = house(Scripted::new([Reply::held(&gate)])).await;
    let run = house.ask("go").await;
    gate.reached().await;
    assert_eq!(house.engine.cancel(&house.who, run.run_id).await.unwrap(), RunStatus::Cancelled);
    gate.dropped().await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Cancelled);
}

#[tokio::test]
async fn a_stop_in_the_middle_keeps_the_text_so_far() {
    let gate = Gate::new();
    let model = Scripted::new([Reply::text("so far").then(&gate), Reply::text("next")]);
    let house = house(model).await;
    let run = house.ask("go").await;
    gate.reached().await;
    assert_eq!(house.engine.cancel(&house.who, run.run_id).await.unwrap(), RunStatus::Cancelled);
    gate.dropped().await;
    let view = house.engine.run(&house.who, run.run_id).await.unwrap();
    assert_eq!(view.answer.as_deref(), Some("so far"));
    let again = house.engine.cancel(&house.who, run.run_id).await.unwrap();
    assert_eq!(again, RunStatus::Cancelled, "a second stop changes nothing");
    let next = house.go_on(run.session_id, "go on").await;
    assert_eq!(house.end(next.run_id).await, RunStatus::Done);
    assert_eq!(house.model.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn a_stop_ends_the_tool_and_its_call_gets_a_result() {
    let (begun, dropped) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let tool = Endless { begun: Arc::clone(&begun), dropped: Arc::clone(&dropped) };
    let model = Scripted::new([
        Reply::call("test.endless", json!({})).then(Reply::call("time.now", json!({}))),
        Reply::text("fine"),
    ]);
    let tools = Registry::builtin().with(tool);
    let house = build(model, Queue::default(), quick(), tools).await;
    let run = house.ask("go").await;
    begun.notified().await;
    assert_eq!(house.engine.cancel(&house.who, run.run_id).await.unwrap(), RunStatus::Cancelled);
    dropped.notified().await;
    let turn = house.engine.turn(&house.who, run.run_id).await.unwrap();
    let calls: Vec<_> = turn.calls().collect();
    assert_eq!(calls.len(), 1, "the second call had not begun");
    let result = calls[0].result.as_ref().unwrap();
    assert_eq!(result.error_code, Some(ToolErrorCode::Cancelled));
    let next = house.go_on(run.session_id, "and now").await;
    assert_eq!(house.end(next.run_id).await, RunStatus::Done);
    assert_eq!(house.model.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn a_tool_past_its_time_is_ended_and_the_run_goes_on() {
    let (begun, dropped) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let tool = Endless { begun, dropped: Arc::clone(&dropped) };
    let model = Scripted::new([Reply::call("test.endless", json!({})), Reply::text("it hung")]);
    let limits =
        engine::Limits { tool_timeout: Some(std::time::Duration::from_millis(1)), ..quick() };
    let house = build(model, Queue::default(), limits, Registry::builtin().with(tool)).await;
    let run = house.ask("go").await;
    dropped.notified().await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    let turn = house.engine.turn(&house.who, run.run_id).await.unwrap();
    let result = turn.calls().next().unwrap().result.as_ref().unwrap();
    assert_eq!(result.error_code, Some(ToolErrorCode::Timeout));
}

async fn may_be_at_work(house: &House, seconds: u32) {
    let SettingsView { mut settings, etag, .. } = house.engine.settings(&house.who).await.unwrap();
    settings.limits.run_seconds = seconds;
    house.engine.change_settings(&house.who, &etag, settings).await.unwrap();
}

#[tokio::test]
async fn a_run_at_work_for_too_long_is_ended_and_what_it_did_stays() {
    let (begun, dropped) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let tool = Endless { begun: Arc::clone(&begun), dropped: Arc::clone(&dropped) };
    let write = Reply::call("fs.write", json!({ "path": "a", "content": "x" }));
    let model = Scripted::new([
        Reply::text("I begin.").then(write),
        Reply::text("Now the long part.").then(Reply::call("test.endless", json!({}))),
        Reply::text("fine"),
    ]);
    let tools = Registry::builtin().with(tool);
    let house = build(model, Queue::default(), quick(), tools).await;
    may_be_at_work(&house, 2).await;
    let run = house.ask("go").await;
    begun.notified().await;
    dropped.notified().await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Failed);
    let view = house.engine.run(&house.who, run.run_id).await.unwrap();
    assert_eq!(view.answer.as_deref(), Some("Now the long part."));
    let error = view.error.unwrap();
    assert_eq!(error.code, RunErrorCode::TimeLimit);
    assert!(error.message.contains("limit of 2 s"), "{}", error.message);
    let turn = house.engine.turn(&house.who, run.run_id).await.unwrap();
    let codes: Vec<_> = turn.calls().map(|call| call.result.as_ref().unwrap().error_code).collect();
    assert_eq!(codes, [None, Some(ToolErrorCode::Timeout)]);
    may_be_at_work(&house, 14_400).await;
    let next = house.go_on(run.session_id, "go on").await;
    assert_eq!(house.end(next.run_id).await, RunStatus::Done);
    assert_eq!(house.model.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn a_queued_message_of_a_busy_session_can_be_stopped_alone() {
    let gate = Gate::new();
    let model = Scripted::new([Reply::held(&gate).then(Reply::text("done"))]);
    let house = house(model).await;
    let first = house.ask("go").await;
    gate.reached().await;
    let second = house.go_on(first.session_id, "more").await;
    assert_eq!(house.engine.cancel(&house.who, second.run_id).await.unwrap(), RunStatus::Cancelled);
    gate.open();
    assert_eq!(house.end(first.run_id).await, RunStatus::Done);
    assert_eq!(house.model.requests().len(), 1);
}

#[tokio::test]
async fn a_server_that_stops_interrupts_what_works_and_keeps_what_waits() {
    let gate = Gate::new();
    let model = Scripted::new([Reply::text("half").then(&gate)]).or_always(Reply::text("whole"));
    let queue = Queue { workers: 1, waiting_places: 8 };
    let house = build(model.clone(), queue, quick(), Registry::builtin()).await;
    let works = house.ask("works").await;
    gate.reached().await;
    let waits = house.ask("waits").await;
    house.engine.stop().await;
    let stopped = house.engine.run(&house.who, works.run_id).await.unwrap();
    assert_eq!(stopped.status, RunStatus::Interrupted);
    assert_eq!(stopped.error.unwrap().code, RunErrorCode::Interrupted);
    assert_eq!(stopped.answer.as_deref(), Some("half"));
    let refused = house.say(Target::NewSession { agent: None }, "late").await.unwrap_err();
    assert_eq!(domain::Fault::from(refused).code, domain::FaultCode::ShuttingDown);

    let (engine, _) = open(house.folder.path(), &model, queue, quick(), Registry::builtin()).await;
    let who = engine.local_person(None).await.unwrap();
    engine.start().await.unwrap();
    let house = house::House { engine, who, ..house };
    assert_eq!(house.end(waits.run_id).await, RunStatus::Done);
    let next = house.go_on(works.session_id, "again").await;
    assert_eq!(house.end(next.run_id).await, RunStatus::Done);
    assert_eq!(house.model.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn a_server_that_stops_lets_the_step_under_way_end() {
    let gate = Gate::new();
    let model = Scripted::new([
        Reply::held(&gate).then(Reply::call("time.now", json!({}))),
        Reply::text("never asked"),
    ]);
    let limits = engine::Limits { grace: std::time::Duration::from_secs(60), ..quick() };
    let house = build(model, Queue::default(), limits, Registry::builtin()).await;
    let run = house.ask("go").await;
    gate.reached().await;
    let engine = house.engine.clone();
    let stopping = tokio::spawn(async move { engine.stop().await });
    house.engine.stopping().await;
    gate.open();
    stopping.await.unwrap();
    let view = house.engine.run(&house.who, run.run_id).await.unwrap();
    assert_eq!((view.status, view.steps, view.calls), (RunStatus::Interrupted, 1, 1));
    let turn = house.engine.turn(&house.who, run.run_id).await.unwrap();
    let result = turn.calls().next().unwrap().result.as_ref().unwrap();
    assert_eq!(result.error_code, None, "the call ended properly");
    assert_eq!(house.model.requests().len(), 1);
}

#[tokio::test]
async fn what_a_dead_process_held_is_closed_and_the_session_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let model = Scripted::new([]).or_always(Reply::text("fine"));
    let (engine, store) =
        open(folder.path(), &model, Queue::default(), quick(), Registry::builtin()).await;
    engine.set_up("ada", "correct horse 42").await.unwrap();
    let who = engine.local_person(None).await.unwrap();
    let house = house::House { engine, store, model: model.clone(), who, folder };
    let run = house.ask("go").await;
    // What a process leaves that is killed in the middle of a call: a lease and
    // an open log. Nothing of it runs on, since nothing was started.
    let lease = std::time::Duration::from_secs(3600);
    let claimed = house.store.claim(lease, None).await.unwrap().unwrap();
    let call = |n: u128| domain::CallId::from_uuid(uuid::Uuid::from_u128(n));
    let start = |n: u128| Event::ToolStart {
        step: 1,
        tool_call_id: call(n),
        wire_id: format!("w{n}"),
        tool: "fs.write".into(),
        arguments: "{}".into(),
        repair: None,
        allowed_by: None,
    };
    let log = [
        Event::StepStart { step: 1, model: "scripted/model".into() },
        Event::TextDelta { step: 1, text: "I ".into() },
        Event::TextDelta { step: 1, text: "write".into() },
        Event::StepEnd {
            step: 1,
            text: "I write".into(),
            thinking: None,
            raw: None,
            carried: None,
            finish: domain::FinishReason::ToolCalls,
            duration_ms: 1,
        },
        start(1),
    ];
    house.store.append(&claimed, &log).await.unwrap();
    let house::House { engine, store, folder, .. } = house;
    drop(engine);
    // The lock on the process's file goes with its last handle.
    drop(store);

    let (engine, store) =
        open(folder.path(), &model, Queue::default(), quick(), Registry::builtin()).await;
    let who = engine.local_person(None).await.unwrap();
    engine.start().await.unwrap();
    let house = house::House { engine, store, model, who, folder };
    let view = house.engine.run(&house.who, run.run_id).await.unwrap();
    assert_eq!(view.status, RunStatus::Interrupted, "at once, not at the lease's end");
    let late = house.store.end(&claimed, Ending::done()).await;
    assert!(matches!(late, Err(store::Error::LeaseLost)), "the dead one cannot come back");
    let next = house.go_on(run.session_id, "again").await;
    assert_eq!(house.end(next.run_id).await, RunStatus::Done);
    assert_eq!(house.model.violations(), Vec::<String>::new());
}
