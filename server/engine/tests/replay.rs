//! A run done again against its record.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod house;

use std::cell::Cell;
use std::time::Duration;

use domain::{
    ApprovalStatus, Channel, Delivery, Event, FaultCode, Limit, LineChange, RunId, RunStatus,
    ToolErrorCode, Verdict,
};
use engine::{AgentDraft, Difference, Engine, EngineOptions, Extent, Limits, ModelName, Models};
use engine::{Patience, Queue, Replayed, Sealer, Target, Thing};
use house::{House, build, quick};
use llm::LlmError;
use llm::scripted::{Gate, Reply, Scripted};
use serde_json::json;
use store::{Admission, Ending, NewRun, Submitted};
use tools::{Class, Output, Registry, Room, Tool, ToolError};

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Args {
    n: u32,
}

/// Gives another result each time, and asks before even numbers.
struct Counts(std::sync::atomic::AtomicU32);

impl Tool for Counts {
    const NAME: &'static str = "test.counts";
    const DESCRIPTION: &'static str = "Counts.";
    const CLASS: Class = Class::Writes;
    type Args = Args;

    fn asks(&self, args: &Args) -> Option<String> {
        args.n.is_multiple_of(2).then(|| "The number is even.".to_owned())
    }

    async fn call(&self, _: &Room, args: Args) -> Result<Output, ToolError> {
        if args.n > 100 {
            return Err(ToolError::new(ToolErrorCode::InternalError, format!("{} broke", args.n)));
        }
        let count = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Ok(Output::new("counted", format!("call {count} of {}", args.n)))
    }
}

/// The same tool with another schema.
struct Renamed;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Other {
    #[expect(dead_code, reason = "only its name is told")]
    number: u32,
}

impl Tool for Renamed {
    const NAME: &'static str = "test.counts";
    const DESCRIPTION: &'static str = "Counts.";
    const CLASS: Class = Class::Writes;
    type Args = Other;

    async fn call(&self, _: &Room, _: Other) -> Result<Output, ToolError> {
        panic!("no tool runs in a replay")
    }
}

fn tools() -> Registry {
    Registry::builtin().with(Counts(0.into()))
}

fn count(n: u32) -> Reply {
    Reply::call("test.counts", json!({ "n": n }))
}

async fn house(model: Scripted) -> House {
    let patience = Patience { first_wait: Duration::ZERO, ..Patience::default() };
    build(model, Queue::default(), Limits { patience, ..quick() }, tools()).await
}

async fn replay(house: &House, run: RunId) -> Replayed {
    house.engine.replay(&house.who, run).await.unwrap()
}

async fn assert_equal(house: &House, run: RunId) -> Replayed {
    let replayed = replay(house, run).await;
    assert_eq!(replayed.difference, None);
    replayed
}

/// What a difference says, by its changed lines.
fn changed(difference: &Difference, change: LineChange) -> String {
    let lines = difference.lines.places.iter().flatten();
    lines.filter(|line| line.change == change).map(|line| line.text.as_str()).collect()
}

#[tokio::test]
async fn a_run_of_every_kind_of_step_is_equal() {
    let model = Scripted::new([
        Reply::text("An answer to the first."),
        // Two calls beside each other, one read from text, and one of no tool.
        Reply::text("I look.")
            .then(Reply::call("fs.list", json!({})))
            .then(Reply::call("fs.read", json!({ "path": "missing" }))),
        Reply::text(
            "<think>hm</think>Now. <tool_call>{\"name\": \"test.counts\", \"arguments\": {\"n\": 1}}</tool_call>",
        ),
        Reply::call("no.such", json!({})).then(Reply::call("fs.list", json!({}))),
        Reply::fail(LlmError::Overloaded { status: 503, retry_after: None }),
        count(3),
        Reply::text("Done: 那🙂é"),
    ]);
    let house = house(model).await;
    let first = house.ask("first").await;
    house.end(first.run_id).await;
    let second = house.go_on(first.session_id, "second").await;
    assert_eq!(house.end(second.run_id).await, RunStatus::Done);
    for run in [first.run_id, second.run_id] {
        let replayed = assert_equal(&house, run).await;
        assert_eq!(replayed.extent, Extent::Whole);
        // It can be done as often as one likes.
        assert_eq!(replay(&house, run).await, replayed);
    }
    assert_eq!(house.model.left(), 0);
}

