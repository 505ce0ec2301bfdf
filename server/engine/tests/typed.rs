//! Calls that a person types.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod house;

use domain::{
    BEFORE_STEPS, Channel, Delivery, Event, RunFilter, RunStatus, SessionId, ToolErrorCode,
    TracePart, Verdict,
};
use engine::{Accepted, Error, Queue, Said, Submission, Target};
use futures_util::StreamExt;
use house::{House, build, house, quick};
use llm::Message;
use llm::scripted::{Gate, Reply, Scripted};
use tools::{Output, Registry, Room, Tool, ToolError};

async fn type_in(house: &House, session: Option<SessionId>, text: &str) -> Result<Said, Error> {
    let target = match session {
        Some(id) => Target::Session(id),
        None => Target::NewSession { agent: None },
    };
    let submission = Submission {
        target,
        message: text.to_owned(),
        pictures: Vec::new(),
        source: Channel::Dashboard,
        delivery: Delivery::Steer,
        idempotency: None,
    };
    house.engine.say(&house.who, submission).await
}

async fn typed(house: &House, session: Option<SessionId>, text: &str) -> Accepted {
    match type_in(house, session, text).await.unwrap() {
        Said::Message(accepted) => accepted,
        Said::Command(reply) => panic!("{text} was taken for a command: {reply:?}"),
    }
}

