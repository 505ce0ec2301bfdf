//! Runs that begin other runs: side by side, in depth, in turn, and never longer
//! than the run that began them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod house;

use std::time::Duration;

use domain::{
    AgentName, ApprovalStatus, ChoicesEdit, Event, LiveEvent, RunErrorCode, RunId, RunStatus,
    RunView, ToolErrorCode, Verdict,
};
use engine::{AgentDraft, Limits, Queue};
use house::{House, build, open, quick};
use llm::scripted::{Gate, Reply, Scripted};
use llm::{Message, Request, Usage};
use serde_json::json;
use tools::{Output, Registry, Room, Tool, ToolError};

/// A tool that always asks first, and one that always fails.
struct Asks;
struct Fails;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct NoArgs {}

impl Tool for Asks {
    const NAME: &'static str = "test.asks";
    const DESCRIPTION: &'static str = "Asks.";
    type Args = NoArgs;

    fn asks(&self, _: &NoArgs) -> Option<String> {
        Some("It always asks.".to_owned())
    }

    async fn call(&self, _: &Room, _: NoArgs) -> Result<Output, ToolError> {
        Ok(Output::new("ran", "it ran".to_owned()))
    }
}

impl Tool for Fails {
    const NAME: &'static str = "test.fails";
    const DESCRIPTION: &'static str = "Fails.";
    type Args = NoArgs;

    async fn call(&self, _: &Room, _: NoArgs) -> Result<Output, ToolError> {
        Err(ToolError::new(ToolErrorCode::InternalError, "it broke"))
    }
}

const ONE_WORKER: Queue = Queue { workers: 1, waiting_places: 8 };

/// A house in which one worker works, so that whoever waited for one would wait
/// for ever.
async fn narrow(model: Scripted) -> House {
    with_limits(model, quick()).await
}

async fn with_limits(model: Scripted, limits: Limits) -> House {
    build(model, ONE_WORKER, limits, Registry::builtin().with(Asks).with(Fails)).await
}

fn task(message: &str) -> Reply {
    Reply::call("agent.run", json!({ "message": message }))
}

async fn children(house: &House, run: RunId) -> Vec<RunView> {
    let records = house.store.events_of(&[run], &[]).await.unwrap();
    let mut children = Vec::new();
    for record in records {
        if let Event::AgentChild { child, status: RunStatus::Running, .. } = record.event {
            children.push(view(house, child).await);
        }
    }
    children
}

/// The one child that a run has, as soon as it has one.
async fn child(house: &House, run: RunId) -> RunView {
    house.until(run, |event| matches!(event, Event::AgentChild { .. })).await;
    children(house, run).await.remove(0)
}

async fn view(house: &House, run: RunId) -> RunView {
    house.engine.run(&house.who, run).await.unwrap()
}

/// What a run's calls came to, in the order in which they ended.
async fn results(house: &House, run: RunId) -> Vec<(Option<ToolErrorCode>, String)> {
    let records = house.store.events_of(&[run], &[]).await.unwrap();
    let result = |event: &Event| match event {
        Event::ToolEnd { error_code, output, .. } => Some((*error_code, output.clone())),
        _ => None,
    };
    records.iter().filter_map(|record| result(&record.event)).collect()
}

/// What a run's log says of those it began.
fn told(events: &[LiveEvent]) -> Vec<(RunId, RunStatus)> {
    let told = |event: &LiveEvent| match &event.event {
        Event::AgentChild { child, status, .. } => Some((*child, *status)),
        _ => None,
    };
    events.iter().filter_map(told).collect()
}

fn tools_of(request: &Request) -> Vec<&str> {
    request.tools.iter().map(|tool| tool.name.as_str()).collect()
}

/// A model that answers by the newest message of the person or run that asks.
fn asked(request: &Request) -> String {
    let user = |message: &Message| match message {
        Message::User { text, .. } => Some(text.clone()),
        _ => None,
    };
    request.messages.iter().rev().find_map(user).unwrap()
}

