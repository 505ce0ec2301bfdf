//! The store's contract, told once. Each database has to live up to it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod house;

use std::time::Duration;

use domain::{Channel, Event, FinishReason, FormNote, Limit, Role, RunFilter, RunStatus, UserName};
use house::{LEASE, database, house, open};
use store::{Backend, Change, Clock, Ending, Error, NewUser, News};

#[tokio::test]
async fn claims_go_in_order_and_one_at_a_time_in_a_session() {
    let house = house().await;
    let (first, session) = house.submit(None, "1").await;
    let (second, _) = house.submit(Some(session), "2").await;
    let (third, _) = house.submit(None, "3").await;
    let one = house.claim().await;
    let three = house.claim().await;
    assert_eq!((one.id, three.id), (first, third), "the second waits for its session");
    assert_eq!(house.store.claim(LEASE, None).await.unwrap(), None);
    house.store.end(&one, Ending::done()).await.unwrap();
    assert_eq!(house.claim().await.id, second);
}

#[tokio::test]
async fn a_lease_that_ran_out_is_lost_for_good() {
    let house = house().await;
    house.submit(None, "1").await;
    let run = house.claim().await;
    // Another process on the same data.
    let other = open(house.folder.path(), &house.clock).await.unwrap();
    assert_eq!(other.recover().await.unwrap(), 0, "the holder lives and its lease runs");
    house.pass(LEASE + Duration::from_secs(1));
    assert_eq!(other.recover().await.unwrap(), 1);
    assert_eq!(other.recover().await.unwrap(), 0);
    let event = Event::StepStart { step: 1, model: "a/b".into() };
    assert!(matches!(house.store.append(&run, &[event]).await, Err(Error::LeaseLost)));
    assert!(matches!(house.store.end(&run, Ending::done()).await, Err(Error::LeaseLost)));
    let view = house.store.run(house.owner, run.id).await.unwrap();
    assert_eq!(view.status, RunStatus::Interrupted);
}

#[tokio::test]
async fn a_heartbeat_keeps_the_lease() {
    let house = house().await;
    house.submit(None, "1").await;
    let run = house.claim().await;
    let other = open(house.folder.path(), &house.clock).await.unwrap();
    for _ in 0..5 {
        house.pass(LEASE / 2);
        house.store.heartbeat(LEASE).await.unwrap();
        assert_eq!(other.recover().await.unwrap(), 0);
    }
    house.store.end(&run, Ending::done()).await.unwrap();
}

#[tokio::test]
async fn an_end_closes_what_is_open_and_keeps_the_text() {
    let house = house().await;
    let (id, session) = house.submit(None, "1").await;
    let run = house.claim().await;
    let text = |text: &str| Event::TextDelta { step: 1, text: text.into() };
    let start = Event::StepStart { step: 1, model: "a/b".into() };
    house.store.append(&run, &[start, text("那"), text("🙂é")]).await.unwrap();
    house.pass(Duration::from_millis(1500));
    house.store.end(&run, Ending::cancelled()).await.unwrap();
    let events = house.store.events_after(id, 0, 100).await.unwrap();
    let whole = Event::StepEnd {
        step: 1,
        text: "那🙂é".into(),
        thinking: None,
        raw: None,
        carried: None,
        finish: FinishReason::Cut,
        duration_ms: 1500,
    };
    assert_eq!(events[events.len() - 2].event, whole);
    let messages =
        house.store.messages(house.owner, session, Limit::default(), None).await.unwrap();
    assert_eq!(messages.items[0].content, "那🙂é");
    assert_eq!(house.store.events_of(&[id], &[]).await.unwrap().len(), events.len() - 2);
}

#[tokio::test]
async fn changes_are_announced_after_the_commit() {
    let house = house().await;
    let mut listener = house.store.feed().listen();
    let (id, _) = house.submit(None, "1").await;
    let Some(Change::Run { run_id, news, .. }) = listener.next().await else { panic!() };
    assert_eq!((run_id, news), (id, News::Status));
    assert!(house.store.run(house.owner, id).await.is_ok());
}

