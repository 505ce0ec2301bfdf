//! Runs from message to end, with a scripted model.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod house;

use domain::{Event, FinishReason, RunErrorCode, RunStatus, ToolErrorCode};
use engine::{Limits, Queue, Target};
use house::{build, house, quick};
use llm::scripted::{Reply, Scripted};
use llm::{LlmError, Message};
use serde_json::json;
use tools::Registry;

#[tokio::test]
async fn tool_calls_run_in_order_and_the_model_hears_their_results() {
    let write = Reply::call("fs.write", json!({"path": "a.txt", "content": "那🙂é"}));
    let model = Scripted::new([
        Reply::text("I write and read.")
            .then(write)
            .then(Reply::call("fs.read", json!({"path": "a.txt"}))),
        Reply::call("fs.read", json!({"path": "missing.txt"})),
        Reply::text("Done: 那🙂é"),
    ]);
    let house = house(model).await;
    let run = house.ask("Write a file").await;
    let events = house.events(run.run_id).await;

    let seqs: Vec<_> = events.iter().map(|event| event.seq).collect();
    assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>(), "numbered without gaps");
    let view = house.engine.run(&house.who, run.run_id).await.unwrap();
    assert_eq!(
        (view.status, view.steps, view.calls, view.failed_calls),
        (RunStatus::Done, 3, 3, 1)
    );
    assert_eq!(view.answer.as_deref(), Some("Done: 那🙂é"));
    assert_eq!(view.model.as_deref(), Some("scripted/model"));

    let requests = house.model.requests();
    assert_eq!(house.model.violations(), Vec::<String>::new());
    let [
        _,
        Message::User { text: asked, .. },
        Message::Assistant { text, calls, .. },
        first,
        second,
        ..,
    ] = &requests[2].messages[..]
    else {
        panic!("{:?}", requests[2].messages);
    };
    assert_eq!((asked.as_str(), text.as_str()), ("Write a file", "I write and read."));
    let answers = |message: &Message, id: &str, word: &str| match message {
        Message::Tool { call_id, content, .. } => call_id == id && content.contains(word),
        _ => false,
    };
    assert!(answers(first, &calls[0].id, "a.txt"));
    assert!(answers(second, &calls[1].id, "那🙂é"));

    let turn = house.engine.turn(&house.who, run.run_id).await.unwrap();
    assert_eq!(house::fold(&turn, &events), turn, "the stream ends as the page shows it");
    let failed = turn.calls().nth(2).unwrap().result.as_ref().unwrap();
    assert_eq!(failed.error_code, Some(ToolErrorCode::InputInvalid));
}

#[tokio::test]
async fn a_session_remembers_and_works_on_one_message_at_a_time() {
    let gate = llm::scripted::Gate::new();
    let model = Scripted::new([
        Reply::held(&gate).then(Reply::text("first answer")),
        Reply::text("second answer"),
    ]);
    let house = house(model).await;
    let first = house.ask("first question").await;
    gate.reached().await;
    let second = house.go_on(first.session_id, "second question").await;
    assert_eq!(
        house.engine.run(&house.who, second.run_id).await.unwrap().status,
        RunStatus::Queued
    );
    gate.open();
    assert_eq!(house.end(second.run_id).await, RunStatus::Done);
    let texts: Vec<_> = house.model.requests()[1].messages[1..]
        .iter()
        .map(|message| match message {
            Message::User { text, .. } | Message::Assistant { text, .. } => text.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(texts, ["first question", "first answer", "second question"]);
}

#[tokio::test]
async fn faults_end_a_run_with_a_sentence() {
    let model = Scripted::new([
        Reply::fail(LlmError::Auth { status: 401 }),
        Reply::text("half an ans").then(LlmError::Cut("the connection closed".into())),
        Reply::empty(),
    ]);
    let house = house(model).await;
    let mut outcomes = Vec::new();
    for _ in 0..3 {
        let run = house.ask("go").await;
        house.end(run.run_id).await;
        outcomes.push(house.engine.run(&house.who, run.run_id).await.unwrap());
    }
    for run in &outcomes {
        assert_eq!(run.status, RunStatus::Failed);
        assert_eq!(run.error.as_ref().unwrap().code, RunErrorCode::Provider);
    }
    assert!(outcomes[0].error.as_ref().unwrap().message.contains("key"));
    assert_eq!(outcomes[1].answer.as_deref(), Some("half an ans"), "text so far is kept");
    assert_eq!(outcomes[2].answer, None);
}

#[tokio::test]
async fn the_limits_of_steps_and_tokens_end_a_run() {
    let endless = || Scripted::new([]).or_always(Reply::call("time.now", json!({})));
    let three = Limits { steps: Some(3), ..quick() };
    let house = build(endless(), Queue::default(), three, Registry::builtin()).await;
    let run = house.ask("go").await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Failed);
    let view = house.engine.run(&house.who, run.run_id).await.unwrap();
    assert_eq!((view.steps, view.error.unwrap().code), (3, RunErrorCode::StepLimit));

    let few = Limits { run_tokens: Some(10), ..quick() };
    let house = build(endless(), Queue::default(), few, Registry::builtin()).await;
    let run = house.ask(&"many words ".repeat(20)).await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Failed);
    let view = house.engine.run(&house.who, run.run_id).await.unwrap();
    assert_eq!((view.steps, view.error.unwrap().code), (1, RunErrorCode::TokenLimit));
}