#[tokio::test]
async fn a_child_answers_and_its_caller_goes_on() {
    let model = Scripted::new([
        task("Count the files."),
        Reply::call("fs.write", json!({"path": "count", "content": "3"})),
        Reply::text("There are three."),
        Reply::call("fs.read", json!({"path": "count"})),
        Reply::text("Three files."),
    ]);
    let house = narrow(model).await;
    let run = house.ask("How many files?").await;
    let events = house.events(run.run_id).await;
    assert_eq!(view(&house, run.run_id).await.answer.as_deref(), Some("Three files."));

    let [child] = &children(&house, run.run_id).await[..] else { panic!("one child") };
    assert_eq!((child.status, child.depth), (RunStatus::Done, 1));
    assert_eq!((child.parent_id, child.source), (Some(run.run_id), domain::Channel::Api));
    assert_eq!(told(&events), [(child.id, RunStatus::Running), (child.id, RunStatus::Done)]);
    let results = results(&house, run.run_id).await;
    assert!(results[0].1.contains("There are three."), "{results:?}");
    assert!(results[0].1.contains(&child.session_id.to_string()), "to go on with: {results:?}");
    assert!(results[1].1.contains('3'), "both work in one folder: {results:?}");

    let requests = house.model.requests();
    assert_eq!(asked(&requests[1]), "Count the files.");
    assert!(!format!("{:?}", requests[1].messages).contains("How many"), "nothing else is told");
    assert_eq!(house.model.violations(), Vec::<String>::new());
    let listed = house.store.sessions(house.who.id(), Default::default(), Default::default(), None);
    let listed: Vec<_> = listed.await.unwrap().items.iter().map(|session| session.id).collect();
    assert_eq!(listed, [run.session_id], "no list shows the child's session");
    assert!(house.engine.session(&house.who, child.session_id).await.is_ok(), "a link does");
}

