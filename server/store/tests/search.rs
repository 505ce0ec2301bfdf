//! Search by text: what is found, in which order, and by whom.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod house;

use std::time::Duration;

use domain::{
    Delivery, Found, Limit, Role, SearchText, SessionFilter, SessionId, SessionState, UserId,
    UserName,
};
use house::{House, WIDE, house};
use store::{Backend, NewRun, NewUser, Submitted};

async fn find(house: &House, owner: UserId, typed: &str) -> Vec<Found> {
    let wanted = SearchText::parse(typed).unwrap();
    let filter = SessionFilter::default();
    let found = house.store.search(owner, &wanted, filter, Limit::default(), None).await;
    found.unwrap_or_else(|error| panic!("{typed:?}: {error}")).items
}

async fn ids(house: &House, typed: &str) -> Vec<SessionId> {
    find(house, house.owner, typed).await.into_iter().map(|found| found.session.id).collect()
}

/// The marked pieces of the first thing found.
async fn hits(house: &House, typed: &str) -> Vec<String> {
    let found = find(house, house.owner, typed).await.remove(0);
    found.snippet.into_iter().filter(|segment| segment.hit).map(|segment| segment.text).collect()
}

#[tokio::test]
async fn all_words_must_occur_and_the_last_by_its_beginning() {
    let house = house().await;
    let (_, red) = house.submit(None, "A red apple lies under the old tree").await;
    let (_, green) = house.submit(None, "The GREEN apple, and the pear").await;
    assert_eq!(ids(&house, "apple").await, [green, red], "newest match first");
    assert_eq!(ids(&house, "red tree").await, [red]);
    assert_eq!(ids(&house, "Apple gree").await, [green]);
    assert_eq!(ids(&house, "gree apple").await, [], "only the last word may be unfinished");
    assert_eq!(ids(&house, "\"apple and the\"").await, [green]);
    assert_eq!(ids(&house, "\"apple the\"").await, []);
    assert_eq!(hits(&house, "red").await, ["red"]);
    // A later match moves a session up.
    house.submit(Some(red), "once more: apple").await;
    assert_eq!(ids(&house, "apple").await, [red, green]);
    assert_eq!(ids(&house, "red once").await, [], "both in one message");
}

#[tokio::test]
async fn any_script_and_no_operators() {
    let house = house().await;
    let (_, session) = house.submit(None, "会议 是 明天, Café naïve ΑΘΗΝΑ or NOT near*").await;
    for typed in ["会议", "明天", "café", "ΑΘΗΝΑ", "αθηνα", "NOT", "or", "near"] {
        assert_eq!(ids(&house, typed).await, [session], "{typed}");
    }
    if house.store.backend() == Backend::Sqlite {
        assert_eq!(ids(&house, "cafe naive").await, [session], "accents are forgiven");
    }
    // Each is looked for or is nothing; none is an error.
    let strange = [
        "AND",
        "AND (",
        "( * \"",
        "\"",
        "\"\"",
        "*",
        "NEAR(a b)",
        "owner:x",
        "content : y",
        "-x",
        "^a",
        "a AND NOT b",
        "'",
        "\\",
        "a' | b",
        "!x & y:*",
        "a <-> b",
        "x:*",
        ":",
        "{}",
        "\u{0}",
        "% _",
        "$1",
        "--",
        "/* */",
        "\u{2}x\u{3}",
        "🙂",
        "\u{301}",
    ];
    for typed in strange {
        assert_eq!(ids(&house, typed).await, [], "{typed:?}");
    }
}

#[tokio::test]
async fn another_persons_words_are_never_found() {
    let house = house().await;
    let name = UserName::parse("eve").unwrap();
    let new = NewUser { name, password_hash: "x".into(), role: Role::Member };
    let eve = house.store.add_user(new).await.unwrap().id;
    house.submit(None, "the secret of ada").await;
    let new = NewRun {
        owner_id: eve,
        session_id: None,
        agent_id: house.agent,
        title: "of eve".into(),
        source: domain::Channel::Api,
        message: "the secret of eve".into(),
        pictures: Vec::new(),
        delivery: Delivery::Queue,
        idempotency: None,
    };
    let Submitted::Accepted { session_id, .. } = house.store.submit(new, WIDE).await.unwrap()
    else {
        panic!("not taken");
    };
    let owner = house.owner.as_uuid().simple().to_string();
    for typed in ["secret", "the", "ada", "\"secret of\"", &owner, &owner.to_uppercase()] {
        let found = find(&house, eve, typed).await;
        assert!(found.iter().all(|found| found.session.id == session_id), "{typed}");
    }
    assert_eq!(find(&house, eve, "secret").await.len(), 1);
    assert!(find(&house, eve, "ada").await.is_empty());
}

#[tokio::test]
async fn titles_states_and_pages() {
    let house = house().await;
    let mut sessions = Vec::new();
    for n in 0..60 {
        house.pass(Duration::from_secs(1));
        sessions.push(house.submit(None, &format!("word{n} common")).await.1);
    }
    let renamed = sessions[3];
    let title = Some("Quarterly Report");
    house.store.change_session(house.owner, renamed, title, None).await.unwrap();
    assert_eq!(ids(&house, "report quart").await, [renamed]);
    assert!(find(&house, house.owner, "report").await[0].snippet.is_empty());

    let wanted = SearchText::parse("common").unwrap();
    let mut cursor = None;
    let mut pages = Vec::new();
    loop {
        let filter = SessionFilter::default();
        let limit = Limit::new(200).unwrap();
        let search = house.store.search(house.owner, &wanted, filter, limit, cursor.as_deref());
        let page = search.await.unwrap();
        pages.push(page.items.into_iter().map(|found| found.session.id).collect::<Vec<_>>());
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [50, 10]);
    sessions.reverse();
    assert_eq!(pages.concat(), sessions);

    house.store.change_session(house.owner, renamed, None, Some(true)).await.unwrap();
    assert_eq!(ids(&house, "word3 ").await, []);
    let filter = SessionFilter { state: SessionState::Archived, agent_id: None };
    let wanted = SearchText::parse("word3 ").unwrap();
    let limit = Limit::default();
    let found = house.store.search(house.owner, &wanted, filter, limit, None).await.unwrap();
    assert_eq!(found.items[0].session.id, renamed);
}
