//! How the loop decides: recovery, results used again, circles, stand-ins,
//! empty replies, and calls that a person is asked about.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod house;

use std::time::Duration;

use domain::{
    ChoicesEdit, Event, ModelFaultKind, RecoveryState, RunErrorCode, RunStatus, ToolErrorCode,
    Verdict,
};
use engine::{AgentDraft, Queue};
use house::{House, build, house, quick};
use llm::LlmError;
use llm::scripted::{Reply, Scripted};
use serde_json::json;
use tools::{Output, Registry, Room, Tool, ToolError};

/// A tool that always fails, and one that always asks first.
struct Fails;
struct Asks;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Args {
    n: u32,
}

impl Tool for Fails {
    const NAME: &'static str = "test.fails";
    const DESCRIPTION: &'static str = "Fails.";
    type Args = Args;

    async fn call(&self, _: &Room, args: Args) -> Result<Output, ToolError> {
        Err(ToolError::new(ToolErrorCode::InternalError, format!("number {} broke", args.n)))
    }
}

impl Tool for Asks {
    const NAME: &'static str = "test.asks";
    const DESCRIPTION: &'static str = "Asks.";
    type Args = Args;

    fn asks(&self, _: &Args) -> Option<String> {
        Some("It always asks.".to_owned())
    }

    async fn call(&self, _: &Room, args: Args) -> Result<Output, ToolError> {
        Ok(Output::new("ran", format!("ran {}", args.n)))
    }
}

fn fails(n: u32) -> Reply {
    Reply::call("test.fails", json!({ "n": n }))
}

fn works(n: u32) -> Reply {
    Reply::call("fs.write", json!({ "path": n.to_string(), "content": "x" }))
}

async fn with_tools(model: Scripted) -> House {
    build(model, Queue::default(), quick(), Registry::builtin().with(Fails).with(Asks)).await
}

async fn states(house: &House, run: domain::RunId) -> Vec<RecoveryState> {
    let turn = house.engine.run(&house.who, run).await.unwrap();
    let events = house.store.events_of(&[turn.id], &[]).await.unwrap();
    let state = |event: &Event| match event {
        Event::Recovery { state, .. } => Some(*state),
        _ => None,
    };
    events.iter().filter_map(|record| state(&record.event)).collect()
}

#[tokio::test]
async fn five_failures_ask_a_person_whose_answer_continues_the_run() {
    let model = Scripted::new((1..=5).map(fails).chain([Reply::text("Done as you say.")]));
    let house = with_tools(model).await;
    let run = house.ask("go").await;
    let waits =
        |event: &Event| matches!(event, Event::RunStatus { status: RunStatus::WaitingGuidance });
    house.until(run.run_id, waits).await;
    let told = house.store.events_of(&[run.run_id], &[]).await.unwrap();
    let asked = told.iter().find_map(|record| match &record.event {
        Event::GuidanceAsked { question, attempts } => Some((question.clone(), attempts.clone())),
        _ => None,
    });
    let (question, attempts) = asked.unwrap();
    assert_eq!(attempts.len(), 5);
    assert!((1..=5).all(|n| question.contains(&format!("number {n} broke"))), "{question}");
    assert!(attempts[4].arguments.contains('5'));

    let next = house.go_on(run.session_id, "Leave it.").await;
    assert_eq!(next.run_id, run.run_id, "the answer goes to the run that asked");
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    let last = house.model.requests().pop().unwrap();
    assert!(format!("{:?}", last.messages.last().unwrap()).contains("Leave it."));
    assert_eq!(house.model.violations(), Vec::<String>::new());
    let told = states(&house, run.run_id).await;
    assert_eq!(told, [RecoveryState::Entered, RecoveryState::Exhausted]);
}

