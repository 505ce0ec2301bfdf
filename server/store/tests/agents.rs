//! The life of agents in the database.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod house;

use domain::{
    AgentChoices, AgentName, AgentStatus, ChoiceName, ChoicesEdit, Delivery, RunErrorCode,
    RunFilter, RunStatus,
};
use house::{House, WIDE, house};
use store::{Agent, AgentChange, AgentEdit, Ending, Error, NewAgent, NewRun, Submitted};

fn name(text: &str) -> AgentName {
    AgentName::parse(text).unwrap()
}

async fn add(house: &House, text: &str) -> Result<Agent, Error> {
    let new = NewAgent {
        owner_id: house.owner,
        name: name(text),
        instructions: String::new(),
        model: None,
        folder: text.into(),
        choices: AgentChoices::default(),
        profile: None,
    };
    house.store.add_agent(new).await
}

async fn status(house: &House, run: domain::RunId) -> RunStatus {
    house.store.run(house.owner, run).await.unwrap().status
}

#[tokio::test]
async fn names_are_one_whatever_their_case() {
    let house = house().await;
    assert!(matches!(add(&house, "Guide").await, Err(Error::Taken("name"))));
    let writer = add(&house, "Writer").await.unwrap();
    let found = house.store.agent_by_name(&name("wRITER")).await.unwrap().unwrap();
    assert_eq!(found.id, writer.id);
    let edit = AgentEdit { name: Some(name("GUIDE")), ..AgentEdit::default() };
    let renamed = house.store.edit_agent(writer.id, None, edit).await;
    assert!(matches!(renamed, Err(Error::Taken("name"))), "{renamed:?}");
}

#[tokio::test]
async fn an_edit_of_what_was_changed_meanwhile_changes_nothing() {
    let house = house().await;
    let seen = house.store.agent(house.agent).await.unwrap().unwrap().updated_at;
    let edit = |text: &str| AgentEdit { instructions: Some(text.into()), ..AgentEdit::default() };
    // The clock stands still, and still the second edit sees the first.
    let first = house.store.edit_agent(house.agent, Some(seen), edit("mine")).await.unwrap();
    assert!(matches!(first, AgentChange::Done(_)));
    let second = house.store.edit_agent(house.agent, Some(seen), edit("theirs")).await.unwrap();
    assert_eq!(second, AgentChange::Stale);
    assert_eq!(house.store.agent(house.agent).await.unwrap().unwrap().instructions, "mine");
}

#[tokio::test]
async fn choices_are_kept_and_an_edit_of_one_leaves_the_others() {
    let house = house().await;
    let mut choices = ChoicesEdit::default();
    for (name, text) in [
        (ChoiceName::Fallbacks, "a/b, c/d"),
        (ChoiceName::Temperature, "0.7"),
        (ChoiceName::MaxTokens, "4000"),
        (ChoiceName::ContextWindow, "32768"),
        (ChoiceName::RunTokens, "1000000000000"),
        (ChoiceName::RunCost, "0.000001"),
        (ChoiceName::DayTokens, "7"),
        (ChoiceName::DayCost, "1000000"),
    ] {
        choices.set(name, text).unwrap();
    }
    let mut expected = AgentChoices::default();
    choices.clone().apply(&mut expected);
    let edit = AgentEdit { choices, ..AgentEdit::default() };
    house.store.edit_agent(house.agent, None, edit).await.unwrap();
    let kept = house.store.agent(house.agent).await.unwrap().unwrap();
    assert_eq!(kept.choices, expected);

    let choices = ChoicesEdit { temperature: Some(None), ..ChoicesEdit::default() };
    let edit = AgentEdit { choices, ..AgentEdit::default() };
    house.store.edit_agent(house.agent, None, edit).await.unwrap();
    let kept = house.store.agent(house.agent).await.unwrap().unwrap();
    assert_eq!(kept.choices, AgentChoices { temperature: None, ..expected });
}