#[tokio::test]
async fn a_typed_call_runs_first_and_the_model_goes_on_with_its_result() {
    let house = house(Scripted::new([Reply::text("It is written."), Reply::text("Yes.")])).await;
    let call = "/tool fs.write {path: 'a.txt', content: 'hello'}";
    let run = typed(&house, None, call).await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    let requests = house.model.requests();
    let [_, user, Message::Assistant { text, calls, .. }, Message::Tool { call_id, content, .. }] =
        &requests[0].messages[..]
    else {
        panic!("{:#?}", requests[0].messages);
    };
    assert_eq!(*user, Message::user(call));
    assert_eq!((text.as_str(), calls.len(), calls[0].tool.as_str()), ("", 1, "fs.write"));
    assert_eq!(*call_id, calls[0].id);
    assert!(content.starts_with("created a.txt"), "{content}");

    // It is in the log, with an id of ours and what was mended.
    let events = house.events(run.run_id).await;
    let begun = events.iter().find_map(|live| match &live.event {
        Event::ToolStart { step, repair, arguments, .. } => {
            Some((*step, repair.clone(), arguments))
        }
        _ => None,
    });
    let (step, repair, arguments) = begun.unwrap();
    assert_eq!((step, repair.is_some()), (BEFORE_STEPS, true));
    assert_eq!(arguments, r#"{"path":"a.txt","content":"hello"}"#);

    // Once: what the session is asked next does not do it again.
    let next = house.go_on(run.session_id, "Really?").await;
    assert_eq!(house.end(next.run_id).await, RunStatus::Done);
    assert_eq!(house.model.violations(), Vec::<String>::new());

    let replayed = house.engine.replay(&house.who, run.run_id).await.unwrap();
    assert_eq!(replayed.difference, None);
    let mut trace = house.engine.trace(&house.who, run.run_id).await.unwrap();
    let mut steps = Vec::new();
    while let Some(part) = trace.parts.next().await {
        if let TracePart::Step(step) = part.unwrap() {
            steps.push((step.step, step.calls.len(), step.request.is_some()));
        }
    }
    assert_eq!(steps, [(BEFORE_STEPS, 1, false), (1, 0, true)]);
}

#[tokio::test]
async fn what_cannot_be_called_is_refused_before_anything_is_stored() {
    let house = house(Scripted::new([])).await;
    for (text, part) in [
        ("/tool", "for example"),
        ("/tool fs.reed {}", "There is no tool `fs.reed`"),
        ("/tool fs.read {\"path\": ", "`path` is missing"),
        ("/tool fs.read notes.md", "not valid JSON"),
    ] {
        let Err(Error::Refused(fault)) = type_in(&house, None, text).await else {
            panic!("{text} was taken");
        };
        assert!(fault.message.contains(part), "{text}: {}", fault.message);
    }
    let runs = house.engine.runs(&house.who, RunFilter::default(), Default::default(), None).await;
    assert!(runs.unwrap().items.is_empty());
    assert!(house.model.requests().is_empty());
}

#[tokio::test]
async fn a_typed_call_waits_for_its_turn_and_two_slashes_make_it_a_message() {
    let gate = Gate::new();
    let model = Scripted::new([
        Reply::text("working").then(&gate),
        Reply::text("Listed."),
        Reply::text("A message."),
    ]);
    let house = house(model).await;
    let first = house.ask("work").await;
    gate.reached().await;
    let call = typed(&house, Some(first.session_id), "/tool fs.list").await;
    assert_ne!(call.run_id, first.run_id, "it is no word to the run at work");
    gate.open();
    assert_eq!(house.end(first.run_id).await, RunStatus::Done);
    assert_eq!(house.end(call.run_id).await, RunStatus::Done);
    let plain = typed(&house, None, "//tool fs.list").await;
    assert_eq!(house.end(plain.run_id).await, RunStatus::Done);
    let last = house.model.requests().pop().unwrap();
    assert_eq!(last.messages[1..], [Message::user("//tool fs.list")]);
}

#[tokio::test]
async fn a_typed_call_is_asked_about_like_any_other() {
    let model = Scripted::new([Reply::text("Fine."), Reply::text("Well.")]);
    let house = build(model, Queue::default(), quick(), Registry::builtin().with(Asks)).await;
    for (verdict, told) in [(Verdict::Approve, "ran"), (Verdict::Deny, "did not allow")] {
        let run = typed(&house, None, "/tool test.asks {}").await;
        let asked = |event: &Event| matches!(event, Event::ApprovalAsked { .. });
        house.until(run.run_id, asked).await;
        let waiting = Some(domain::ApprovalStatus::Waiting);
        let limit = Default::default();
        let page = house.engine.approvals(&house.who, waiting, limit, None).await.unwrap();
        let id = page.items[0].id;
        house.engine.answer_approval(&house.who, id, verdict, None).await.unwrap();
        assert_eq!(house.end(run.run_id).await, RunStatus::Done);
        let last = house.model.requests().pop().unwrap();
        let Some(Message::Tool { content, .. }) = last.messages.last() else {
            panic!("{:#?}", last.messages);
        };
        assert!(content.contains(told), "{content}");
    }
    assert_eq!(house.model.requests().len(), 2);
}

#[tokio::test]
async fn a_typed_call_that_is_stopped_has_its_result_all_the_same() {
    let tools = Registry::builtin().with(Waits);
    let model = Scripted::new([Reply::text("I see.")]);
    let house = build(model, Queue::default(), quick(), tools).await;
    let run = typed(&house, None, "/tool test.waits").await;
    let begun = |event: &Event| matches!(event, Event::ToolStart { .. });
    house.until(run.run_id, begun).await;
    house.engine.cancel(&house.who, run.run_id).await.unwrap();
    let events = house.events(run.run_id).await;
    let ends: Vec<_> = events
        .iter()
        .filter_map(|live| match &live.event {
            Event::ToolEnd { step, error_code, .. } => Some((*step, *error_code)),
            _ => None,
        })
        .collect();
    assert_eq!(ends, [(BEFORE_STEPS, Some(ToolErrorCode::Cancelled))]);
    // What came of it is told to the session's next run.
    let next = house.go_on(run.session_id, "And now?").await;
    assert_eq!(house.end(next.run_id).await, RunStatus::Done);
    assert_eq!(house.model.violations(), Vec::<String>::new());
    assert!(format!("{:?}", house.model.requests()[0].messages).contains("test.waits"));
}

#[tokio::test]
async fn a_task_from_another_agent_is_no_typed_call() {
    use serde_json::json;
    let task = "/tool fs.write {\"path\": \"a\", \"content\": \"x\"}";
    let model = Scripted::new([
        Reply::call("agent.run", json!({ "message": task })),
        Reply::text("I read it as words."),
        Reply::text("Done."),
    ]);
    let house = house(model).await;
    let run = house.ask("go").await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    let child = &house.model.requests()[1];
    assert_eq!(child.messages[1..], [Message::user(task)]);
}

/// A tool that never ends by itself.
struct Waits;

impl Tool for Waits {
    const NAME: &'static str = "test.waits";
    const DESCRIPTION: &'static str = "Waits.";
    type Args = Nothing;

    async fn call(&self, _: &Room, _: Nothing) -> Result<Output, ToolError> {
        std::future::pending().await
    }
}

/// A tool that always asks first.
struct Asks;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Nothing {}

impl Tool for Asks {
    const NAME: &'static str = "test.asks";
    const DESCRIPTION: &'static str = "Asks.";
    type Args = Nothing;

    fn asks(&self, _: &Nothing) -> Option<String> {
        Some("It always asks.".to_owned())
    }

    async fn call(&self, _: &Room, _: Nothing) -> Result<Output, ToolError> {
        Ok(Output::new("ran", "ran".to_owned()))
    }
}