#[tokio::test]
async fn what_people_said_is_said_again() {
    let gate = Gate::new();
    let model = Scripted::new([
        count(2),
        count(4),
        Reply::text("I wait").then(&gate).then(count(5)),
        Reply::text("Heard."),
    ]);
    let house = house(model).await;
    let run = house.ask("go").await;
    for (step, verdict) in [(1, Verdict::Approve), (2, Verdict::Deny)] {
        // The second question comes after the call of the second step is held.
        let held = |event: &Event| matches!(event, Event::ToolHeld { step: at, .. } if *at == step);
        let is_held = Cell::new(false);
        let asks = |event: &Event| {
            is_held.set(is_held.get() || held(event));
            let waits = RunStatus::WaitingApproval;
            is_held.get() && *event == Event::RunStatus { status: waits }
        };
        house.until(run.run_id, asks).await;
        let (waiting, limit) = (Some(ApprovalStatus::Waiting), Limit::default());
        let asked = house.engine.approvals(&house.who, waiting, limit, None).await.unwrap();
        let (asked, note) = (asked.items[0].id, Some("as I say"));
        house.engine.answer_approval(&house.who, asked, verdict, note).await.unwrap();
    }
    gate.reached().await;
    let target = Target::Session(run.session_id);
    house.deliver(target, "in French", Delivery::Steer).await.unwrap();
    gate.open();
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    assert_equal(&house, run.run_id).await;
}

#[tokio::test]
async fn a_run_that_asked_how_to_go_on_is_equal() {
    let model = Scripted::new((201..=205).map(|n| count(2 * n + 1)).chain([Reply::text("Well.")]));
    let house = house(model).await;
    let run = house.ask("go").await;
    house.until(run.run_id, |event| matches!(event, Event::GuidanceAsked { .. })).await;
    house.go_on(run.session_id, "leave it").await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    assert_equal(&house, run.run_id).await;
}

#[tokio::test]
async fn runs_that_failed_or_were_stopped_are_equal_as_far_as_they_went() {
    let gate = Gate::new();
    let model = Scripted::new([
        Reply::text("half").then(Reply::fail(LlmError::Cut("gone".into()))),
        count(1),
        Reply::text("half").then(&gate),
    ]);
    let house = house(model).await;
    let failed = house.ask("fails").await;
    assert_eq!(house.end(failed.run_id).await, RunStatus::Failed);
    assert_eq!(assert_equal(&house, failed.run_id).await.extent, Extent::Whole);
    let stopped = house.ask("stopped").await;
    gate.reached().await;
    let error = house.engine.replay(&house.who, stopped.run_id).await.unwrap_err();
    assert_eq!(domain::Fault::from(error).code, FaultCode::RunAtWork);
    house.engine.cancel(&house.who, stopped.run_id).await.unwrap();
    assert_eq!(house.end(stopped.run_id).await, RunStatus::Cancelled);
    assert_eq!(assert_equal(&house, stopped.run_id).await.extent, Extent::Part);
}

#[tokio::test]
async fn other_instructions_are_the_first_difference() {
    let house = house(Scripted::new([count(1), Reply::text("Done.")])).await;
    let run = house.ask("go").await;
    house.end(run.run_id).await;
    let agent = house.engine.agents(&house.who).await.unwrap().remove(0);
    let instructions = Some("You are somebody else.".to_owned());
    let draft = AgentDraft { instructions, ..AgentDraft::default() };
    house.engine.edit_agent(&house.who, agent.name.as_str(), None, draft).await.unwrap();
    let difference = replay(&house, run.run_id).await.difference.unwrap();
    assert_eq!((difference.step, difference.thing), (1, Thing::Instructions));
    assert_eq!(changed(&difference, LineChange::Added), "You are somebody else.");
}

#[tokio::test]
async fn another_schema_of_a_tool_is_the_first_difference() {
    let house = house(Scripted::new([count(1), Reply::text("Done.")])).await;
    let run = house.ask("go").await;
    house.end(run.run_id).await;
    let other = with(&house, tools().with(Renamed));
    let difference = other.replay(&house.who, run.run_id).await.unwrap().difference.unwrap();
    assert_eq!((difference.step, difference.thing), (0, Thing::Tool));
    assert!(changed(&difference, LineChange::Removed).contains("\"n\""));
    assert!(changed(&difference, LineChange::Added).contains("\"number\""));
}