#[tokio::test]
async fn another_processes_commit_is_heard() {
    let house = house().await;
    let other = open(house.folder.path(), &house.clock).await.unwrap();
    let mut listener = other.feed().listen();
    let (id, _) = house.submit(None, "1").await;
    match listener.next().await {
        // SQLite says that there is something, PostgreSQL what it is.
        Some(Change::Anything) => assert_eq!(other.backend(), Backend::Sqlite),
        Some(Change::Run { run_id, news: News::Status, .. }) => assert_eq!(run_id, id),
        heard => panic!("{heard:?}"),
    }
    assert!(other.run(house.owner, id).await.is_ok());
}

#[tokio::test]
async fn a_stop_from_another_process_is_heard() {
    let house = house().await;
    let (id, _) = house.submit(None, "1").await;
    house.claim().await;
    let other = open(house.folder.path(), &house.clock).await.unwrap();
    assert_eq!(other.request_cancel(house.owner, id).await.unwrap(), RunStatus::Running);
    assert_eq!(house.store.cancel_requests().await.unwrap(), [id]);
    assert_eq!(other.cancel_requests().await.unwrap(), []);
}

#[tokio::test]
async fn only_one_can_be_the_first_owner() {
    let house = house().await;
    let new = |name: &str| NewUser {
        name: UserName::parse(name).unwrap(),
        password_hash: "x".into(),
        role: Role::Owner,
    };
    assert!(matches!(house.store.add_first_owner(new("eve")).await, Err(Error::Taken(_))));
    assert!(matches!(house.store.add_user(new("ada")).await, Err(Error::Taken("name"))));
    assert_eq!(house.store.first_owner().await.unwrap().unwrap().id, house.owner);
}

#[tokio::test]
async fn login_sessions_end_and_notes_are_read_once() {
    let house = house().await;
    let soon = house.clock.now() + Duration::from_secs(60);
    house.store.add_login("secret", house.owner, soon).await.unwrap();
    assert!(house.store.login("secret").await.unwrap().is_some());
    assert!(house.store.login("Secret").await.unwrap().is_none());
    let note = FormNote { form: "login".into(), ..FormNote::default() };
    house.store.add_note("a", &note, soon).await.unwrap();
    house.store.add_note("b", &note, soon).await.unwrap();
    assert_eq!(house.store.take_note("a").await.unwrap(), Some(note));
    assert_eq!(house.store.take_note("a").await.unwrap(), None);
    house.pass(Duration::from_secs(61));
    assert!(house.store.login("secret").await.unwrap().is_none());
    assert_eq!(house.store.take_note("b").await.unwrap(), None);
}

#[tokio::test]
async fn sessions_of_one_millisecond_are_all_listed() {
    let house = house().await;
    for n in 0..5 {
        house.submit(None, &n.to_string()).await;
    }
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let two = Limit::new(2).unwrap();
        let page = house
            .store
            .sessions(house.owner, domain::SessionFilter::default(), two, cursor.as_deref())
            .await
            .unwrap();
        seen.extend(page.items.into_iter().map(|session| session.title));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    seen.sort();
    assert_eq!(seen, ["0", "1", "2", "3", "4"]);
}

#[tokio::test]
async fn a_filter_has_to_fit_in_all_parts() {
    let house = house().await;
    let (first, session) = house.submit(None, "1").await;
    house.submit(None, "2").await;
    let run = house.claim().await;
    house.store.end(&run, Ending::done()).await.unwrap();
    let list = async |filter: RunFilter| {
        let page = house.store.runs(house.owner, &filter, Limit::default(), None).await.unwrap();
        page.items.into_iter().map(|run| run.id).collect::<Vec<_>>()
    };
    let done = RunFilter { status: Some(RunStatus::Done), ..RunFilter::default() };
    assert_eq!(list(done.clone()).await, [first]);
    assert_eq!(list(RunFilter { session_id: Some(session), ..done.clone() }).await, [first]);
    assert_eq!(list(RunFilter { source: Some(Channel::Cli), ..done }).await, []);
}

#[tokio::test]
async fn a_newer_schema_is_refused_with_a_sentence() {
    let house = house().await;
    let folder = house.folder.path().to_owned();
    let file = format!("sqlite://{}", folder.join("openclawssy.db").display());
    let url = database(&folder).unwrap_or(file);
    let database = sea_orm::Database::connect(url).await.unwrap();
    let later = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_later', 0)";
    sea_orm::ConnectionTrait::execute_unprepared(&database, later).await.unwrap();
    let refused = open(&folder, &house.clock).await.err().unwrap();
    assert!(matches!(&refused, Error::NewerSchema(name) if name == "m9999_later"), "{refused}");
}
