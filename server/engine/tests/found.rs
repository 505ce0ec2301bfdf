//! Tools that a run finds by words.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod house;

use domain::{Event, RunStatus, TracePart};
use engine::Queue;
use futures_util::StreamExt;
use house::{build, house, quick};
use llm::scripted::{Reply, Scripted};
use llm::{Message, Request};
use serde_json::json;
use tools::{Output, Registry, Room, Tool, ToolError};

fn search(query: &str) -> Reply {
    Reply::call("tool.search", json!({ "query": query }))
}

fn names(request: &Request) -> Vec<String> {
    request.tools.iter().map(|tool| tool.name.clone()).collect()
}

#[tokio::test]
async fn rare_tools_are_told_of_once_they_are_found_and_stay_so() {
    let made = Reply::call("fs.mkdir", json!({ "path": "d" }));
    let model = Scripted::new([
        search("make a folder"),
        made,
        search("fs.delete"),
        Reply::text("Made."),
        Reply::call("fs_mkdir", json!({ "path": "e" })),
        Reply::text("Made."),
    ]);
    let house = house(model).await;
    let run = house.ask("Make a folder d.").await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    let requests = house.model.requests();
    let first = names(&requests[0]);
    assert!(first.contains(&"tool.search".to_owned()) && !first.contains(&"fs.mkdir".to_owned()));
    // What was told of before comes first and is the same.
    for pair in requests.windows(2) {
        assert_eq!(pair[1].tools[..pair[0].tools.len()], pair[0].tools[..]);
    }
    let told = |request: usize| names(&requests[request])[first.len()..].to_vec();
    assert_eq!(told(1)[0], "fs.mkdir");
    assert_eq!(told(2), told(1), "a call finds nothing");
    assert!(told(3).contains(&"fs.delete".to_owned()), "{:?}", told(3));
    let mut unique = told(3);
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), told(3).len(), "none twice");
    assert!(house.folder.path().join("workspaces").exists());

    // The next run of the session begins as the first did, and a model that
    // remembers a tool by the name that its provider takes may call it.
    let next = house.go_on(run.session_id, "And e").await;
    assert_eq!(house.end(next.run_id).await, RunStatus::Done);
    let requests = house.model.requests();
    assert_eq!(names(&requests[4]), first);
    let Some(Message::Tool { tool, content, .. }) = requests[5].messages.last() else {
        panic!("{:#?}", requests[5].messages);
    };
    assert_eq!((tool.as_str(), content.as_str()), ("fs.mkdir", "made the folder e"));
    assert_eq!(house.model.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn what_was_found_is_known_again_after_a_wait_and_in_a_replay() {
    let model = Scripted::new([
        search("make a folder"),
        Reply::call("test.asks", json!({})),
        Reply::call("fs.mkdir", json!({ "path": "d" })),
        Reply::text("Made."),
    ]);
    let house = build(model, Queue::default(), quick(), Registry::builtin().with(Asks)).await;
    let run = house.ask("Make a folder d.").await;
    let asked = |event: &Event| matches!(event, Event::ApprovalAsked { .. });
    house.until(run.run_id, asked).await;
    let waiting = house.engine.approvals(&house.who, None, Default::default(), None).await.unwrap();
    let id = waiting.items[0].id;
    house.engine.answer_approval(&house.who, id, domain::Verdict::Approve, None).await.unwrap();
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    let requests = house.model.requests();
    assert_eq!(names(&requests[2]), names(&requests[1]));
    let openings = house.store.events_of(&[run.run_id], &[]).await.unwrap();
    let opening = |event: &Event| matches!(event, Event::Opening { .. });
    assert_eq!(openings.iter().filter(|record| opening(&record.event)).count(), 1);
    let replayed = house.engine.replay(&house.who, run.run_id).await.unwrap();
    assert_eq!(replayed.difference, None);
    let mut trace = house.engine.trace(&house.who, run.run_id).await.unwrap();
    let mut steps = 0;
    while let Some(part) = trace.parts.next().await {
        if let TracePart::Step(step) = part.unwrap() {
            assert!(step.request.is_some(), "step {}", step.step);
            steps += 1;
        }
    }
    assert_eq!(steps, 4);
}

#[tokio::test]
async fn where_there_is_nothing_to_find_nobody_is_told_to_search() {
    let tools = Registry::empty().with(Asks).with(Searches);
    let model = Scripted::new([Reply::text("Hello.")]);
    let house = build(model, Queue::default(), quick(), tools).await;
    let run = house.ask("Hi").await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    assert_eq!(names(&house.model.requests()[0]), ["test.asks"]);
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Nothing {}

/// A tool that always asks first, and one with the name of the search.
struct Asks;
struct Searches;

impl Tool for Asks {
    const NAME: &'static str = "test.asks";
    const DESCRIPTION: &'static str = "Asks.";
    type Args = Nothing;

    fn asks(&self, _: &Nothing) -> Option<String> {
        Some("It always asks.".to_owned())
    }

    async fn call(&self, _: &Room, _: Nothing) -> Result<Output, ToolError> {
        Ok(Output::new("ran", "ran".to_owned()))
    }
}

impl Tool for Searches {
    const NAME: &'static str = tools::TOOL_SEARCH;
    const DESCRIPTION: &'static str = "Finds nothing.";
    type Args = Nothing;

    async fn call(&self, _: &Room, _: Nothing) -> Result<Output, ToolError> {
        Ok(Output::new("found", "nothing".to_owned()))
    }
}
