//! Commands, as every way in gives them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod house;

use domain::{Channel, CommandReply, Delivery, Fault, FaultCode, RunStatus, SessionId};
use engine::{Accepted, Error, Said, Submission, Target};
use house::{House, house};
use llm::scripted::{Gate, Reply, Scripted};

async fn type_in(house: &House, session: Option<SessionId>, text: &str) -> Result<Said, Fault> {
    let target = match session {
        Some(id) => Target::Session(id),
        None => Target::NewSession { agent: None },
    };
    let message = text.to_owned();
    let submission = Submission {
        target,
        message,
        pictures: Vec::new(),
        source: Channel::Cli,
        delivery: Delivery::Queue,
        idempotency: None,
    };
    house.engine.say(&house.who, submission).await.map_err(|error: Error| error.into())
}

async fn command(house: &House, session: Option<SessionId>, text: &str) -> CommandReply {
    match type_in(house, session, text).await.unwrap() {
        Said::Command(reply) => reply,
        Said::Message(_) => panic!("{text} was taken for a message"),
    }
}

async fn message(house: &House, text: &str) -> Accepted {
    match type_in(house, None, text).await.unwrap() {
        Said::Message(accepted) => accepted,
        Said::Command(reply) => panic!("{text} was taken for a command: {reply:?}"),
    }
}

fn talkative() -> Scripted {
    Scripted::new([]).or_always(Reply::text("Fine."))
}

#[tokio::test]
async fn new_begins_a_session_that_its_first_message_titles() {
    let house = house(talkative()).await;
    let named = command(&house, None, "/new  Plans for\n2027").await;
    assert!(named.leads);
    let named = named.session_id.unwrap();
    let view = house.engine.session(&house.who, named).await.unwrap();
    assert_eq!(view.title, "Plans for 2027");

    let bare = command(&house, Some(named), "/new").await.session_id.unwrap();
    assert_ne!(bare, named);
    let run = house.go_on(bare, "what time is it").await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    let view = house.engine.session(&house.who, bare).await.unwrap();
    assert_eq!(view.title, "what time is it");
    let run = house.go_on(named, "something else").await;
    house.end(run.run_id).await;
    let view = house.engine.session(&house.who, named).await.unwrap();
    assert_eq!(view.title, "Plans for 2027", "a person's title stays");

    let long = format!("/new {}", "x".repeat(121));
    let fault = type_in(&house, None, &long).await.unwrap_err();
    assert!(fault.fields.contains_key("message"), "{fault:?}");
}

#[tokio::test]
async fn chats_lists_and_resume_leads() {
    let house = house(talkative()).await;
    assert!(command(&house, None, "/chats").await.sessions.is_empty());
    let red = house.ask("a red apple").await;
    house.end(red.run_id).await;
    let green = house.ask("a green apple").await;
    house.end(green.run_id).await;

    let all = command(&house, Some(red.session_id), "/chats").await;
    let listed: Vec<_> = all.sessions.iter().map(|session| session.id).collect();
    assert_eq!(listed, [green.session_id, red.session_id]);
    assert!(!all.leads);
    let text = all.text();
    assert!(text.contains("\n1. a green apple (ses_") && text.contains("\n2. "), "{text}");
    let found = command(&house, None, "/chats red").await;
    assert_eq!(found.sessions.len(), 1);

    for which in ["2", "red", &red.session_id.to_string()] {
        let led = command(&house, None, &format!("/resume {which}")).await;
        assert_eq!((led.leads, led.session_id), (true, Some(red.session_id)), "{which}");
    }
    let other = command(&house, Some(green.session_id), "/resume").await;
    assert_eq!(other.session_id, Some(red.session_id), "the newest other one");
    let several = command(&house, None, "/resume apple").await;
    assert!(!several.leads);
    assert_eq!(several.sessions.len(), 2);
    for which in ["3", "0", "plum"] {
        let fault = type_in(&house, None, &format!("/resume {which}")).await.unwrap_err();
        assert!(fault.fields.contains_key("message"), "{which}: {fault:?}");
    }
}

#[tokio::test]
async fn stop_ends_the_work_and_says_so() {
    let gate = Gate::new();
    let house = house(Scripted::new([Reply::text("so far").then(&gate)])).await;
    let run = house.ask("go").await;
    gate.reached().await;
    let reply = command(&house, Some(run.session_id), "/stop").await;
    assert!(reply.response.starts_with("Stopped."), "{}", reply.response);
    assert_eq!(house.end(run.run_id).await, RunStatus::Cancelled);
    let reply = command(&house, Some(run.session_id), "/stop").await;
    assert!(reply.response.starts_with("Nothing"), "{}", reply.response);
    assert!(!command(&house, None, "/stop").await.response.is_empty());
    assert_eq!(house.model.requests().len(), 1, "no command reaches the model");
}

#[tokio::test]
async fn what_is_no_command_is_refused_or_sent() {
    let house = house(talkative()).await;
    let help = command(&house, None, "/help").await.text();
    for name in ["/new", "/resume", "/chats", "/stop", "/tool name {arguments}", "/help"] {
        assert!(help.contains(name), "{help}");
    }
    let fault = type_in(&house, None, "/nwe title").await.unwrap_err();
    assert_eq!(fault.code, FaultCode::InvalidInput);
    assert!(fault.message.contains("/nwe") && fault.message.contains("/chats"), "{fault}");
    for (typed, sent) in [("//new", "/new"), ("/etc/hosts", "/etc/hosts"), ("a /new", "a /new")] {
        let run = message(&house, typed).await;
        house.end(run.run_id).await;
        let view = house.engine.run(&house.who, run.run_id).await.unwrap();
        assert_eq!(view.message, sent);
    }
}

#[tokio::test]
async fn a_deleted_session_stops_its_work_and_ends_its_streams() {
    use futures_util::StreamExt;

    let gate = Gate::new();
    let house = house(Scripted::new([Reply::text("so far").then(&gate)])).await;
    let run = house.ask("go").await;
    gate.reached().await;
    let mut stream =
        house.engine.session_stream(&house.who, run.session_id, u64::MAX >> 1).await.unwrap();
    house.engine.delete_session(&house.who, run.session_id).await.unwrap();
    gate.dropped().await;
    assert!(stream.next().await.unwrap().is_err(), "the stream breaks off");
    assert!(stream.next().await.is_none());
    assert!(house.engine.run(&house.who, run.run_id).await.is_err());
    let fault = type_in(&house, Some(run.session_id), "/stop").await.unwrap_err();
    assert_eq!(fault.code, FaultCode::SessionNotFound);
}
