//! Reading along, from any place.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod house;

use domain::{Event, LiveEvent, Turn};
use futures_util::StreamExt;
use house::house;
use llm::scripted::{Gate, Reply, Scripted};
use serde_json::json;

const PARTS: [&str; 6] = ["# Head\n\nOne ", "**two**\n\n", "- a\n", "- b\n\n", "那🙂", "é end"];

fn talk(gates: &[Gate]) -> Scripted {
    let mut reply = Reply::text("");
    for (part, gate) in PARTS.iter().zip(gates) {
        reply = reply.then(Reply::text(*part)).then(gate);
    }
    Scripted::new([Reply::text("First.").then(Reply::call("time.now", json!({}))), reply])
}

#[tokio::test]
async fn a_reader_may_come_in_anywhere_without_gap_or_double() {
    let gates: Vec<_> = PARTS.iter().map(|_| Gate::new()).collect();
    gates.iter().for_each(Gate::open);
    let house = house(talk(&gates)).await;
    let run = house.ask("talk").await;
    let all = house.events(run.run_id).await;
    for after in 0..all.len() {
        let stream = house.engine.run_stream(&house.who, run.run_id, after as u64).await.unwrap();
        let rest: Vec<LiveEvent> = stream.map(Result::unwrap).collect().await;
        let told: Vec<_> = rest.iter().map(|event| (event.seq, &event.event)).collect();
        let known: Vec<_> = all[after..].iter().map(|event| (event.seq, &event.event)).collect();
        assert_eq!(told, known, "after {after}");
        // The page that was rendered at that place, and the stream after it.
        let turn = house.engine.turn(&house.who, run.run_id).await.unwrap();
        let mut early = house::fold(&turn, &all[..after]);
        for event in &rest {
            early.apply(event);
        }
        assert_eq!(early, turn, "after {after}");
    }
}

#[tokio::test]
async fn a_page_in_the_middle_shows_a_prefix_and_the_stream_completes_it() {
    let gates: Vec<_> = PARTS.iter().map(|_| Gate::new()).collect();
    let house = house(talk(&gates)).await;
    let run = house.ask("talk").await;
    let whole = PARTS.concat();
    let mut written = String::new();
    let mut pages: Vec<(Turn, u64)> = Vec::new();
    for (part, gate) in PARTS.iter().zip(&gates) {
        gate.reached().await;
        written.push_str(part);
        let target = written.len();
        let seen = std::cell::Cell::new(0);
        house
            .until(run.run_id, |event| {
                if let Event::TextDelta { step: 2, text } = event {
                    seen.set(seen.get() + text.len());
                }
                seen.get() == target
            })
            .await;
        let chat = house.engine.chat(&house.who, run.session_id, None).await.unwrap();
        pages.push((chat.turns.into_iter().next().unwrap(), chat.position));
        gate.open();
    }
    house.end(run.run_id).await;
    let end = house.engine.turn(&house.who, run.run_id).await.unwrap();
    assert_eq!(house.engine.run(&house.who, run.run_id).await.unwrap().answer, Some(whole));
    for (mut turn, position) in pages {
        let mut stream =
            house.engine.session_stream(&house.who, run.session_id, position).await.unwrap();
        while turn.ended_at.is_none() {
            turn.apply(&stream.next().await.unwrap().unwrap());
        }
        assert_eq!(turn, end);
    }
}

#[tokio::test]
async fn lists_hear_of_states_and_calls_only() {
    let gates: Vec<_> = PARTS.iter().map(|_| Gate::new()).collect();
    gates.iter().for_each(Gate::open);
    let house = house(talk(&gates)).await;
    let mut stream = house.engine.list_stream(&house.who, 0).await.unwrap();
    let run = house.ask("talk").await;
    let mut kinds = Vec::new();
    loop {
        let event = stream.next().await.unwrap().unwrap();
        assert_eq!(event.run_id, run.run_id);
        kinds.push(event.event.kind().as_str());
        if matches!(event.event, Event::RunEnd { .. }) {
            break;
        }
    }
    assert_eq!(kinds, ["run.status", "run.status", "tool.end", "run.end"]);
}
