//! Runs that runs begin: how many, whose, and what happens to them with the run
//! that began them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod house;

use std::time::Duration;

use domain::{
    AgentStatus, CallId, Event, Limit, Retention, Role, RunFilter, RunId, RunStatus, SearchText,
    SessionFilter, SessionId, UserName, Verdict,
};
use house::{House, LEASE, house};
use store::{Begun, ClaimedRun, Clock, Ending, Error, NewChild, NewUser, Pause, TreeUse, Whom};

fn call(house: &House) -> CallId {
    CallId::from_uuid(house.clock.uuid())
}

async fn begin(house: &House, parent: &ClaimedRun, whom: Whom) -> Begun {
    let message = "count the zebras".to_owned();
    let new = NewChild { parent: parent.clone(), call: call(house), whom, message };
    house.store.begin_child(new, LEASE).await.unwrap()
}

async fn child(house: &House, parent: &ClaimedRun) -> ClaimedRun {
    match begin(house, parent, Whom::Agent(house.agent)).await {
        Begun::Started(child) => child,
        other => panic!("{other:?}"),
    }
}

async fn root(house: &House) -> ClaimedRun {
    house.submit(None, "go").await;
    house.claim().await
}

/// Lets a run wait for an answer about a call.
async fn ask(house: &House, run: &ClaimedRun) {
    let pause = Pause::Approval {
        step: 1,
        tool_call_id: call(house),
        tool: "t".into(),
        arguments: "{}".into(),
        reason: "r".into(),
        expires_at: house.clock.now() + Duration::from_secs(60),
    };
    house.store.pause(run, pause).await.unwrap();
}

async fn answer(house: &House) {
    let page = house.store.approvals(house.owner, None, Limit::default(), None).await.unwrap();
    let verdict = Verdict::Approve;
    house.store.answer_approval(house.owner, page.items[0].id, verdict, None).await.unwrap();
}

async fn status(house: &House, run: RunId) -> RunStatus {
    house.store.run_status(run).await.unwrap()
}

async fn kinds(house: &House, run: RunId) -> Vec<Event> {
    let records = house.store.events_of(&[], &[run]).await.unwrap();
    assert!((1..).zip(&records).all(|(seq, record)| record.seq == seq), "{records:?}");
    records.into_iter().map(|record| record.event).collect()
}

#[tokio::test]
async fn a_child_is_at_work_at_once_and_both_logs_tell_of_it() {
    let house = house().await;
    let parent = root(&house).await;
    let child = child(&house, &parent).await;
    assert_eq!((child.parent_id, child.depth, child.last_seq), (Some(parent.id), 1, 2));
    assert_ne!(child.session_id, parent.session_id);
    house.store.append(&child, &[Event::StepStart { step: 1, model: "a/b".into() }]).await.unwrap();
    house.store.end(&child, Ending::done()).await.unwrap();
    house.store.end(&parent, Ending::done()).await.unwrap();
    let told: Vec<_> = kinds(&house, parent.id)
        .await
        .into_iter()
        .filter_map(|event| match event {
            Event::AgentChild { child, agent, status, .. } => Some((child, agent, status)),
            _ => None,
        })
        .collect();
    let name = || "guide".to_owned();
    let expected = [(child.id, name(), RunStatus::Running), (child.id, name(), RunStatus::Done)];
    assert_eq!(told, expected);
    let view = house.store.run(house.owner, child.id).await.unwrap();
    assert_eq!(
        (view.parent_id, view.depth, view.message.as_str()),
        (Some(parent.id), 1, "count the zebras")
    );
}

#[tokio::test]
async fn eight_may_be_open_and_thirty_two_begun_and_none_takes_a_place_of_the_queue() {
    let house = house().await;
    let parent = root(&house).await;
    for _ in 0..4 {
        let mut open = Vec::new();
        for _ in 0..8 {
            open.push(child(&house, &parent).await);
        }
        let refused = begin(&house, &parent, Whom::Agent(house.agent)).await;
        assert!(matches!(refused, Begun::TooManyOpen(8) | Begun::TooMany(32)), "{refused:?}");
        let admission = store::Admission { workers: 1, waiting_places: 1 };
        let message = |message: &str| store::NewRun {
            owner_id: house.owner,
            session_id: Some(parent.session_id),
            agent_id: house.agent,
            title: message.into(),
            source: domain::Channel::Api,
            message: message.into(),
            pictures: Vec::new(),
            delivery: domain::Delivery::Queue,
            idempotency: None,
        };
        let taken = house.store.submit(message("x"), admission).await.unwrap();
        let store::Submitted::Accepted { run_id, .. } = taken else { panic!("{taken:?}") };
        house.store.request_cancel(house.owner, run_id).await.unwrap();
        for child in open {
            house.store.end(&child, Ending::done()).await.unwrap();
        }
    }
    let refused = begin(&house, &parent, Whom::Agent(house.agent)).await;
    assert_eq!(refused, Begun::TooMany(32));
    let begun =
        |event: &Event| matches!(event, Event::AgentChild { status: RunStatus::Running, .. });
    assert_eq!(kinds(&house, parent.id).await.iter().filter(|event| begun(event)).count(), 32);
}