#[tokio::test]
async fn an_intermittent_loop_ends_too_and_three_successes_end_the_recovery() {
    let replies = [fails(1), fails(2), works(1), fails(3), works(2), fails(4), works(3), fails(5)];
    let house = with_tools(Scripted::new(replies)).await;
    let run = house.ask("go").await;
    let waits =
        |event: &Event| matches!(event, Event::RunStatus { status: RunStatus::WaitingGuidance });
    house.until(run.run_id, waits).await;

    let replies = [fails(1), fails(2), works(1), works(2), works(3), Reply::text("Well.")];
    let house = with_tools(Scripted::new(replies)).await;
    let run = house.ask("go").await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    assert_eq!(states(&house, run.run_id).await, [RecoveryState::Entered, RecoveryState::Left]);
    let nudged = &house.model.requests()[2].messages;
    assert!(format!("{:?}", nudged.last().unwrap()).contains("look at why"), "{nudged:?}");
}

#[tokio::test]
async fn equal_reads_run_once_until_something_is_written() {
    let write = |text: &str| Reply::call("fs.write", json!({"path": "a", "content": text}));
    let read = || Reply::call("fs.read", json!({"path": "a"}));
    let time = || Reply::call("time.now", json!({}));
    let model = Scripted::new([
        write("old"),
        read(),
        read().then(time()),
        write("new"),
        read().then(time()),
        Reply::text("Done."),
    ]);
    let house = house(model).await;
    let run = house.ask("go").await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    let events = house.store.events_of(&[run.run_id], &[]).await.unwrap();
    let reads: Vec<_> = events
        .iter()
        .filter_map(|record| match &record.event {
            Event::ToolEnd { tool, output, reused_from, .. } if tool != "fs.write" => {
                Some((tool.as_str(), output.contains("new"), reused_from.is_some()))
            }
            _ => None,
        })
        .collect();
    let expected = [
        ("fs.read", false, false),
        ("fs.read", false, true),
        ("time.now", false, false),
        ("fs.read", true, false),
        ("time.now", false, false),
    ];
    let sorted = |mut list: Vec<_>| {
        list.sort_unstable();
        list
    };
    assert_eq!(sorted(reads), sorted(expected.to_vec()));
    assert_eq!(house.model.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn a_model_that_goes_round_is_told_and_then_stopped() {
    let same = || Reply::call("fs.list", json!({}));
    let house = house(Scripted::new([same(), same(), same(), Reply::text("Only a list.")])).await;
    let run = house.ask("go").await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    let last = house.model.requests().pop().unwrap();
    assert!(format!("{:?}", last.messages.last().unwrap()).contains("Call no more tools"));

    let house = self::house::house(Scripted::new([]).or_always(same())).await;
    let run = house.ask("go").await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Failed);
    let view = house.engine.run(&house.who, run.run_id).await.unwrap();
    assert_eq!((view.error.unwrap().code, view.calls), (RunErrorCode::Loop, 3));
}

#[tokio::test]
async fn a_long_wait_fails_over_at_once_and_the_stand_in_stays() {
    let limited = LlmError::RateLimited { retry_after: Some(Duration::from_secs(600)) };
    let model = Scripted::new([Reply::fail(limited), works(1), Reply::text("From the other.")]);
    let house = house(model).await;
    let fallbacks = Some(Some(vec!["scripted/other".to_owned()]));
    let draft = AgentDraft {
        choices: ChoicesEdit { fallbacks, ..ChoicesEdit::default() },
        ..AgentDraft::default()
    };
    house.engine.edit_agent(&house.who, "guide", None, draft).await.unwrap();
    let run = house.ask("go").await;
    let events = house.events(run.run_id).await;
    let fault = events.iter().find_map(|event| match &event.event {
        Event::ModelFault { model, fault, next_model, retry_after_ms, .. } => {
            Some((model.clone(), *fault, next_model.clone(), *retry_after_ms))
        }
        _ => None,
    });
    let next = Some("scripted/other".to_owned());
    let expected = ("scripted/model".to_owned(), ModelFaultKind::RateLimited, next, None);
    assert_eq!(fault, Some(expected));
    let asked: Vec<_> = house.model.requests().into_iter().map(|request| request.model).collect();
    assert_eq!(asked, ["model", "other", "other"]);
    let view = house.engine.run(&house.who, run.run_id).await.unwrap();
    assert_eq!((view.status, view.answer.as_deref()), (RunStatus::Done, Some("From the other.")));
}

#[tokio::test]
async fn an_empty_reply_is_asked_again_only_while_nothing_was_done() {
    let model = Scripted::new([Reply::empty(), Reply::text("Here.")]);
    let house = house(model).await;
    let run = house.ask("go").await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    assert_eq!(house.model.requests().len(), 2);
    assert_eq!(house.model.violations(), Vec::<String>::new());

    let house = self::house::house(Scripted::new([works(1), Reply::empty()])).await;
    let run = house.ask("go").await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    assert_eq!(house.model.requests().len(), 2, "what was done is not done again");
    let view = house.engine.run(&house.who, run.run_id).await.unwrap();
    assert!(view.answer.unwrap().contains("no closing words"));
}

#[tokio::test]
async fn calls_that_cannot_be_read_are_tried_three_times() {
    for reply in
        [Reply::text("<tool_call>{\"name\":"), Reply::raw_call("", "fs.read", "{\"path\": \"a")]
    {
        let house = house(Scripted::new([]).or_always(reply)).await;
        let run = house.ask("go").await;
        assert_eq!(house.end(run.run_id).await, RunStatus::Failed);
        let view = house.engine.run(&house.who, run.run_id).await.unwrap();
        assert_eq!((view.error.unwrap().code, view.steps), (RunErrorCode::Provider, 3));
        assert_eq!(house.model.violations(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_call_that_is_asked_about_runs_once_after_the_yes_and_those_behind_it_after_it() {
    let asks = |n: u32| Reply::call("test.asks", json!({ "n": n }));
    let model =
        Scripted::new([works(1).then(asks(1)).then(asks(2)).then(works(2)), Reply::text("Done.")]);
    let house = with_tools(model).await;
    let run = house.ask("go").await;
    for (seen, verdict) in [(1, Verdict::Approve), (2, Verdict::Deny)] {
        let mut statuses = 0;
        let waits = |event: &Event| {
            matches!(event, Event::RunStatus { status: RunStatus::WaitingApproval })
        };
        let mut stream = house.engine.run_stream(&house.who, run.run_id, 0).await.unwrap();
        while statuses < seen {
            let event = futures_util::StreamExt::next(&mut stream).await.unwrap().unwrap();
            statuses += u32::from(waits(&event.event));
        }
        let waiting = Some(domain::ApprovalStatus::Waiting);
        let page =
            house.engine.approvals(&house.who, waiting, Default::default(), None).await.unwrap();
        let [question] = &page.items[..] else { panic!("{page:?}") };
        assert!(question.arguments.contains(&seen.to_string()));
        house
            .engine
            .answer_approval(&house.who, question.id, verdict, Some("my word"))
            .await
            .unwrap();
    }
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    let turn = house.engine.run(&house.who, run.run_id).await.unwrap();
    let events = house.store.events_of(&[turn.id], &[]).await.unwrap();
    let ends: Vec<_> = events
        .iter()
        .filter_map(|record| match &record.event {
            Event::ToolEnd { tool, error_code, .. } => Some((tool.as_str(), *error_code)),
            _ => None,
        })
        .collect();
    let expected = [
        ("fs.write", None),
        ("test.asks", None),
        ("test.asks", Some(ToolErrorCode::ApprovalDenied)),
        ("fs.write", None),
    ];
    assert_eq!(ends, expected);
    let last = house.model.requests().pop().unwrap();
    assert!(format!("{:?}", last.messages).contains("my word"));
    assert_eq!(house.model.violations(), Vec::<String>::new());
}
