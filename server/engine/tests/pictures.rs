//! Pictures that people send, from the message to the model and to the clean-up.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod house;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::{
    Channel, Delivery, Event, Fault, FaultCode, Limit, ModelFaultKind, PictureUpload, Retention,
    Role, RunStatus, SenderRole, Timestamp, TracePart,
};
use engine::{Accepted, ExportForm, Submission, Target};
use futures_util::TryStreamExt;
use house::{House, house};
use llm::scripted::{Gate, Reply, Scripted};
use llm::{Image, LlmError, Message, Request};
use serde_json::json;

/// A picture of one dot: GIF, as small as it gets. Different ones by their end.
fn dot(end: u8) -> Vec<u8> {
    let mut bytes = b"GIF89a\x01\0\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\0;".to_vec();
    bytes.push(end);
    bytes
}

fn upload(end: u8) -> PictureUpload {
    let url = format!("data:image/gif;base64,{}", STANDARD.encode(dot(end)));
    PictureUpload { name: format!("dot {end}.gif"), url }
}

fn submission(target: Target, message: &str, pictures: &[u8]) -> Submission {
    Submission {
        target,
        message: message.to_owned(),
        pictures: pictures.iter().copied().map(upload).collect(),
        source: Channel::Api,
        delivery: Delivery::Queue,
        idempotency: None,
    }
}

async fn show(house: &House, target: Target, message: &str, pictures: &[u8]) -> Accepted {
    house.engine.submit(&house.who, submission(target, message, pictures)).await.unwrap()
}

/// What people said in a request: words, and pictures by their ends.
fn seen(request: &Request) -> Vec<(String, Vec<u8>)> {
    let end = |image: &Image| {
        assert_eq!(image.media_type, "image/gif");
        *image.bytes.last().unwrap()
    };
    let users = request.messages.iter().filter_map(|message| match message {
        Message::User { text, images } => Some((text.clone(), images.iter().map(end).collect())),
        _ => None,
    });
    users.collect()
}

fn refused<T: std::fmt::Debug>(result: Result<T, engine::Error>) -> Fault {
    result.unwrap_err().into()
}

#[tokio::test]
async fn a_model_sees_the_pictures_of_this_message_and_the_newest_of_earlier_ones() {
    let model = Scripted::new([]).or_always(Reply::text("I see."));
    let house = house(model).await;
    let first = show(&house, Target::NewSession { agent: None }, "one", &[1, 2, 3, 4]).await;
    assert_eq!(house.end(first.run_id).await, RunStatus::Done);
    for (words, pictures) in [("two", &[5, 6, 7][..]), ("three", &[8, 9])] {
        let run = show(&house, Target::Session(first.session_id), words, pictures).await;
        assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    }
    let seen = seen(&house.model.requests().pop().unwrap());
    let expected = [
        ("one\n\n[1 picture was left out here.]".to_owned(), vec![1, 2, 3]),
        ("two".to_owned(), vec![5, 6, 7]),
        ("three".to_owned(), vec![8, 9]),
    ];
    assert_eq!(seen, expected);
    assert_eq!(house.model.violations(), Vec::<String>::new());

    // What people see, and what a trace tells.
    let chat = house.engine.chat(&house.who, first.session_id, None).await.unwrap();
    let names: Vec<_> = chat.turns[2].pictures.iter().map(|picture| picture.alt()).collect();
    assert_eq!(names, ["dot 8.gif, 1 by 1 pixels", "dot 9.gif, 1 by 1 pixels"]);
    let (session, limit) = (first.session_id, Limit::default());
    let said = house.engine.messages(&house.who, session, limit, None).await.unwrap().items;
    let pictures: Vec<_> = said.iter().map(|said| (said.role, said.pictures.len())).collect();
    let (user, assistant) = (SenderRole::User, SenderRole::Assistant);
    let expected =
        [(assistant, 0), (user, 2), (assistant, 0), (user, 3), (assistant, 0), (user, 4)];
    assert_eq!(pictures, expected);
    let trace = house.engine.trace(&house.who, chat.turns[2].run_id).await.unwrap();
    let parts: Vec<TracePart> = trace.parts.try_collect().await.unwrap();
    let TracePart::Step(step) = &parts[0] else { panic!("{parts:?}") };
    let told = format!("{:?}", step.request.as_ref().unwrap().messages);
    assert!(told.contains("images: 3") && told.contains("images: 2"), "{told}");
    let replayed = house.engine.replay(&house.who, chat.turns[2].run_id).await.unwrap();
    assert_eq!(replayed.difference, None);
}

#[tokio::test]
async fn who_refuses_pictures_is_asked_without_them() {
    let refuses = LlmError::BadRequest { status: 400, detail: "no image input".into() };
    let model =
        Scripted::new([Reply::fail(refuses.clone()), Reply::text("Blind."), Reply::fail(refuses)]);
    let house = house(model).await;
    let run = show(&house, Target::NewSession { agent: None }, "look", &[1, 2]).await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    let requests = house.model.requests();
    assert_eq!(seen(&requests[0]), [("look".to_owned(), vec![1, 2])]);
    let told = "look\n\n[2 pictures were left out here.]";
    assert_eq!(seen(&requests[1]), [(told.to_owned(), vec![])]);
    let replayed = house.engine.replay(&house.who, run.run_id).await.unwrap();
    assert_eq!(replayed.difference, None);

    // Without pictures a refusal is one.
    let plain = house.ask("and now?").await;
    assert_eq!(house.end(plain.run_id).await, RunStatus::Failed);
}