/// Another engine on the same data, with other tools.
fn with(house: &House, tools: Registry) -> Engine {
    let name: ModelName = "scripted/model".parse().unwrap();
    Engine::new(EngineOptions {
        store: house.store.clone(),
        models: Models::new(name, std::sync::Arc::new(house.model.clone())),
        tools,
        workspaces: house.folder.path().join("workspaces"),
        queue: Queue::default(),
        limits: quick(),
        sealer: Sealer::at(house.folder.path().join("secret.key")),
        facts: Vec::new(),
    })
}

#[tokio::test]
async fn a_reply_that_is_read_otherwise_is_the_first_difference() {
    let said = "Look. <tool_call>{\"name\": \"fs.list\", \"arguments\": {}}</tool_call>";
    let house = house(Scripted::new([Reply::text(said), Reply::text("Done.")])).await;
    let run = house.ask("go").await;
    house.end(run.run_id).await;
    assert_equal(&house, run.run_id).await;
    // As if an older reader had understood another call.
    let other = changed_log(&house, run.run_id, |event| {
        if let Event::ToolStart { arguments, .. } = event {
            *arguments = r#"{"path":"x"}"#.to_owned();
        }
    });
    let difference = replay(&house, other.await).await.difference.unwrap();
    assert_eq!((difference.step, difference.thing), (1, Thing::Call));
    assert_eq!(changed(&difference, LineChange::Removed), r#"text_1 fs.list {"path":"x"}"#);
    assert_eq!(changed(&difference, LineChange::Added), "text_1 fs.list {}");
}

#[tokio::test]
async fn what_the_loop_did_otherwise_is_named() {
    let house = house(Scripted::new([count(1), Reply::text("Done.")])).await;
    let run = house.ask("go").await;
    house.end(run.run_id).await;
    let other = changed_log(&house, run.run_id, |event| {
        if let Event::RunEnd { status, .. } = event {
            *status = RunStatus::Failed;
        }
    });
    let difference = replay(&house, other.await).await.difference.unwrap();
    assert_eq!((difference.step, difference.thing), (2, Thing::End));
    assert_eq!(changed(&difference, LineChange::Added), "done");
}

/// A run with the log of another, changed. Nothing is worked on after this.
async fn changed_log(house: &House, run: RunId, change: impl Fn(&mut Event)) -> RunId {
    house.engine.stop().await;
    let view = house.store.run(house.who.id(), run).await.unwrap();
    let new = NewRun {
        owner_id: house.who.id(),
        session_id: None,
        agent_id: view.agent_id,
        title: "Changed".to_owned(),
        source: Channel::Api,
        message: view.message,
        pictures: Vec::new(),
        delivery: Delivery::Queue,
        idempotency: None,
    };
    let room = Admission { workers: 1, waiting_places: 1 };
    let Submitted::Accepted { run_id, .. } = house.store.submit(new, room).await.unwrap() else {
        panic!("the run was turned away");
    };
    let lease = Duration::from_secs(60);
    let claimed = house.store.claim(lease, Some(run_id)).await.unwrap().unwrap();
    let mut ending = Ending::done();
    let mut events = Vec::new();
    for record in house.store.events_of(&[run], &[]).await.unwrap() {
        let mut event = record.event;
        change(&mut event);
        match event {
            Event::RunStatus { .. } => {}
            Event::RunEnd { status, error } => ending = Ending { status, error },
            event => events.push(event),
        }
    }
    house.store.append(&claimed, &events).await.unwrap();
    house.store.end(&claimed, ending).await.unwrap();
    run_id
}

#[tokio::test]
async fn what_was_cleared_is_not_played() {
    let house = house(Scripted::new([Reply::text("Done.")])).await;
    let run = house.ask("go").await;
    house.end(run.run_id).await;
    let later = house.store.clock().now() + Duration::from_hours(24 * 100);
    house.store.clean_step(later, &domain::Retention::default()).await.unwrap();
    let error = house.engine.replay(&house.who, run.run_id).await.unwrap_err();
    assert_eq!(domain::Fault::from(error).code, FaultCode::RunCleared);
}