#[tokio::test]
async fn who_lost_the_lease_begins_nothing() {
    let house = house().await;
    let parent = root(&house).await;
    house.store.end(&parent, Ending::done()).await.unwrap();
    let whom = Whom::Agent(house.agent);
    let new = NewChild { parent: parent.clone(), call: call(&house), whom, message: "m".into() };
    let late = house.store.begin_child(new, LEASE).await;
    assert!(matches!(late, Err(Error::LeaseLost)), "{late:?}");
    let last = kinds(&house, parent.id).await.pop();
    assert!(matches!(last, Some(Event::RunEnd { .. })), "{last:?}");
    let left = house.store.runs(house.owner, &RunFilter::default(), Limit::default(), None).await;
    assert_eq!(left.unwrap().items.len(), 1);
}

#[tokio::test]
async fn only_sessions_of_the_same_conversation_are_gone_on_with() {
    let house = house().await;
    let parent = root(&house).await;
    let first = child(&house, &parent).await;
    let session = Whom::Session(first.session_id);
    assert_eq!(begin(&house, &parent, session).await, Begun::Busy);
    house.store.end(&first, Ending::done()).await.unwrap();
    // A later run of the conversation goes on with it too.
    house.store.end(&parent, Ending::done()).await.unwrap();
    house.submit(Some(parent.session_id), "and now?").await;
    let later = house.claim().await;
    let Begun::Started(second) = begin(&house, &later, session).await else { panic!("goes on") };
    assert_eq!((second.session_id, second.parent_id), (first.session_id, Some(later.id)));
    house.store.end(&second, Ending::done()).await.unwrap();

    let stranger = root(&house).await;
    for session in [first.session_id, parent.session_id, SessionId::from_uuid(house.clock.uuid())] {
        let refused = begin(&house, &stranger, Whom::Session(session)).await;
        assert_eq!(refused, Begun::NoSession);
    }
    let name = UserName::parse("grace").unwrap();
    let new = NewUser { name, password_hash: "x".into(), role: Role::Member };
    let grace = house.store.add_user(new).await.unwrap().id;
    assert!(matches!(house.store.run(grace, second.id).await, Err(Error::NotFound(_))));
    let foreign = house.store.session(grace, first.session_id).await;
    assert!(matches!(foreign, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn an_agent_that_takes_no_messages_gets_no_task() {
    let house = house().await;
    let parent = root(&house).await;
    let new = store::NewAgent {
        owner_id: house.owner,
        name: domain::AgentName::parse("scribe").unwrap(),
        instructions: String::new(),
        model: None,
        folder: "scribe".into(),
        choices: Default::default(),
        profile: None,
    };
    let scribe = house.store.add_agent(new).await.unwrap().id;
    house.store.disable_agent(scribe).await.unwrap();
    let refused = begin(&house, &parent, Whom::Agent(scribe)).await;
    assert_eq!(refused, Begun::AgentNotActive(AgentStatus::Disabled));
}

#[tokio::test]
async fn the_end_of_a_run_ends_what_it_began_and_asks_what_works_to_stop() {
    let house = house().await;
    let parent = root(&house).await;
    let queued = child(&house, &parent).await;
    ask(&house, &queued).await;
    answer(&house).await;
    let asks = child(&house, &parent).await;
    ask(&house, &asks).await;
    let works = child(&house, &parent).await;
    assert_eq!(status(&house, queued.id).await, RunStatus::Queued);
    house.store.end(&parent, Ending::interrupted()).await.unwrap();
    for child in [&queued, &asks] {
        assert_eq!(status(&house, child.id).await, RunStatus::Cancelled);
    }
    assert_eq!(house.store.cancel_requests().await.unwrap(), [works.id]);
    let told = kinds(&house, parent.id).await;
    let Some(Event::RunEnd { .. }) = told.last() else { panic!("the end comes last") };
    for child in [&queued, &asks, &works] {
        let fate = told.iter().rev().find_map(|event| match event {
            Event::AgentChild { child: of, status, .. } if *of == child.id => Some(*status),
            _ => None,
        });
        assert_eq!(fate, Some(RunStatus::Cancelled), "also of what still works");
    }
    // What works ends in its own time, and nobody is left to be told.
    house.store.end(&works, Ending::cancelled()).await.unwrap();
    let Event::RunEnd { .. } = kinds(&house, parent.id).await.pop().unwrap() else {
        panic!("the end stays last")
    };
}

#[tokio::test]
async fn what_a_family_used_is_counted_from_its_top() {
    let house = house().await;
    let parent = root(&house).await;
    let one = child(&house, &parent).await;
    let other = child(&house, &parent).await;
    let below = child(&house, &one).await;
    assert_eq!(below.depth, store::DEEPEST);
    for (n, run) in (1..).zip([&parent, &one, &other, &below]) {
        let usage = Event::Usage {
            step: 1,
            input_tokens: n,
            output_tokens: 10 * n,
            cached_tokens: 0,
            cost: Some(100 * n),
        };
        house.store.append(run, &[usage]).await.unwrap();
        assert_eq!(house.store.root(run.id).await.unwrap(), (parent.id, house.agent));
    }
    let used = house.store.tree_use(parent.id).await.unwrap();
    assert_eq!(used, TreeUse { tokens: 110, cost: 1000 });
}

#[tokio::test]
async fn sessions_of_runs_stand_in_no_list_but_what_was_said_in_them_is_found() {
    let house = house().await;
    let parent = root(&house).await;
    let child = child(&house, &parent).await;
    for agent_id in [None, Some(house.agent)] {
        let filter = SessionFilter { agent_id, ..SessionFilter::default() };
        let page = house.store.sessions(house.owner, filter, Limit::default(), None).await.unwrap();
        let listed: Vec<_> = page.items.iter().map(|session| session.id).collect();
        assert_eq!(listed, [parent.session_id]);
    }
    let wanted = SearchText::parse("zebras").unwrap();
    let filter = SessionFilter::default();
    let found = house.store.search(house.owner, &wanted, filter, Limit::default(), None).await;
    let found: Vec<_> = found.unwrap().items.into_iter().map(|found| found.session.id).collect();
    assert_eq!(found, [child.session_id]);
    house.store.session(house.owner, child.session_id).await.unwrap();
}

#[tokio::test]
async fn a_deleted_session_takes_along_what_its_runs_began() {
    let house = house().await;
    let parent = root(&house).await;
    let asks = child(&house, &parent).await;
    ask(&house, &asks).await;
    let works = child(&house, &parent).await;
    let below = child(&house, &works).await;
    let working = house.store.delete_session(house.owner, parent.session_id).await.unwrap();
    assert_eq!(working.len(), 3, "{working:?}");
    assert_eq!(status(&house, asks.id).await, RunStatus::Cancelled);
    for run in [&parent, &asks, &works, &below] {
        let gone = house.store.session(house.owner, run.session_id).await;
        assert!(matches!(gone, Err(Error::NotFound(_))));
    }
    for run in [&below, &works, &parent] {
        house.store.end(run, Ending::cancelled()).await.unwrap();
    }
    // The rows go from below, so that none is left without what it hangs on.
    while house.store.clean_step(house.clock.now(), &Retention::default()).await.unwrap().more {}
    let left = house.store.runs(house.owner, &RunFilter::default(), Limit::default(), None).await;
    assert_eq!(left.unwrap().items, []);
    for run in [&parent, &asks, &works, &below] {
        assert!(matches!(house.store.run_status(run.id).await, Err(Error::NotFound(_))));
    }
}

#[tokio::test]
async fn sessions_that_go_for_their_age_go_from_below() {
    let house = house().await;
    let parent = root(&house).await;
    let child = child(&house, &parent).await;
    house.store.end(&child, Ending::done()).await.unwrap();
    house.store.end(&parent, Ending::done()).await.unwrap();
    house.pass(Duration::from_secs(400 * 24 * 3600));
    let kept = Retention { sessions_days: Some(365), ..Retention::default() };
    while house.store.clean_step(house.clock.now(), &kept).await.unwrap().more {}
    for run in [&parent, &child] {
        assert!(matches!(house.store.run_status(run.id).await, Err(Error::NotFound(_))));
    }
}
