//! Old runs whose steps were cleared, and who may start a clean-up.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod house;

use std::time::Duration;

use domain::{CleaningState, Event, Limit, Retention, RunStatus};
use house::house;
use llm::Message;
use llm::scripted::{Reply, Scripted};
use serde_json::json;

const LATER: Duration = Duration::from_secs(91 * 24 * 60 * 60);

#[tokio::test]
async fn a_cleared_run_keeps_its_message_and_answer_everywhere() {
    let model = Scripted::new([
        Reply::text("I look.").then(Reply::call("fs.list", json!({}))),
        Reply::text("The folder is **empty** 那🙂é."),
        Reply::text("As I said."),
    ]);
    let house = house(model).await;
    let run = house.ask("What is in my folder?").await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    let seen = house.events(run.run_id).await;
    let now = house.store.clock().now() + LATER;
    let cleaned = house.store.clean_step(now, &Retention::default()).await.unwrap();
    assert_eq!(cleaned.rows["run_events"], seen.len() as u64);

    let turn = house.engine.turn(&house.who, run.run_id).await.unwrap();
    assert_eq!((turn.status, turn.cleared_days), (RunStatus::Done, Some(90)));
    let html = turn.steps.iter().flat_map(|step| step.blocks.clone()).collect::<String>();
    assert_eq!(html.trim(), "<p>The folder is <strong>empty</strong> 那🙂é.</p>");
    let chat = house.engine.chat(&house.who, run.session_id, None).await.unwrap();
    assert_eq!(chat.turns, [turn]);

    // A stream of it ends, and a page of its events reads on to the same end.
    let told = house.events(run.run_id).await;
    assert!(matches!(told.last().unwrap().event, Event::RunEnd { status: RunStatus::Done, .. }));
    assert_eq!(told.last().unwrap().seq, seen.last().unwrap().seq);
    let page = house.engine.run_events(&house.who, run.run_id, told[1].seq, Limit::default()).await;
    assert_eq!(page.unwrap(), told[2..]);

    let next = house.go_on(run.session_id, "Are you sure?").await;
    assert_eq!(house.end(next.run_id).await, RunStatus::Done);
    let request = house.model.requests().pop().unwrap();
    assert_eq!(house.model.violations(), Vec::<String>::new());
    let [
        _,
        Message::User { text: asked, .. },
        Message::Assistant { text, .. },
        Message::User { .. },
    ] = &request.messages[..]
    else {
        panic!("{:?}", request.messages);
    };
    assert_eq!(asked, "What is in my folder?");
    assert_eq!(text, "The folder is **empty** 那🙂é.");
}

#[tokio::test]
async fn a_clean_up_on_demand_measures_and_tells() {
    let house = house(Scripted::new([Reply::text("Hello.")])).await;
    let run = house.ask("Hello").await;
    house.end(run.run_id).await;
    let before = house.engine.health(&house.who).await.unwrap();
    assert_eq!(before.cleaning.state, CleaningState::Never);
    assert!(before.tables.iter().all(|table| table.size.is_none()), "no page measures");

    while house.engine.clean_up(&house.who).await.unwrap() != CleaningState::Done {}
    let health = house.engine.health(&house.who).await.unwrap();
    assert!(health.cleaning.ended_at.is_some());
    assert!(health.database.bytes > 0 && health.queue.processes == 1, "{health:?}");
    assert!(health.server.memory_bytes.is_some_and(|bytes| bytes > 1_000_000));
    let rows = |name: &str| {
        let table = health.tables.iter().find(|table| table.name == name).unwrap();
        (table.size.unwrap().rows, table.size.unwrap().bytes > 0)
    };
    assert_eq!((rows("runs"), rows("messages")), ((1, true), (2, true)));
}