#[tokio::test]
async fn disabling_cancels_what_waits_and_lets_work_go_on() {
    let house = house().await;
    assert_eq!(house.store.disable_agent(house.agent).await.unwrap(), AgentChange::LastActive);
    add(&house, "other").await.unwrap();
    let (working, session) = house.submit(None, "one").await;
    let claimed = house.claim().await;
    let (behind, _) = house.submit(Some(session), "two").await;
    let (elsewhere, _) = house.submit(None, "three").await;
    house.store.disable_agent(house.agent).await.unwrap();
    assert_eq!(status(&house, working).await, RunStatus::Running);
    assert_eq!(status(&house, behind).await, RunStatus::Cancelled);
    assert_eq!(status(&house, elsewhere).await, RunStatus::Cancelled);
    let run = house.store.run(house.owner, behind).await.unwrap();
    assert_eq!(run.error.unwrap().code, RunErrorCode::AgentDisabled, "it says why");
    house.store.end(&claimed, Ending::done()).await.unwrap();
    assert_eq!(status(&house, working).await, RunStatus::Done);

    let new = NewRun {
        owner_id: house.owner,
        session_id: Some(session),
        agent_id: house.agent,
        title: String::new(),
        source: domain::Channel::Api,
        message: "four".into(),
        pictures: Vec::new(),
        delivery: Delivery::Queue,
        idempotency: None,
    };
    let refused = house.store.submit(new.clone(), WIDE).await.unwrap();
    assert_eq!(refused, Submitted::AgentNotActive(AgentStatus::Disabled));
    let all = RunFilter::default();
    let runs = house.store.runs(house.owner, &all, Default::default(), None).await.unwrap();
    assert_eq!(runs.items.len(), 3, "what is refused is not stored");
    house.store.enable_agent(house.agent).await.unwrap();
    let taken = house.store.submit(new, WIDE).await.unwrap();
    assert!(matches!(taken, Submitted::Accepted { .. }), "{taken:?}");
}

#[tokio::test]
async fn a_deleted_agent_leaves_its_name_and_keeps_its_history() {
    let house = house().await;
    let (run, session) = house.submit(None, "one").await;
    let deleted = house.store.delete_agent(house.agent).await.unwrap();
    assert_eq!(deleted, AgentChange::AtWork(1), "a run waits");
    let claimed = house.claim().await;
    let deleted = house.store.delete_agent(house.agent).await.unwrap();
    assert_eq!(deleted, AgentChange::AtWork(1), "a run works");
    house.store.end(&claimed, Ending::done()).await.unwrap();
    assert_eq!(house.store.delete_agent(house.agent).await.unwrap(), AgentChange::LastActive);

    add(&house, "other").await.unwrap();
    let deleted = house.store.delete_agent(house.agent).await.unwrap();
    assert!(matches!(deleted, AgentChange::Done(_)));
    let again = house.store.delete_agent(house.agent).await;
    assert!(matches!(again, Err(Error::NotFound("agent"))), "{again:?}");
    assert_eq!(house.store.agents().await.unwrap().len(), 1);
    assert!(house.store.agent_by_name(&name("guide")).await.unwrap().is_none());

    let view = house.store.session(house.owner, session).await.unwrap();
    assert_eq!(view.agent, "guide (deleted)");
    let view = house.store.run(house.owner, run).await.unwrap();
    assert_eq!((view.agent.as_str(), view.status), ("guide (deleted)", RunStatus::Done));
    let messages = house.store.messages(house.owner, session, Default::default(), None);
    assert_eq!(messages.await.unwrap().items[0].content, "one");

    let fresh = add(&house, "guide").await.unwrap();
    assert_ne!(fresh.id, house.agent);
    let session = house.store.session(house.owner, session).await.unwrap();
    assert_eq!(session.agent_id, house.agent, "the old session is not the new agent's");
}

#[tokio::test]
async fn use_is_counted_for_everybody_and_for_one_person() {
    let house = house().await;
    house.submit(None, "one").await;
    let (_, session) = house.submit(None, "two").await;
    house.submit(Some(session), "three").await;
    for by in [None, Some(house.owner)] {
        let used = house.store.agent_use(house.agent, by).await.unwrap();
        assert_eq!((used.sessions, used.runs), (2, 3));
        assert!(used.active_at.is_some());
    }
    house.pass(std::time::Duration::from_secs(31 * 24 * 60 * 60));
    let used = house.store.agent_use(house.agent, None).await.unwrap();
    assert_eq!((used.sessions, used.runs), (2, 0));
    assert_eq!(house.store.last_used_agent(house.owner).await.unwrap(), Some(house.agent));
}
