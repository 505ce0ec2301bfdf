//! Many write while somebody reads for long.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod house;

use std::sync::Arc;

use domain::{Channel, Delivery, Event, FinishReason};
use house::{LEASE, WIDE, database, house, open};
use sea_orm::{ConnectionTrait, Statement, TransactionTrait};
use store::{Ending, NewRun, Store, Submitted};

const WRITERS: usize = 20;
const RUNS: usize = 5;

/// SQLite's log may hold this much, in bytes.
const LOG_BOUND: u64 = 64 * 1024 * 1024;

/// Takes a run in and does one like it.
async fn one_run(store: &Store, new: NewRun) -> Result<(), store::Error> {
    let submitted = store.submit(new, WIDE).await?;
    assert!(matches!(submitted, Submitted::Accepted { .. }), "{submitted:?}");
    // Another writer's, perhaps; each takes one for one that it gave.
    let run = store.claim(LEASE, None).await?.unwrap();
    let delta = || Event::TextDelta { step: 1, text: "那🙂é ".repeat(20) };
    for _ in 0..5 {
        store.append(&run, &[delta(), delta(), delta(), delta()]).await?;
    }
    let start = Event::StepStart { step: 1, model: "a/b".into() };
    let finish = FinishReason::Stop;
    let end = Event::StepEnd {
        step: 1,
        text: "那🙂é".repeat(400),
        thinking: None,
        raw: None,
        carried: None,
        finish,
        duration_ms: 1,
    };
    store.append(&run, &[start, end]).await?;
    store.end(&run, Ending::done()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_writers_and_a_reader_that_stays() {
    let house = house().await;
    house.submit(None, "before").await;
    let first = house.claim().await;
    house.store.end(&first, Ending::done()).await.unwrap();
    // A second process on the same data writes too.
    let other = open(house.folder.path(), &house.clock).await.unwrap();
    let file = format!("sqlite://{}", house.folder.path().join("openclawssy.db").display());
    let url = database(house.folder.path()).unwrap_or(file);
    let reader = sea_orm::Database::connect(url).await.unwrap();
    let held = reader
        .begin_with_config(Some(sea_orm::IsolationLevel::RepeatableRead), None)
        .await
        .unwrap();
    let count = async || {
        let text = "SELECT COUNT(*) FROM runs";
        let statement = Statement::from_string(reader.get_database_backend(), text);
        let row = held.query_one_raw(statement).await.unwrap().unwrap();
        row.try_get_by_index::<i64>(0).unwrap()
    };
    assert_eq!(count().await, 1);

    let stores = Arc::new([house.store.clone(), other]);
    let writers: Vec<_> = (0..WRITERS)
        .map(|n| {
            let stores = Arc::clone(&stores);
            let (owner_id, agent_id) = (house.owner, house.agent);
            tokio::spawn(async move {
                for run in 0..RUNS {
                    let new = NewRun {
                        owner_id,
                        session_id: None,
                        agent_id,
                        title: format!("writer {n}"),
                        source: Channel::Api,
                        message: format!("run {run} 那🙂é"),
                        pictures: Vec::new(),
                        delivery: Delivery::Queue,
                        idempotency: None,
                    };
                    one_run(&stores[n % 2], new).await.unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(count().await, 1, "the reader still sees what it began with");
    let log = house.store.database().await.unwrap().log_bytes.unwrap_or(0);
    assert!(log < LOG_BOUND, "{log} bytes");
    held.rollback().await.unwrap();
    assert_eq!(house.store.load().await.unwrap(), (0, 0));
    house.store.checkpoint().await.unwrap();
    assert_eq!(house.store.integrity().await.unwrap(), Vec::<String>::new());
}
