//! Runs that wait for people, and what people say to runs at work.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod house;
#[path = "../../store/tests/question/mod.rs"]
mod question;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use domain::{
    ApprovalStatus, ApprovalView, Delivery, Event, FaultCode, Role, RunId, RunStatus,
    ToolErrorCode, Verdict,
};
use engine::{Accepted, Queue, Target};
use house::{House, build, house, open, quick};
use llm::Message;
use llm::scripted::{Gate, Reply, Scripted};
use question::{Question, leave};
use serde_json::json;
use tools::{Output, Registry, Room, Tool, ToolError};

const LONG: Duration = Duration::from_secs(3_600);

/// A tool that always asks first, and counts how often it has run.
#[derive(Default)]
struct Asks(Arc<AtomicU32>);

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Args {
    n: u32,
}

impl Tool for Asks {
    const NAME: &'static str = "test.asks";
    const DESCRIPTION: &'static str = "Asks.";
    type Args = Args;

    fn asks(&self, _: &Args) -> Option<String> {
        Some("It always asks.".to_owned())
    }

    async fn call(&self, _: &Room, args: Args) -> Result<Output, ToolError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(Output::new("ran", format!("ran {}", args.n)))
    }
}

fn asks() -> Reply {
    Reply::call(Asks::NAME, json!({ "n": 1 }))
}

/// A house whose tool asks, and how often that has run.
async fn asking(model: Scripted, queue: Queue) -> (House, Arc<AtomicU32>) {
    let ran = Arc::new(AtomicU32::new(0));
    let tools = Registry::builtin().with(Asks(Arc::clone(&ran)));
    (build(model, queue, quick(), tools).await, ran)
}

async fn waiting(house: &House, run: Accepted) -> ApprovalView {
    let waits =
        |event: &Event| matches!(event, Event::RunStatus { status: RunStatus::WaitingApproval });
    house.until(run.run_id, waits).await;
    house.engine.pending(&house.who, run.session_id).await.unwrap().approval.unwrap()
}

async fn answer(house: &House, asked: &ApprovalView, verdict: Verdict, note: Option<&str>) {
    house.engine.answer_approval(&house.who, asked.id, verdict, note).await.unwrap();
}

/// The code of a refusal.
fn refused<T: std::fmt::Debug>(result: Result<T, engine::Error>) -> FaultCode {
    domain::Fault::from(result.unwrap_err()).code
}

/// How the calls of a run ended, in order.
async fn results(house: &House, run: RunId) -> Vec<(Option<ToolErrorCode>, String)> {
    let records = house.store.events_of(&[run], &[]).await.unwrap();
    let result = |event| match event {
        Event::ToolEnd { error_code, output, .. } => Some((error_code, output)),
        _ => None,
    };
    records.into_iter().filter_map(|record| result(record.event)).collect()
}

/// What people said, as the newest request tells it.
fn told(house: &House) -> Vec<String> {
    let last = house.model.requests().pop().unwrap();
    let said = |message| match message {
        Message::User { text, .. } => Some(text),
        _ => None,
    };
    let texts: Vec<_> = last.messages.into_iter().filter_map(said).collect();
    let words = texts.iter().flat_map(|text| text.split("[The person says, while you work:]"));
    words.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).collect()
}

