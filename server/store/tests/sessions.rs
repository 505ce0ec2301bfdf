//! The life of a session: titles, the archive, and an end that nobody sees past.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod house;

use domain::{
    Delivery, Event, FinishReason, Limit, RunFilter, RunStatus, SearchText, SessionFilter,
    SessionId, SessionState,
};
use house::{House, WIDE, house};
use store::{Ending, Error, NewRun};

async fn answer(house: &House, text: &str) {
    let run = house.claim().await;
    let events = [
        Event::StepStart { step: 1, model: "a/b".into() },
        Event::StepEnd {
            step: 1,
            text: text.into(),
            thinking: None,
            raw: None,
            carried: None,
            finish: FinishReason::Stop,
            duration_ms: 1,
        },
    ];
    house.store.append(&run, &events).await.unwrap();
    house.store.end(&run, Ending::done()).await.unwrap();
}

async fn title(house: &House, id: SessionId) -> String {
    house.store.session(house.owner, id).await.unwrap().title
}

async fn listed(house: &House, state: SessionState) -> Vec<SessionId> {
    let filter = SessionFilter { state, agent_id: Some(house.agent) };
    let page = house.store.sessions(house.owner, filter, Limit::default(), None).await.unwrap();
    page.items.into_iter().map(|session| session.id).collect()
}

#[tokio::test]
async fn the_first_exchange_gives_the_title_and_a_person_has_the_last_word() {
    let house = house().await;
    let (_, session) = house.submit(None, "Hello!").await;
    answer(&house, "# The **guide**\n\nI can help.").await;
    assert_eq!(title(&house, session).await, "The guide");
    house.submit(Some(session), "another question").await;
    answer(&house, "# Something else").await;
    assert_eq!(title(&house, session).await, "The guide", "only the first");

    let (_, named) = house.submit(None, "hi").await;
    house.store.change_session(house.owner, named, Some("Mine"), None).await.unwrap();
    answer(&house, "# Not mine").await;
    assert_eq!(title(&house, named).await, "Mine");
}

#[tokio::test]
async fn a_message_takes_a_session_out_of_the_archive() {
    let house = house().await;
    let (_, session) = house.submit(None, "one").await;
    house.store.change_session(house.owner, session, None, Some(true)).await.unwrap();
    assert_eq!(listed(&house, SessionState::Active).await, []);
    assert_eq!(listed(&house, SessionState::Archived).await, [session]);
    house.submit(Some(session), "two").await;
    assert_eq!(listed(&house, SessionState::Active).await, [session]);
}

#[tokio::test]
async fn what_is_deleted_is_gone_everywhere_at_once() {
    let house = house().await;
    let (running, session) = house.submit(None, "needle in a session").await;
    let claimed = house.claim().await;
    let (waiting, _) = house.submit(Some(session), "and more").await;
    let (_, other) = house.submit(None, "another").await;
    let before = house.store.position().await.unwrap();

    let working = house.store.delete_session(house.owner, session).await.unwrap();
    assert_eq!(working, [running], "what works is asked to stop");
    assert_eq!(house.store.cancel_requests().await.unwrap(), [running]);
    let status = house.store.run_status(waiting).await.unwrap();
    assert_eq!(status, RunStatus::Cancelled, "what waits has ended");

    let (store, owner) = (&house.store, house.owner);
    let gone = |result: Result<(), Error>| assert!(matches!(result, Err(Error::NotFound(_))));
    gone(store.session(owner, session).await.map(drop));
    gone(store.messages(owner, session, Limit::default(), None).await.map(drop));
    gone(store.run(owner, running).await.map(drop));
    gone(store.request_cancel(owner, running).await.map(drop));
    gone(store.change_session(owner, session, Some("back"), Some(false)).await);
    gone(store.delete_session(owner, session).await.map(drop));
    let again = NewRun {
        owner_id: owner,
        session_id: Some(session),
        agent_id: house.agent,
        title: String::new(),
        source: domain::Channel::Api,
        message: "again".into(),
        pictures: Vec::new(),
        delivery: Delivery::Queue,
        idempotency: None,
    };
    gone(store.submit(again, WIDE).await.map(drop));

    assert_eq!(listed(&house, SessionState::Active).await, [other]);
    assert_eq!(listed(&house, SessionState::Archived).await, []);
    let wanted = SearchText::parse("needle").unwrap();
    let filter = SessionFilter::default();
    let found = store.search(owner, &wanted, filter, Limit::default(), None).await.unwrap();
    assert_eq!(found.items, []);
    let runs = store.runs(owner, &RunFilter::default(), Limit::default(), None).await.unwrap();
    assert!(runs.items.iter().all(|run| run.session_id == other));
    let overview = store.overview(owner, WIDE).await.unwrap();
    assert!(overview.active.iter().all(|run| run.session_id == other));
    assert!(overview.sessions.iter().all(|listed| listed.id == other));
    assert!(store.list_events_after(owner, before, 50).await.unwrap().is_empty());
    assert!(!store.is_there(session).await.unwrap());
    assert!(store.runs_of_session(owner, session, 0, Limit::default()).await.unwrap().is_empty());

    // Whoever works on it can still end it, and a lost one cannot block the queue.
    store.end(&claimed, Ending::cancelled()).await.unwrap();
    assert_eq!(store.claim(house::LEASE, None).await.unwrap().unwrap().session_id, other);
}

#[tokio::test]
async fn a_chat_hears_all_of_its_session_and_the_ends_of_others() {
    let house = house().await;
    let (_, here) = house.submit(None, "here").await;
    let (_, there) = house.submit(None, "there").await;
    answer(&house, "one").await;
    answer(&house, "two").await;
    let mut after = 0;
    let mut events = Vec::new();
    loop {
        // In small pieces, so that the two sources must be merged in order.
        let piece = house.store.chat_events_after(house.owner, here, after, 2).await.unwrap();
        let Some(last) = piece.last() else { break };
        after = last.position;
        events.extend(piece);
    }
    let positions: Vec<_> = events.iter().map(|event| event.position).collect();
    assert!(positions.is_sorted_by(|a, b| a < b), "{positions:?}");
    let of = |session| events.iter().filter(move |event| event.session_id == session);
    assert_eq!(of(here).count(), 5, "queued, running, step, its end, the end");
    assert_eq!(of(there).count(), 3, "queued, running, the end");
    let ended = |event: &&store::EventRecord| {
        matches!(event.event, Event::RunEnd { status: RunStatus::Done, .. })
    };
    assert_eq!(events.iter().filter(ended).count(), 2);
}