#[tokio::test]
async fn three_children_work_side_by_side_while_one_worker_waits() {
    let gates = [Gate::new(), Gate::new(), Gate::new()];
    let held = |gate: &Gate| Reply::held(gate).then(Reply::text("part"));
    let model = Scripted::new([task("a").then(task("b")).then(task("c"))]);
    gates.iter().for_each(|gate| model.push(held(gate)));
    model.push(Reply::text("whole"));
    let house = narrow(model).await;
    let run = house.ask("go").await;
    // All three are at work before any of them may end.
    for gate in &gates {
        gate.reached().await;
    }
    let open = children(&house, run.run_id).await;
    assert!(open.iter().all(|child| child.status == RunStatus::Running), "{open:?}");
    gates.iter().for_each(Gate::open);
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    let results = results(&house, run.run_id).await;
    assert_eq!(results.len(), 3);
    assert!(results.iter().all(|(code, text)| code.is_none() && text.contains("part")));
    assert_eq!(house.model.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn a_grandchild_works_and_may_begin_nobody() {
    let model = Scripted::new([
        task("one"),
        task("two"),
        task("three"),
        Reply::text("deep enough"),
        Reply::text("from below"),
        Reply::text("from further below"),
    ]);
    let house = narrow(model).await;
    let run = house.ask("go").await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    let below = children(&house, run.run_id).await.remove(0);
    let deepest = children(&house, below.id).await.remove(0);
    assert_eq!((below.depth, deepest.depth), (1, 2));
    let results = results(&house, deepest.id).await;
    assert_eq!(results[0].0, Some(ToolErrorCode::PolicyDenied));
    assert_eq!(children(&house, deepest.id).await, []);

    let requests = house.model.requests();
    let delegates = ["agent.run", "agent.message"];
    let knows = |n: usize| delegates.iter().all(|tool| tools_of(&requests[n]).contains(tool));
    assert!(knows(0) && knows(1) && !knows(2), "the deepest is not told of them");
    assert_eq!(house.model.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn a_run_begins_thirty_two_others_at_most() {
    let eight = || (1..8).fold(task("0"), |reply, n| reply.then(task(&n.to_string())));
    let model = Scripted::new([]);
    for _ in 0..4 {
        model.push(eight());
        (0..8).for_each(|_| model.push(Reply::text("part")));
    }
    model.push(task("one more"));
    model.push(Reply::text("enough"));
    let house = narrow(model).await;
    let run = house.ask("go").await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    assert_eq!(children(&house, run.run_id).await.len(), 32);
    let (code, text) = results(&house, run.run_id).await.pop().unwrap();
    assert_eq!(code, Some(ToolErrorCode::PolicyDenied));
    assert!(text.contains("32"), "{text}");
}

#[tokio::test]
async fn what_is_said_later_goes_on_in_the_same_session() {
    let house = narrow(Scripted::new([task("My name is Zoë."), Reply::text("Hello Zoë.")])).await;
    house.model.push(Reply::text("Begun."));
    let run = house.ask("go").await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    let first = children(&house, run.run_id).await.remove(0);
    let session = first.session_id.to_string();
    let more = json!({"session": session, "message": "What is my name?"});
    house.model.push(Reply::call("agent.message", more));
    house.model.push(Reply::text("Zoë, still."));
    house.model.push(Reply::text("It knows."));
    let next = house.go_on(run.session_id, "ask it").await;
    assert_eq!(house.end(next.run_id).await, RunStatus::Done);
    let second = children(&house, next.run_id).await.remove(0);
    assert_eq!((second.session_id, second.parent_id), (first.session_id, Some(next.run_id)));
    let requests = house.model.requests();
    let heard = &requests[requests.len() - 2];
    assert_eq!(asked(heard), "What is my name?");
    assert!(format!("{:?}", heard.messages).contains("Hello Zoë."), "{heard:?}");
    assert_eq!(house.model.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn a_task_for_nobody_is_refused_with_a_hint() {
    let house = narrow(Scripted::new([])).await;
    house.engine.create_agent(&house.who, draft("scribe")).await.unwrap();
    house.engine.create_agent(&house.who, draft("asleep")).await.unwrap();
    house.engine.disable_agent(&house.who, "asleep").await.unwrap();
    let other = house.ask("something else").await;
    house.end(other.run_id).await;
    let to = |agent: &str| Reply::call("agent.run", json!({"agent": agent, "message": "go"}));
    let more = |session: String| {
        Reply::call("agent.message", json!({"session": session, "message": "go"}))
    };
    for (reply, code, hint) in [
        (to("scrieb"), ToolErrorCode::InputInvalid, "Did you mean `scribe`?"),
        (to("x"), ToolErrorCode::InputInvalid, "guide"),
        (to("asleep"), ToolErrorCode::PolicyDenied, "disabled"),
        (task(" "), ToolErrorCode::InputInvalid, "message"),
        (more(other.session_id.to_string()), ToolErrorCode::InputInvalid, "no such session"),
        (more("ses_1".to_owned()), ToolErrorCode::InputInvalid, "no such session"),
    ] {
        house.model.push(reply);
        house.model.push(Reply::text("Well."));
        let run = house.ask("go").await;
        assert_eq!(house.end(run.run_id).await, RunStatus::Done);
        let (found, text) = results(&house, run.run_id).await.remove(0);
        assert_eq!(found, Some(code), "{text}");
        assert!(text.contains(hint), "{text}");
        assert_eq!(children(&house, run.run_id).await, []);
    }
}

fn draft(name: &str) -> AgentDraft {
    let name = AgentName::parse(name).unwrap().to_string();
    AgentDraft { name: Some(name), ..AgentDraft::default() }
}

#[tokio::test]
async fn another_agent_works_in_the_folder_of_its_caller() {
    let house = narrow(Scripted::new([])).await;
    let scribe = AgentDraft { instructions: Some("You are the scribe.".into()), ..draft("scribe") };
    house.engine.create_agent(&house.who, scribe).await.unwrap();
    let to = json!({"agent": "Scribe", "message": "write"});
    house.model.push(Reply::call("agent.run", to));
    house.model.push(Reply::call("fs.write", json!({"path": "note", "content": "x"})));
    house.model.push(Reply::text("written"));
    house.model.push(Reply::text("done"));
    let run = house.ask("go").await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    assert_eq!(children(&house, run.run_id).await[0].agent, "scribe");
    let workspaces = house.folder.path().join("workspaces");
    assert!(workspaces.join("guide/note").exists());
    assert!(!workspaces.join("scribe/note").exists());
    let told = format!("{:?}", house.model.requests()[1].messages[0]);
    assert!(told.contains("You are the scribe."), "its own instructions: {told}");
}

#[tokio::test]
async fn a_stop_of_the_caller_stops_a_child_at_work() {
    let gate = Gate::new();
    let house = narrow(Scripted::new([task("a"), Reply::text("so far").then(&gate)])).await;
    let run = house.ask("go").await;
    gate.reached().await;
    let child = child(&house, run.run_id).await;
    let stopped = house.engine.cancel(&house.who, run.run_id).await.unwrap();
    assert_eq!(stopped, RunStatus::Cancelled);
    gate.dropped().await;
    assert_eq!(house.end(child.id).await, RunStatus::Cancelled);
    assert_eq!(view(&house, child.id).await.answer.as_deref(), Some("so far"));
    // The session can go on, and what it is told is sound.
    house.model.push(Reply::text("fine"));
    let next = house.go_on(run.session_id, "again").await;
    assert_eq!(house.end(next.run_id).await, RunStatus::Done);
    assert_eq!(house.model.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn a_stop_of_the_caller_withdraws_the_question_of_a_child() {
    let model = Scripted::new([task("a"), Reply::call("test.asks", json!({}))]);
    let house = narrow(model).await;
    let run = house.ask("go").await;
    let child = child(&house, run.run_id).await;
    waits(&house, child.id, 1).await;
    house.engine.cancel(&house.who, run.run_id).await.unwrap();
    assert_eq!(house.end(run.run_id).await, RunStatus::Cancelled);
    assert_eq!(house.end(child.id).await, RunStatus::Cancelled);
    let page = house.engine.approvals(&house.who, None, Default::default(), None).await.unwrap();
    assert_eq!(page.items[0].status, ApprovalStatus::Withdrawn);
}

#[tokio::test]
async fn a_call_past_its_time_stops_the_child_and_the_caller_goes_on() {
    let gate = Gate::new();
    let held = Reply::held(&gate).then(Reply::text("without it"));
    let model = Scripted::new([task("a")]).or_always(held);
    let limits = Limits { tool_timeout: Some(Duration::from_millis(1)), ..quick() };
    let house = with_limits(model, limits).await;
    let run = house.ask("go").await;
    let child = child(&house, run.run_id).await;
    assert_eq!(house.end(child.id).await, RunStatus::Cancelled);
    gate.open();
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    assert_eq!(results(&house, run.run_id).await[0].0, Some(ToolErrorCode::Timeout));
}

/// Waits until a run has gone to wait for an answer so often.
async fn waits(house: &House, run: RunId, times: usize) {
    let seen = std::cell::Cell::new(0);
    let waits = |event: &Event| {
        let waits = matches!(event, Event::RunStatus { status: RunStatus::WaitingApproval });
        seen.set(seen.get() + usize::from(waits));
        seen.get() == times
    };
    house.until(run, waits).await;
}

#[tokio::test]
async fn a_child_waits_for_a_person_and_goes_on_with_the_answer() {
    let model = Scripted::new([
        task("a"),
        Reply::call("test.asks", json!({})),
        Reply::text("It ran."),
        Reply::text("Done."),
    ]);
    let house = narrow(model).await;
    let run = house.ask("go").await;
    let child = child(&house, run.run_id).await;
    waits(&house, child.id, 1).await;
    assert_eq!(view(&house, run.run_id).await.status, RunStatus::Running);
    let page = house.engine.approvals(&house.who, None, Default::default(), None).await.unwrap();
    let question = page.items[0].id;
    let verdict = Verdict::Approve;
    house.engine.answer_approval(&house.who, question, verdict, None).await.unwrap();
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    assert!(results(&house, run.run_id).await[0].1.contains("It ran."));
    assert_eq!(results(&house, child.id).await[0].1, "it ran");
    assert_eq!(house.model.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn a_child_that_does_not_know_how_to_go_on_fails_with_what_it_tried() {
    let fails = || Reply::call("test.fails", json!({}));
    let reads = |n: u32| Reply::call("fs.read", json!({"path": n.to_string()}));
    let model = Scripted::new([task("a"), fails(), reads(1), reads(2), reads(3), reads(4)]);
    model.push(Reply::text("I see."));
    let house = narrow(model).await;
    let run = house.ask("go").await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    let child = children(&house, run.run_id).await.remove(0);
    assert_eq!(child.status, RunStatus::Failed);
    assert_eq!(child.error.unwrap().code, RunErrorCode::CallsFailed);
    let (code, text) = results(&house, run.run_id).await.remove(0);
    assert_eq!(code, Some(ToolErrorCode::InternalError));
    assert!(text.contains("it broke") && text.contains("5 calls failed"), "{text}");
}

#[tokio::test]
async fn what_a_family_uses_counts_against_the_limit_at_its_top() {
    let used = |tokens: u64| Usage { input_tokens: tokens, output_tokens: 0, cached_tokens: 0 };
    let list = |path: &str| Reply::call("fs.list", json!({"path": path}));
    let model = Scripted::new([
        task("a").then(Reply::from(used(60))),
        list(".").then(Reply::from(used(50))),
        Reply::text("never asked"),
    ]);
    let house = narrow(model).await;
    house.engine.create_agent(&house.who, draft("scribe")).await.unwrap();
    let limit = ChoicesEdit { run_tokens: Some(Some(100)), ..ChoicesEdit::default() };
    let limited = AgentDraft { choices: limit, ..AgentDraft::default() };
    house.engine.edit_agent(&house.who, "guide", None, limited).await.unwrap();
    let run = house.ask("go").await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Failed);
    let child = children(&house, run.run_id).await.remove(0);
    for run in [child.id, run.run_id] {
        let view = view(&house, run).await;
        assert_eq!(view.error.unwrap().code, RunErrorCode::TokenLimit);
        assert_eq!(view.steps, 1);
    }
    assert_eq!(house.model.left(), 1);
}

#[tokio::test]
async fn a_server_that_goes_down_interrupts_the_whole_family() {
    let gate = Gate::new();
    let house = narrow(Scripted::new([task("a"), Reply::text("half").then(&gate)])).await;
    let run = house.ask("go").await;
    gate.reached().await;
    let child = child(&house, run.run_id).await;
    house.engine.stop().await;
    for run in [run.run_id, child.id] {
        assert_eq!(view(&house, run).await.status, RunStatus::Interrupted);
    }
}

#[tokio::test]
async fn a_process_that_dies_leaves_a_family_that_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    let model = Scripted::new([]).or_always(Reply::text("fine"));
    let tools = Registry::builtin;
    let (engine, store) = open(folder.path(), &model, ONE_WORKER, quick(), tools()).await;
    engine.set_up("ada", "correct horse 42").await.unwrap();
    let who = engine.local_person(None).await.unwrap();
    let house = House { engine, store, model: model.clone(), who, folder };
    let run = house.ask("go").await;
    let lease = Duration::from_secs(3600);
    let parent = house.store.claim(lease, None).await.unwrap().unwrap();
    let begin = async |whom| {
        let call = domain::CallId::from_uuid(house.store.clock().uuid());
        let new = store::NewChild { parent: parent.clone(), call, whom, message: "a".into() };
        match house.store.begin_child(new, lease).await.unwrap() {
            store::Begun::Started(child) => child,
            other => panic!("{other:?}"),
        }
    };
    let works = begin(store::Whom::Agent(parent.agent_id)).await;
    let asks = begin(store::Whom::Agent(parent.agent_id)).await;
    let pause = store::Pause::Approval {
        step: 1,
        tool_call_id: domain::CallId::from_uuid(house.store.clock().uuid()),
        tool: "t".into(),
        arguments: "{}".into(),
        reason: "r".into(),
        expires_at: house.store.clock().now() + Duration::from_secs(3600),
    };
    house.store.pause(&asks, pause).await.unwrap();
    let House { engine, store, folder, .. } = house;
    drop(engine);
    drop(store);

    let (engine, store) = open(folder.path(), &model, ONE_WORKER, quick(), tools()).await;
    let who = engine.local_person(None).await.unwrap();
    engine.start().await.unwrap();
    let house = House { engine, store, model, who, folder };
    assert_eq!(view(&house, run.run_id).await.status, RunStatus::Interrupted);
    assert_eq!(view(&house, works.id).await.status, RunStatus::Interrupted);
    assert_eq!(view(&house, asks.id).await.status, RunStatus::Cancelled, "nobody waits for it");
    let next = house.go_on(run.session_id, "again").await;
    assert_eq!(house.end(next.run_id).await, RunStatus::Done);
    assert_eq!(house.model.violations(), Vec::<String>::new());
}