#[tokio::test]
async fn what_is_too_large_is_sent_without_pictures_first() {
    let detail = "exceeds maximum allowed content length".to_owned();
    let model = Scripted::new([
        Reply::fail(LlmError::ContextOverflow { detail }),
        Reply::text("Without them."),
    ]);
    let house = house(model).await;
    let run = show(&house, Target::NewSession { agent: None }, "look", &[1]).await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    let requests = house.model.requests();
    assert_eq!((requests.len(), &seen(&requests[1])[0].1), (2, &vec![]));
    let faults = house.events(run.run_id).await.into_iter().filter_map(|live| match live.event {
        Event::ModelFault { fault, .. } => Some(fault),
        _ => None,
    });
    assert_eq!(faults.collect::<Vec<_>>(), [ModelFaultKind::ContextOverflow]);
}

#[tokio::test]
async fn a_picture_is_its_owners_alone_and_goes_with_its_session() {
    let house = house(Scripted::new([]).or_always(Reply::text("Yes."))).await;
    let run = show(&house, Target::NewSession { agent: None }, "look", &[7]).await;
    house.end(run.run_id).await;
    let view = house.engine.turn(&house.who, run.run_id).await.unwrap().pictures.remove(0);
    let picture = house.engine.picture(&house.who, view.id).await.unwrap();
    assert_eq!(picture.bytes, dot(7));
    house.engine.add_user("eve", "correct horse 42", Role::Member).await.unwrap();
    let eve = house.engine.local_person(Some("eve")).await.unwrap();
    let fault = refused(house.engine.picture(&eve, view.id).await);
    assert_eq!(fault.code, FaultCode::PictureNotFound);

    for (form, shown) in [
        (ExportForm::Markdown, "![dot 7.gif](data:image/gif;base64,"),
        (ExportForm::Json, "\"base64\":\""),
    ] {
        let export = house.engine.export(&house.who, run.session_id, form).await.unwrap();
        let text: String = export.text.try_collect().await.unwrap();
        assert!(text.contains(&format!("{shown}{}", STANDARD.encode(dot(7)))), "{text}");
    }
    house.engine.delete_session(&house.who, run.session_id).await.unwrap();
    let fault = refused(house.engine.picture(&house.who, view.id).await);
    assert_eq!(fault.code, FaultCode::PictureNotFound);
    let now = house.engine.now();
    while house.store.clean_step(now, &Retention::default()).await.unwrap().more {}
    assert_eq!(house.store.picture_bytes(view.id).await.unwrap(), None);
}

#[tokio::test]
async fn pictures_go_with_the_steps_of_their_run() {
    let house = house(Scripted::new([]).or_always(Reply::text("Yes."))).await;
    let run = show(&house, Target::NewSession { agent: None }, "look", &[7]).await;
    house.end(run.run_id).await;
    let kept = Retention::default();
    let late = house.engine.now().as_millisecond() + 91 * 24 * 60 * 60 * 1000;
    let late = Timestamp::from_millisecond(late).unwrap();
    let cleaned = house.store.clean_step(late, &kept).await.unwrap();
    assert_eq!(cleaned.rows["pictures"], 1);
    let turn = house.engine.turn(&house.who, run.run_id).await.unwrap();
    assert_eq!((turn.pictures, turn.question.as_str()), (vec![], "look"));
}

#[tokio::test]
async fn what_hears_words_only_refuses_pictures_by_name() {
    let gate = Gate::new();
    let model = Scripted::new([Reply::text("so far").then(&gate), Reply::text("I see.")]);
    let house = house(model).await;
    let run = house.ask("go").await;
    gate.reached().await;
    let steer = Submission {
        delivery: Delivery::Steer,
        ..submission(Target::Session(run.session_id), "look", &[1])
    };
    let fault = refused(house.engine.submit(&house.who, steer).await);
    assert!(fault.fields["pictures"].contains("words only"), "{fault:?}");
    let command = submission(Target::Session(run.session_id), "/stop", &[1]);
    let fault = refused(house.engine.say(&house.who, command).await);
    assert!(fault.fields["pictures"].contains("command"), "{fault:?}");
    let next = show(&house, Target::Session(run.session_id), "look", &[1]).await;
    gate.open();
    assert_eq!(house.end(next.run_id).await, RunStatus::Done);
    assert_eq!(seen(&house.model.requests()[1])[1], ("look".to_owned(), vec![1]));
}

#[tokio::test]
async fn another_picture_is_another_request_under_the_same_key() {
    let house = house(Scripted::new([]).or_always(Reply::text("Yes."))).await;
    let keyed = |picture| Submission {
        idempotency: Some(("/v1/runs", "k".to_owned())),
        ..submission(Target::NewSession { agent: None }, "look", &[picture])
    };
    let first = house.engine.submit(&house.who, keyed(1)).await.unwrap();
    let again = house.engine.submit(&house.who, keyed(1)).await.unwrap();
    assert_eq!(again.run_id, first.run_id);
    let fault = refused(house.engine.submit(&house.who, keyed(2)).await);
    assert_eq!(fault.code, FaultCode::IdempotencyConflict);
    let turn = house.engine.turn(&house.who, first.run_id).await.unwrap();
    assert_eq!(json!(turn.pictures[0].media_type), "image/gif");
}
