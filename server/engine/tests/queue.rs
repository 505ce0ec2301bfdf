//! The bound on work, the order of it, and retries.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod house;

use std::collections::HashSet;

use domain::{Channel, Delivery, Fault, FaultCode, RunStatus};
use engine::{Accepted, Queue, Submission, Target};
use house::{House, build, house, quick};
use llm::scripted::{Gate, Reply, Scripted};
use tools::Registry;

async fn post(house: &House, key: &str, message: &str) -> Result<Accepted, Fault> {
    let submission = Submission {
        target: Target::NewSession { agent: None },
        message: message.to_owned(),
        pictures: Vec::new(),
        source: Channel::Api,
        delivery: Delivery::Queue,
        idempotency: Some(("/v1/runs", key.to_owned())),
    };
    house.engine.submit(&house.who, submission).await.map_err(Fault::from)
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_posts_to_two_workers_and_four_places() {
    let gate = Gate::new();
    let model = Scripted::new([]).or_always(Reply::held(&gate).then(Reply::text("ok")));
    let queue = Queue { workers: 2, waiting_places: 4 };
    let house = build(model, queue, quick(), Registry::builtin()).await;
    let keys: Vec<_> = (0..10).map(|n| format!("key-{n}")).collect();

    let first = futures_util::future::join_all(keys.iter().map(|key| post(&house, key, key))).await;
    let (accepted, refused): (Vec<_>, Vec<_>) = first.into_iter().partition(Result::is_ok);
    assert_eq!((accepted.len(), refused.len()), (6, 4));
    for fault in refused.into_iter().map(Result::unwrap_err) {
        assert_eq!(fault.code, FaultCode::QueueFull);
        assert!(fault.retry_after_seconds.is_some_and(|seconds| seconds > 0));
        // A worker may have taken up to two by then.
        assert!(fault.queue_length.is_some_and(|length| (4..=6).contains(&length)), "{fault:?}");
    }

    gate.open();
    let mut runs: HashSet<_> = HashSet::new();
    for key in &keys {
        loop {
            match post(&house, key, key).await {
                Ok(accepted) => {
                    runs.insert(accepted.run_id);
                    break;
                }
                // Wait for room as a client would: until one more has ended.
                Err(_) => tokio::task::yield_now().await,
            }
        }
    }
    assert_eq!(runs.len(), 10);
    for run in &runs {
        assert_eq!(house.end(*run).await, RunStatus::Done);
    }
    let all = house.engine.runs(&house.who, Default::default(), Default::default(), None).await;
    assert_eq!(all.unwrap().items.len(), 10, "retries made no run twice");
}

#[tokio::test]
async fn a_key_is_one_run_and_one_body() {
    let house = house(Scripted::new([]).or_always(Reply::text("ok"))).await;
    let first = post(&house, "k", "same").await.unwrap();
    house.end(first.run_id).await;
    assert_eq!(post(&house, "k", "same").await.unwrap().run_id, first.run_id);
    assert_eq!(post(&house, "k", "other").await.unwrap_err().code, FaultCode::IdempotencyConflict);
    assert_ne!(post(&house, "l", "same").await.unwrap().run_id, first.run_id);
    assert_eq!(post(&house, "ü", "same").await.unwrap_err().code, FaultCode::InvalidInput);
}

#[tokio::test]
async fn waiting_runs_know_their_place() {
    let gate = Gate::new();
    let model = Scripted::new([]).or_always(Reply::held(&gate).then(Reply::text("ok")));
    let queue = Queue { workers: 1, waiting_places: 4 };
    let house = build(model, queue, quick(), Registry::builtin()).await;
    house.ask("works").await;
    gate.reached().await;
    let second = house.ask("waits").await;
    let third = house.ask("waits too").await;
    assert_eq!((second.queue_position, third.queue_position), (1, 2));
    let view = house.engine.run(&house.who, third.run_id).await.unwrap();
    assert_eq!(view.queue_position, Some(2));
    assert_eq!(house.engine.cancel(&house.who, second.run_id).await.unwrap(), RunStatus::Cancelled);
    let view = house.engine.run(&house.who, third.run_id).await.unwrap();
    assert_eq!(view.queue_position, Some(1));
}
