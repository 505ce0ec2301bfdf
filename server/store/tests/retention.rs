//! What is too old goes, in steps, and nothing else does.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod house;

use std::collections::BTreeSet;
use std::time::Duration;

use domain::{Cleared, Event, FinishReason, Limit, Retention, RunId, RunStatus, SessionId};
use house::{House, database, house, open};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use store::{Backend, Cleaned, Clock, Ending, Error};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The database behind the store's back.
async fn raw(house: &House) -> DatabaseConnection {
    let file = format!("sqlite://{}", house.folder.path().join("openclawssy.db").display());
    let url = database(house.folder.path()).unwrap_or(file);
    sea_orm::Database::connect(url).await.unwrap()
}

async fn number(database: &DatabaseConnection, text: &str) -> i64 {
    let backend = database.get_database_backend();
    let row = database.query_one_raw(sea_orm::Statement::from_string(backend, text)).await;
    row.unwrap().unwrap().try_get_by_index(0).unwrap()
}

/// Cleans until nothing is left to do.
async fn clean(house: &House, kept: &Retention) -> Cleaned {
    let mut all = Cleaned::default();
    loop {
        let step = house.store.clean_step(house.clock.now(), kept).await.unwrap();
        assert!(step.total() <= 500, "{step:?}");
        all.add(&step);
        if !step.more {
            return all;
        }
    }
}

async fn whole_run(house: &House, session: Option<SessionId>, deltas: u32) -> (RunId, SessionId) {
    let (id, session) = house.submit(session, "What is in 那🙂é?").await;
    let run = house.claim().await;
    let mut events = vec![Event::StepStart { step: 1, model: "a/b".into() }];
    events.extend((0..deltas).map(|_| Event::TextDelta { step: 1, text: "x".into() }));
    let text = "x".repeat(deltas as usize);
    let finish = FinishReason::Stop;
    events.push(Event::StepEnd {
        step: 1,
        text,
        thinking: None,
        raw: None,
        carried: None,
        finish,
        duration_ms: 5,
    });
    house.store.append(&run, &events).await.unwrap();
    house.store.end(&run, Ending::done()).await.unwrap();
    (id, session)
}

#[tokio::test]
async fn every_table_has_an_owner_and_an_age_limit() {
    let house = house().await;
    let text = match house.store.backend() {
        Backend::Sqlite => {
            "SELECT name FROM sqlite_schema WHERE type = 'table'
            AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
            AND name NOT LIKE 'messages\\_search\\_%' ESCAPE '\\'"
        }
        Backend::Postgres => {
            "SELECT CAST(tablename AS TEXT) AS name FROM pg_tables
            WHERE schemaname = current_schema()"
        }
    };
    let database = raw(&house).await;
    let backend = database.get_database_backend();
    let rows = database.query_all_raw(sea_orm::Statement::from_string(backend, text)).await;
    let names = rows.unwrap().iter().map(|row| row.try_get("", "name").unwrap()).collect();
    let known: BTreeSet<String> =
        store::tables(house.store.backend()).map(|table| table.name.to_owned()).collect();
    assert_eq!(known, names, "each table needs a rule in retention.rs");
}

#[tokio::test]
async fn pieces_of_texts_go_first_and_steps_later() {
    let house = house().await;
    let (id, session) = whole_run(&house, None, 700).await;
    let kept = Retention::default();
    let before = house.store.events_after(id, 0, 2_000).await.unwrap();
    assert_eq!(clean(&house, &kept).await.total(), 0, "nothing is old");

    house.pass(DAY + Duration::from_secs(1));
    let first = house.store.clean_step(house.clock.now(), &kept).await.unwrap();
    assert_eq!((first.rows["run_events"], first.more), (500, true), "one step is small");
    assert_eq!(clean(&house, &kept).await.rows["run_events"], 200);
    let rest = house.store.events_after(id, 0, 2_000).await.unwrap();
    let is_delta = |event: &Event| matches!(event, Event::TextDelta { .. });
    let without: Vec<_> = before.into_iter().filter(|e| !is_delta(&e.event)).collect();
    assert_eq!(rest, without);
    assert_eq!(house.store.run(house.owner, id).await.unwrap().cleared, Cleared::Deltas);

    house.pass(DAY * 90);
    clean(&house, &kept).await;
    assert_eq!(house.store.events_after(id, 0, 2_000).await.unwrap(), []);
    let run = house.store.run(house.owner, id).await.unwrap();
    assert_eq!((run.cleared, run.status), (Cleared::Events, RunStatus::Done));
    let messages = house.store.messages(house.owner, session, Limit::default(), None).await;
    assert_eq!(messages.unwrap().items.len(), 2, "what was said stays");
    assert_eq!(clean(&house, &kept).await.total(), 0);
}