#[tokio::test]
async fn a_run_that_waits_holds_no_worker() {
    let model = Scripted::new([asks(), Reply::text("Meanwhile."), Reply::text("Done.")]);
    let (house, ran) = asking(model, Queue { workers: 1, waiting_places: 8 }).await;
    let run = house.ask("go").await;
    let asked = waiting(&house, run).await;
    let other = house.ask("and you?").await;
    assert_eq!(house.end(other.run_id).await, RunStatus::Done, "the one worker is free");
    assert_eq!(ran.load(Ordering::Relaxed), 0);

    answer(&house, &asked, Verdict::Approve, None).await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    assert_eq!(ran.load(Ordering::Relaxed), 1);
    assert_eq!(results(&house, run.run_id).await, [(None, "ran 1".to_owned())]);
    assert_eq!(house.model.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn a_no_is_told_with_its_note_and_nothing_runs() {
    let (house, ran) =
        asking(Scripted::new([asks(), Reply::text("As you wish.")]), Queue::default()).await;
    let run = house.ask("go").await;
    let asked = waiting(&house, run).await;
    answer(&house, &asked, Verdict::Deny, Some("Not on Fridays.")).await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    let [(code, output)] = &results(&house, run.run_id).await[..] else { panic!() };
    assert_eq!(*code, Some(ToolErrorCode::ApprovalDenied));
    assert!(output.contains("Not on Fridays."), "{output}");
    assert_eq!(ran.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn an_answer_counts_once_and_is_its_owners_alone() {
    let (house, ran) =
        asking(Scripted::new([asks(), Reply::text("Done.")]), Queue::default()).await;
    let run = house.ask("go").await;
    let asked = waiting(&house, run).await;
    let eve = house.engine.add_user("eve", "correct horse 43", Role::Member).await.unwrap();
    let give =
        async |who, verdict| house.engine.answer_approval(who, asked.id, verdict, None).await;
    assert_eq!(refused(give(&eve, Verdict::Approve).await), FaultCode::ApprovalNotFound);
    assert_eq!(house.engine.questions(&eve).await.unwrap(), 0);

    let first = give(&house.who, Verdict::Approve).await.unwrap();
    assert_eq!(first.status, ApprovalStatus::Approved);
    assert_eq!(give(&house.who, Verdict::Approve).await.unwrap(), first, "the same again");
    assert_eq!(refused(give(&house.who, Verdict::Deny).await), FaultCode::ApprovalSettled);
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    assert_eq!(ran.load(Ordering::Relaxed), 1);
    let long = "x".repeat(2_001);
    let too_long = house.engine.answer_approval(&house.who, asked.id, Verdict::Deny, Some(&long));
    assert_eq!(refused(too_long.await), FaultCode::InvalidInput);
}

#[tokio::test]
async fn a_stop_ends_the_wait_and_takes_the_question_back() {
    let (house, ran) =
        asking(Scripted::new([asks(), Reply::text("Next.")]), Queue::default()).await;
    let run = house.ask("go").await;
    let asked = waiting(&house, run).await;
    assert_eq!(house.engine.cancel(&house.who, run.run_id).await.unwrap(), RunStatus::Cancelled);
    let asked = house.engine.approval(&house.who, asked.id).await.unwrap();
    assert_eq!(asked.status, ApprovalStatus::Withdrawn);
    let late = house.engine.answer_approval(&house.who, asked.id, Verdict::Approve, None).await;
    assert_eq!(refused(late), FaultCode::ApprovalSettled);
    let [(code, _)] = &results(&house, run.run_id).await[..] else { panic!() };
    assert_eq!(*code, Some(ToolErrorCode::Cancelled));

    let next = house.go_on(run.session_id, "then this").await;
    assert_eq!(house.end(next.run_id).await, RunStatus::Done);
    assert_eq!(ran.load(Ordering::Relaxed), 0);
    assert_eq!(house.model.violations(), Vec::<String>::new(), "the call has a result");
}

#[tokio::test]
async fn a_wait_outlives_its_server() {
    let (house, _) = asking(Scripted::new([asks(), Reply::text("Done.")]), Queue::default()).await;
    let run = house.ask("go").await;
    let asked = waiting(&house, run).await;
    house.engine.stop().await;
    house.store.close().await.unwrap();

    let ran = Arc::new(AtomicU32::new(0));
    let tools = Registry::builtin().with(Asks(Arc::clone(&ran)));
    let (engine, store) =
        open(house.folder.path(), &house.model, Queue::default(), quick(), tools).await;
    engine.start().await.unwrap();
    let who = engine.local_person(None).await.unwrap();
    let house = House { engine, store, who, ..house };
    let still = house.engine.pending(&house.who, run.session_id).await.unwrap().approval.unwrap();
    assert_eq!(still, asked);
    answer(&house, &asked, Verdict::Approve, None).await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    assert_eq!(ran.load(Ordering::Relaxed), 1);
    assert_eq!(house.model.violations(), Vec::<String>::new());
}

/// A house that does not work yet, with a run that waits for an answer about a
/// call with one number while one with another may be held.
async fn left_waiting(seen: u32, held: u32, lasts: Duration) -> (House, Accepted, Arc<AtomicU32>) {
    let ran = Arc::new(AtomicU32::new(0));
    let folder = tempfile::tempdir().unwrap();
    let model = Scripted::new([Reply::text("Done.")]);
    let tools = Registry::builtin().with(Asks(Arc::clone(&ran)));
    let (engine, store) = open(folder.path(), &model, Queue::default(), quick(), tools).await;
    engine.set_up("ada", "correct horse 42").await.unwrap();
    let who = engine.local_person(None).await.unwrap();
    engine.choose_profile(&who, "guide", domain::Profile::Full).await.unwrap();
    let [seen, held] = [seen, held].map(|n| json!({ "n": n }).to_string());
    let question = Question {
        message: "go",
        tool: Asks::NAME,
        held: &held,
        seen: &seen,
        reason: "It always asks.",
        lasts,
    };
    let (run_id, session_id) = leave(&store, &question).await;
    let status = RunStatus::WaitingApproval;
    let run = Accepted { run_id, session_id, status, queue_position: 0 };
    (House { engine, store, model, who, folder }, run, ran)
}

#[tokio::test]
async fn a_question_that_nobody_answers_lapses_and_the_run_goes_on_without_the_call() {
    let (house, run, ran) = left_waiting(1, 1, Duration::ZERO).await;
    house.engine.start().await.unwrap();
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    let [(code, output)] = &results(&house, run.run_id).await[..] else { panic!() };
    assert_eq!(*code, Some(ToolErrorCode::ApprovalExpired), "{output}");
    assert_eq!(ran.load(Ordering::Relaxed), 0);
    assert_eq!(house.model.violations(), Vec::<String>::new());
    let page = house.engine.approvals(&house.who, None, Default::default(), None).await.unwrap();
    assert_eq!(page.items[0].status, ApprovalStatus::Expired);
}

#[tokio::test]
async fn a_yes_runs_the_call_that_was_seen_and_no_other() {
    for (asked, held, times) in [(1, 1, 1), (1, 2, 0)] {
        let (house, run, ran) = left_waiting(asked, held, LONG).await;
        house.engine.start().await.unwrap();
        let question = waiting(&house, run).await;
        answer(&house, &question, Verdict::Approve, None).await;
        assert_eq!(house.end(run.run_id).await, RunStatus::Done);
        assert_eq!(ran.load(Ordering::Relaxed), times, "asked {asked}, held {held}");
        let denied = (times == 0).then_some(ToolErrorCode::ApprovalDenied);
        assert_eq!(results(&house, run.run_id).await[0].0, denied);
    }
}

#[tokio::test]
async fn what_is_said_to_a_run_at_work_is_heard_before_its_next_step() {
    let gate = Gate::new();
    let list = Reply::call("fs.list", json!({}));
    let model = Scripted::new([Reply::text("Hm.").then(&gate).then(list), Reply::text("Done.")]);
    let house = house(model).await;
    let run = house.ask("go").await;
    gate.reached().await;
    let session = || Target::Session(run.session_id);
    let said = house.deliver(session(), "Only the names.", Delivery::Steer).await.unwrap();
    assert_eq!(said.run_id, run.run_id, "the run at work hears it");
    let pending = house.engine.pending(&house.who, run.session_id).await.unwrap();
    assert_eq!(pending.unheard, ["Only the names."]);
    gate.open();
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    assert_eq!(told(&house), ["go", "Only the names."]);
    assert_eq!(house.model.violations(), Vec::<String>::new());
    let pending = house.engine.pending(&house.who, run.session_id).await.unwrap();
    assert_eq!(pending.unheard, Vec::<String>::new());
}

#[tokio::test]
async fn what_is_said_during_the_last_step_is_answered_before_the_run_ends() {
    let gate = Gate::new();
    let model = Scripted::new([Reply::text("Done.").then(&gate), Reply::text("That too.")]);
    let house = house(model).await;
    let run = house.ask("go").await;
    gate.reached().await;
    house.deliver(Target::Session(run.session_id), "One more.", Delivery::Steer).await.unwrap();
    gate.open();
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    let view = house.engine.run(&house.who, run.run_id).await.unwrap();
    assert_eq!((view.steps, view.answer.as_deref()), (2, Some("That too.")));
}

#[tokio::test]
async fn what_a_run_never_heard_becomes_the_next_one() {
    let gate = Gate::new();
    let model = Scripted::new([Reply::text("Hm.").then(&gate), Reply::text("Both.")]);
    let house = house(model).await;
    let run = house.ask("go").await;
    gate.reached().await;
    for text in ["First this.", "Then that."] {
        house.deliver(Target::Session(run.session_id), text, Delivery::Steer).await.unwrap();
    }
    house.engine.cancel(&house.who, run.run_id).await.unwrap();
    let runs = house.engine.runs(&house.who, Default::default(), Default::default(), None).await;
    let next = runs.unwrap().items.remove(0);
    assert_ne!(next.id, run.run_id);
    assert_eq!(house.end(next.id).await, RunStatus::Done);
    assert_eq!(told(&house), ["go", "First this.\n\nThen that."]);
    assert_eq!(house.model.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn a_run_that_waits_hears_after_the_answer_and_only_so_much() {
    let (house, _) = asking(Scripted::new([asks(), Reply::text("Done.")]), Queue::default()).await;
    let run = house.ask("go").await;
    let asked = waiting(&house, run).await;
    let session = || Target::Session(run.session_id);
    for n in 0..32 {
        house.deliver(session(), &format!("word {n}"), Delivery::Steer).await.unwrap();
    }
    let full = house.deliver(session(), "too much", Delivery::Steer).await;
    assert_eq!(refused(full), FaultCode::SteeringFull);
    answer(&house, &asked, Verdict::Approve, None).await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    let words = told(&house);
    assert_eq!((words.len(), words[1].as_str(), words[32].as_str()), (33, "word 0", "word 31"));
    assert_eq!(house.model.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn an_interruption_stops_what_works_and_comes_next() {
    let gate = Gate::new();
    let model = Scripted::new([Reply::text("Long").then(&gate), Reply::text("Short.")]);
    let house = house(model).await;
    let run = house.ask("go").await;
    gate.reached().await;
    let next = house.deliver(Target::Session(run.session_id), "Stop that.", Delivery::Interrupt);
    let next = next.await.unwrap();
    gate.dropped().await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Cancelled);
    assert_eq!(house.end(next.run_id).await, RunStatus::Done);
    assert_eq!(told(&house), ["go", "Stop that."]);
    assert_eq!(house.model.violations(), Vec::<String>::new());
}