#[tokio::test]
async fn bad_messages_and_targets_are_refused_by_name() {
    let house = house(Scripted::new([])).await;
    let refused = async |target, message: &str| {
        let error = house.say(target, message).await.unwrap_err();
        let fault: domain::Fault = error.into();
        (fault.code.as_str(), fault.fields.into_keys().collect::<Vec<_>>())
    };
    let new = || Target::NewSession { agent: None };
    assert_eq!(refused(new(), " \n").await, ("request.invalid_input", vec!["message".into()]));
    let long = "x".repeat(256 * 1024 + 1);
    assert_eq!(refused(new(), &long).await, ("request.invalid_input", vec!["message".into()]));
    let nobody = Target::NewSession { agent: Some("nobody".into()) };
    assert_eq!(refused(nobody, "hi").await.0, "agent.not_found");
    let nowhere = Target::Session(domain::SessionId::from_uuid(uuid::Uuid::nil()));
    assert_eq!(refused(nowhere, "hi").await.0, "session.not_found");
}

#[tokio::test]
async fn what_belongs_to_another_person_is_not_found() {
    let house = house(Scripted::new([Reply::text("secret")])).await;
    let run = house.ask("hi").await;
    house.end(run.run_id).await;
    let other =
        house.engine.add_user("eve", "correct horse 43", domain::Role::Member).await.unwrap();
    let code = |error: engine::Error| domain::Fault::from(error).code.as_str();
    let engine = &house.engine;
    assert_eq!(code(engine.run(&other, run.run_id).await.unwrap_err()), "run.not_found");
    assert_eq!(code(engine.turn(&other, run.run_id).await.unwrap_err()), "run.not_found");
    assert_eq!(code(engine.cancel(&other, run.run_id).await.unwrap_err()), "run.not_found");
    assert_eq!(
        code(engine.chat(&other, run.session_id, None).await.unwrap_err()),
        "session.not_found"
    );
    assert!(engine.session_stream(&other, run.session_id, 0).await.is_err());
    assert!(
        engine
            .runs(&other, Default::default(), Default::default(), None)
            .await
            .unwrap()
            .items
            .is_empty()
    );
}

#[tokio::test]
async fn a_step_that_reached_its_length_says_so() {
    let model = Scripted::new([Reply::text("cut off he").then(FinishReason::Length)]);
    let house = house(model).await;
    let run = house.ask("go").await;
    let events = house.events(run.run_id).await;
    let finish = events.iter().find_map(|event| match event.event {
        Event::StepEnd { finish, .. } => Some(finish),
        _ => None,
    });
    assert_eq!(finish, Some(FinishReason::Length));
}

#[tokio::test]
async fn a_page_of_a_session_holds_whole_turns_of_few_steps() {
    let write = |n: u32| Reply::call("fs.write", json!({"path": n.to_string(), "content": "x"}));
    let busy = Scripted::new((0..75).map(write));
    let limits = Limits { steps: Some(25), ..quick() };
    let house = build(busy, Queue::default(), limits, Registry::builtin()).await;
    let mut asked = vec![house.ask("one").await];
    let session = asked[0].session_id;
    house.end(asked[0].run_id).await;
    for message in ["two", "three"] {
        asked.push(house.go_on(session, message).await);
        house.end(asked[asked.len() - 1].run_id).await;
    }
    let read = async |older: Option<&str>| {
        let chat = house.engine.chat(&house.who, session, older).await.unwrap();
        let turns = chat.turns.iter().map(|turn| (turn.question.clone(), turn.steps.len()));
        (turns.collect::<Vec<_>>(), chat.older)
    };
    let (newest, older) = read(None).await;
    assert_eq!(newest, [("two".into(), 25), ("three".into(), 25)]);
    let (rest, none) = read(older.as_deref()).await;
    assert_eq!((rest, none), (vec![("one".into(), 25)], None));
}