#[tokio::test]
async fn a_run_that_is_being_cleared_shows_its_remains_only() {
    let house = house().await;
    let (id, session) = whole_run(&house, None, 700).await;
    house.pass(DAY * 91);
    let kept = Retention::default();
    let step = house.store.clean_step(house.clock.now(), &kept).await.unwrap();
    assert!(step.more);
    let run = house.store.run(house.owner, id).await.unwrap();
    assert_eq!(run.cleared, Cleared::Clearing);
    let remains = store::remains(&run).unwrap();
    assert_eq!(remains.last().unwrap().seq, run.last_seq);
    let texts = remains.iter().filter_map(|record| match &record.event {
        Event::StepEnd { text, .. } => Some(text.clone()),
        _ => None,
    });
    assert_eq!(texts.collect::<Vec<_>>(), ["x".repeat(700)]);
    // The next run of the session is told the same.
    house.submit(Some(session), "and now?").await;
    let next = house.claim().await;
    let history = house.store.history(&next, 50).await.unwrap();
    assert_eq!(history[0].message, "What is in 那🙂é?");
    assert_eq!(history[0].events, remains);
}

#[tokio::test]
async fn a_deleted_session_goes_with_everything_that_is_its_own() {
    let house = house().await;
    let (_, gone) = whole_run(&house, None, 600).await;
    for _ in 0..80 {
        whole_run(&house, Some(gone), 1).await;
    }
    let (stays, other) = whole_run(&house, None, 5).await;
    let database = raw(&house).await;
    let delete = "UPDATE sessions SET state = 'deleted' WHERE title LIKE 'What%' AND id IN (
            SELECT session_id FROM runs GROUP BY session_id HAVING COUNT(*) > 50)";
    database.execute_unprepared(delete).await.unwrap();
    let cleaned = clean(&house, &Retention::default()).await;
    assert_eq!(cleaned.rows["runs"], 81);
    assert_eq!(cleaned.rows["messages"], 162);
    assert_eq!(cleaned.rows["sessions"], 1);
    assert!(matches!(house.store.session(house.owner, gone).await, Err(Error::NotFound(_))));
    assert!(house.store.session(house.owner, other).await.is_ok());
    for table in ["runs", "sessions"] {
        assert_eq!(number(&database, &format!("SELECT COUNT(*) FROM {table}")).await, 1, "{table}");
    }
    let events = house.store.events_after(stays, 0, 100).await.unwrap().len() as i64;
    assert_eq!(number(&database, "SELECT COUNT(*) FROM run_events").await, events);
    if house.store.backend() == Backend::Sqlite {
        let check =
            "INSERT INTO messages_search (messages_search, rank) VALUES ('integrity-check', 1)";
        database.execute_unprepared(check).await.unwrap();
    }
}

#[tokio::test]
async fn sessions_go_for_their_age_only_where_that_is_set_and_never_at_work() {
    let house = house().await;
    let (_, old) = whole_run(&house, None, 1).await;
    let (_, working) = house.submit(None, "at work").await;
    house.claim().await;
    house.pass(DAY * 400);
    let (_, young) = whole_run(&house, None, 1).await;
    clean(&house, &Retention::default()).await;
    assert!(house.store.session(house.owner, old).await.is_ok(), "kept for ever unless told");
    let kept = Retention { sessions_days: Some(365), ..Retention::default() };
    clean(&house, &kept).await;
    assert!(matches!(house.store.session(house.owner, old).await, Err(Error::NotFound(_))));
    for session in [working, young] {
        assert!(house.store.session(house.owner, session).await.is_ok());
    }
}

#[tokio::test]
async fn what_has_expired_goes() {
    let house = house().await;
    let soon = house.clock.now() + Duration::from_secs(60);
    house.store.add_login("secret", house.owner, soon).await.unwrap();
    house.store.add_note("a", &domain::FormNote::default(), soon).await.unwrap();
    assert_eq!(clean(&house, &Retention::default()).await.total(), 0);
    house.pass(Duration::from_secs(61));
    let cleaned = clean(&house, &Retention::default()).await;
    assert_eq!((cleaned.rows["login_sessions"], cleaned.rows["form_notes"]), (1, 1));
}

#[tokio::test]
async fn usage_goes_after_400_days_and_prompts_when_no_steps_are_left() {
    let house = house().await;
    let database = raw(&house).await;
    let now = house.clock.now().as_millisecond();
    let today = now / DAY.as_millis() as i64;
    let text = format!(
        "INSERT INTO usage_days (agent_id, day) SELECT a.id, d.day FROM agents a
            CROSS JOIN (SELECT {today} AS day UNION SELECT {today} - 400 UNION SELECT {today} - 401
                UNION SELECT {today} - 900) d"
    );
    database.execute_unprepared(&text).await.unwrap();
    let hash = |n: u8| match house.store.backend() {
        Backend::Sqlite => format!("x'{n:02x}'"),
        Backend::Postgres => format!("'\\x{n:02x}'::bytea"),
    };
    let old = now - (DAY * 91).as_millis() as i64;
    let text = format!(
        "INSERT INTO prompts (hash, content, used_at) VALUES ({}, 'old', {old}), ({}, 'new', {now})",
        hash(1),
        hash(2)
    );
    database.execute_unprepared(&text).await.unwrap();
    let cleaned = clean(&house, &Retention::default()).await;
    assert_eq!((cleaned.rows["usage_days"], cleaned.rows["prompts"]), (2, 1));
    assert_eq!(number(&database, "SELECT MIN(day) FROM usage_days").await, today - 400);
    assert_eq!(number(&database, "SELECT COUNT(*) FROM prompts WHERE content = 'new'").await, 1);
    assert_eq!(clean(&house, &Retention::default()).await.total(), 0);
}

