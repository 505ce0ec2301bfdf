//! What agents may do: given, seen, removed, and told to the record.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod house;

use std::time::Duration;

use domain::{
    AuditFilter, AuditKind, Event, Grant, GrantOrigin, GrantTerms, Lasts, Limit, Mode, Profile,
    Retention, Scope, Ways,
};
use house::{House, house};
use store::{Clock, Ending, Error, Granting, Instead, Store};

fn terms(json: &str) -> GrantTerms {
    serde_json::from_str(json).unwrap()
}

async fn give(house: &House, terms: Vec<(GrantOrigin, GrantTerms)>, instead: Instead) -> Granting {
    house.store.grant(house.agent, terms, instead, house.owner).await.unwrap()
}

async fn tools(house: &House) -> Vec<String> {
    let grants = house.store.grants(house.agent).await.unwrap();
    grants.iter().map(|grant| grant.terms.tool.to_string()).collect()
}

#[tokio::test]
async fn a_grant_comes_back_as_it_was_given_until_it_is_removed() {
    let house = house().await;
    let (run, _) = house.submit(None, "go").await;
    let question = format!("apr_{}", house.clock.uuid().simple()).parse().unwrap();
    let until = house.clock.now() + Duration::from_secs(60);
    let scope = r#"{"read":["那/**"],"commands":["cargo test *"]}"#;
    let tool = |json: &str| terms(&format!(r#"{{"tool":"a","mode":"ask",{json}}}"#));
    let given = vec![
        (GrantOrigin::Person, tool(&format!(r#""ways":"unattended","scope":{scope}"#))),
        (GrantOrigin::Profile(Profile::Guarded), tool(r#""scope":"anything""#)),
        (
            GrantOrigin::Remembered(question),
            GrantTerms { lasts: Lasts::Run(run), ..tool(r#""scope":"anything""#) },
        ),
        (
            GrantOrigin::Person,
            GrantTerms { lasts: Lasts::Until(until), ..tool(r#""scope":"anything""#) },
        ),
    ];
    let Granting::Held(made) = give(&house, given.clone(), Instead::OfNone).await else {
        panic!("there is room")
    };
    assert_eq!(house.store.grants(house.agent).await.unwrap(), made);
    let back = made.iter().map(|grant| (grant.origin, grant.terms.clone()));
    assert_eq!(back.collect::<Vec<_>>(), given);

    house.pass(Duration::from_secs(60));
    assert_eq!(house.store.grants(house.agent).await.unwrap(), made[..3], "one has expired");
    let gone = house.store.remove_grant(house.agent, made[0].id, house.owner).await.unwrap();
    assert_eq!(gone, made[0]);
    assert_eq!(house.store.grants(house.agent).await.unwrap(), made[1..3]);
    let again = house.store.remove_grant(house.agent, made[0].id, house.owner).await;
    assert!(matches!(again, Err(Error::NotFound("grant"))), "{again:?}");

    let filter = AuditFilter { agent_id: Some(house.agent), ..AuditFilter::default() };
    let told = house.store.audit(None, &filter, Limit::default(), None).await.unwrap().items;
    let kinds: Vec<_> = told.iter().map(|row| row.kind).collect();
    use AuditKind::{Granted, Removed};
    assert_eq!(kinds, [Removed, Granted, Granted, Granted, Granted]);
    assert_eq!(told[0].user.as_deref(), Some("ada"));
    assert_eq!(told[0].detail, Some(made[0].id.to_string()));
    assert_eq!(told[0].rule, Some(made[0].terms.to_string()));
    assert_eq!(house.store.check_audit().await.unwrap().bad, None);
}

#[tokio::test]
async fn a_profile_takes_the_place_of_the_one_before_it_and_of_nothing_else() {
    let house = house().await;
    let of = |profile: Profile| -> Vec<_> {
        profile.terms().into_iter().map(|terms| (GrantOrigin::Profile(profile), terms)).collect()
    };
    let own = terms(r#"{"tool":"own","mode":"deny","scope":"anything"}"#);
    give(&house, vec![(GrantOrigin::Person, own)], Instead::OfNone).await;
    give(&house, of(Profile::Guarded), Instead::OfProfiles).await;
    assert_eq!(tools(&house).await.len(), 1 + Profile::Guarded.terms().len());
    give(&house, of(Profile::Full), Instead::OfProfiles).await;
    assert_eq!(tools(&house).await, ["own", "*"]);
}

#[tokio::test]
async fn an_agent_has_two_hundred_grants_at_most() {
    let house = house().await;
    let one = || (GrantOrigin::Person, GrantTerms::allow("a".parse().unwrap(), Scope::Anything));
    let many = |number| std::iter::repeat_with(one).take(number).collect::<Vec<_>>();
    give(&house, many(Grant::MAX_PER_AGENT - 1), Instead::OfNone).await;
    assert_eq!(give(&house, many(2), Instead::OfNone).await, Granting::Full);
    assert_eq!(tools(&house).await.len(), 199, "none of them was made");
    assert!(matches!(give(&house, many(1), Instead::OfNone).await, Granting::Held(_)));
    assert_eq!(give(&house, many(1), Instead::OfNone).await, Granting::Full);
}

#[tokio::test]
async fn what_was_removed_or_expired_goes_for_its_age_and_what_was_for_a_run_with_it() {
    let house = house().await;
    let (run, session) = house.submit(None, "go").await;
    let claimed = house.claim().await;
    let lasts = |lasts| {
        let terms = GrantTerms {
            tool: "a".parse().unwrap(),
            mode: Mode::Allow,
            ways: Ways::Both,
            lasts,
            scope: Scope::Anything,
        };
        (GrantOrigin::Person, terms)
    };
    let soon = Lasts::Until(house.clock.now() + Duration::from_secs(1));
    let given =
        vec![lasts(Lasts::Always), lasts(Lasts::Always), lasts(soon), lasts(Lasts::Run(run))];
    let Granting::Held(made) = give(&house, given, Instead::OfNone).await else {
        panic!("there is room")
    };
    house.store.remove_grant(house.agent, made[0].id, house.owner).await.unwrap();
    house.store.end(&claimed, Ending::done()).await.unwrap();
    house.pass(Duration::from_secs(400 * 24 * 3600 + 2));
    let kept = Retention::default();
    let step = house.store.clean_step(house.clock.now(), &kept).await.unwrap();
    assert_eq!(step.rows["grants"], 2);
    house.store.delete_session(house.owner, session).await.unwrap();
    let step = house.store.clean_step(house.clock.now(), &kept).await.unwrap();
    assert_eq!(step.rows["grants"], 1, "nothing refers to a run that is gone");
    assert_eq!(house.store.grants(house.agent).await.unwrap(), [made[1].clone()]);
}

#[tokio::test]
async fn past_calls_are_read_by_their_time() {
    let house = house().await;
    let (run_id, _) = house.submit(None, "go").await;
    let run = house.claim().await;
    let begun = house.clock.now();
    let start = |store: &Store, n: u32| Event::ToolStart {
        step: 1,
        tool_call_id: domain::CallId::from_uuid(store.clock().uuid()),
        wire_id: "w".into(),
        tool: format!("t{n}"),
        arguments: "{}".into(),
        repair: None,
        allowed_by: None,
    };
    for n in 0..5 {
        let events = [start(&house.store, 2 * n), start(&house.store, 2 * n + 1)];
        house.store.append(&run, &events).await.unwrap();
        house.pass(Duration::from_secs(1));
    }
    let read = async |since: u64, agent| {
        let (since, limit) = (begun + Duration::from_secs(since), Limit::new(3).unwrap());
        let (mut tools, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let page = house.store.past_calls(agent, since, limit, cursor.as_deref()).await;
            let page = page.unwrap();
            assert!(page.items.iter().all(|call| call.run_id == run_id && call.at >= since));
            tools.extend(page.items.into_iter().map(|call| call.tool));
            cursor = page.next_cursor;
            if cursor.is_none() {
                return tools;
            }
        }
    };
    assert_eq!(read(0, None).await.len(), 10);
    assert_eq!(read(3, Some(house.agent)).await, ["t6", "t7", "t8", "t9"]);
    assert!(read(5, None).await.is_empty());
    let nobody = domain::AgentId::from_uuid(house.clock.uuid());
    assert!(read(0, Some(nobody)).await.is_empty());
}