#[tokio::test]
async fn a_prompt_stays_as_long_as_the_steps_that_were_sent_it() {
    let house = house().await;
    let hash = house.store.keep_prompt("x").await.unwrap();
    // This use is not noted any more.
    house.pass(DAY - Duration::from_secs(1));
    house.store.keep_prompt("x").await.unwrap();
    let (id, _) = whole_run(&house, None, 1).await;
    let kept = Retention::default();
    let events = async || house.store.log_after(id, 0, 100).await.unwrap().len();
    house.pass(DAY * 90 - Duration::from_secs(1));
    clean(&house, &kept).await;
    assert_ne!(events().await, 0);
    assert!(house.store.prompt(&hash).await.unwrap().is_some());
    house.pass(Duration::from_secs(2));
    clean(&house, &kept).await;
    assert_eq!((events().await, house.store.prompt(&hash).await.unwrap()), (0, None));
}

#[tokio::test]
async fn one_process_cleans_at_a_time() {
    let house = house().await;
    let other = open(house.folder.path(), &house.clock).await.unwrap();
    let hold = Duration::from_secs(60);
    assert!(house.store.begin_cleaning(hold).await.unwrap());
    assert!(!other.begin_cleaning(hold).await.unwrap());
    house.pass(hold);
    assert!(other.begin_cleaning(hold).await.unwrap(), "the first one was silent");
    assert!(!house.store.keep_cleaning(hold).await.unwrap());
    other.end_cleaning(&Cleaned::default()).await.unwrap();
    assert!(house.store.begin_cleaning(hold).await.unwrap());
}

#[tokio::test]
async fn the_size_of_ten_thousand_runs_is_bounded_and_given_back() {
    let house = house().await;
    whole_run(&house, None, 0).await;
    let database = raw(&house).await;
    // Each run leaves 15 pieces of a text, which are most of what it stores.
    seed_runs(&house, &database, 10_000, 15).await;
    let hold = Duration::from_secs(60);
    assert!(house.store.begin_cleaning(hold).await.unwrap());
    house.pass(DAY * 2);
    let cleaned = clean(&house, &Retention::default()).await;
    assert_eq!(cleaned.rows["run_events"], 150_000);
    while house.store.free_step().await.unwrap() {}
    house.store.measure().await.unwrap();
    house.store.end_cleaning(&cleaned).await.unwrap();

    let told = house.store.cleaning().await.unwrap();
    assert_eq!(told.rows, 150_000);
    let events = house.store.tables(&Retention::default()).await.unwrap();
    let events = events.into_iter().find(|table| table.name == "run_events").unwrap();
    assert_eq!(events.cleaned_rows, 150_000);
    if house.store.backend() == Backend::Sqlite {
        assert!(told.bytes_after * 2 < told.bytes_before, "{told:?}");
        let file = house.store.database().await.unwrap();
        // A thousand pages may stay free.
        assert!(file.free_bytes.unwrap() <= 4_096_000, "{file:?}");
        assert!(events.size.unwrap().bytes < 2_000_000, "{events:?}");
    }
}

/// Ended runs behind the store's back, with nothing but pieces of a text.
async fn seed_runs(house: &House, database: &DatabaseConnection, runs: u32, deltas: u32) {
    let now = house.clock.now().as_millisecond();
    let uuid = match house.store.backend() {
        Backend::Sqlite => "randomblob(16)",
        Backend::Postgres => "gen_random_uuid()",
    };
    let text = format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {runs})
        INSERT INTO runs (id, owner_id, session_id, agent_id, source, status, message, last_seq,
            created_at, ended_at)
        SELECT {uuid}, r.owner_id, r.session_id, r.agent_id, r.source, 'done', 'm', {deltas},
            {now}, {now} FROM n CROSS JOIN (SELECT * FROM runs LIMIT 1) r"
    );
    database.execute_unprepared(&text).await.unwrap();
    let payload = Event::TextDelta { step: 1, text: "twenty characters of it".into() };
    let payload = serde_json::to_string(&payload).unwrap();
    let text = format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {deltas})
        INSERT INTO run_events (run_id, seq, session_id, owner_id, kind, payload, created_at)
        SELECT r.id, n.i, r.session_id, r.owner_id, 'text.delta', '{payload}', {now}
        FROM runs r CROSS JOIN n WHERE r.message = 'm'"
    );
    database.execute_unprepared(&text).await.unwrap();
}
