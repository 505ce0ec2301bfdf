//! What is put before the model stays inside its window.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod house;

use domain::{Event, RunErrorCode, RunStatus};
use engine::{AgentDraft, Limits, Queue};
use house::{House, build, quick};
use llm::scripted::{Reply, Scripted};
use llm::{LlmError, Message, Request};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use tools::{Output, Registry, Room, Tool, ToolError};

/// Gives as much text as it is asked for.
struct Much;

#[derive(Deserialize, JsonSchema)]
struct MuchArgs {
    bytes: usize,
}

impl Tool for Much {
    const NAME: &'static str = "test.much";
    const DESCRIPTION: &'static str = "Much text.";
    type Args = MuchArgs;

    async fn call(&self, _: &Room, args: MuchArgs) -> Result<Output, ToolError> {
        Ok(Output::new("much", "a line of output\n".repeat(args.bytes / 17)))
    }
}

async fn house(model: Scripted, window: u32) -> House {
    let limits = Limits { context_window: Some(window), run_tokens: Some(u64::MAX), ..quick() };
    build(model, Queue::default(), limits, Registry::empty().with(Much)).await
}

/// About how many tokens a request takes, counted the plain way.
fn size(request: &Request) -> usize {
    let text = |message: &Message| match message {
        Message::System(text) | Message::User { text, .. } => text.len(),
        Message::Assistant { text, .. } => text.len(),
        Message::Tool { content, .. } => content.len(),
    };
    request.messages.iter().map(text).sum::<usize>() / 4
}

fn compactions(events: &[domain::LiveEvent]) -> usize {
    events.iter().filter(|event| matches!(event.event, Event::Compaction { .. })).count()
}

/// A call that no other step makes, and what the model says with it.
fn work(step: usize, words: usize, bytes: usize) -> Reply {
    let call = Reply::call("test.much", json!({"bytes": bytes + 17 * step}));
    if words == 0 { call } else { Reply::text("word ".repeat(words)).then(call) }
}

/// How many requests were for a summary: they offer no tools.
fn summaries(requests: &[Request]) -> usize {
    requests.iter().filter(|request| request.tools.is_empty()).count()
}

#[tokio::test]
async fn a_run_of_120_steps_with_long_outputs_stays_inside_the_window() {
    let model =
        Scripted::new((1..120).map(|step| work(step, 2, 200_000))).or_always(Reply::text("Done."));
    let house = house(model, 128_000).await;
    let run = house.ask("Work long.").await;
    let events = house.events(run.run_id).await;
    let view = house.engine.run(&house.who, run.run_id).await.unwrap();
    assert_eq!((view.status, view.steps), (RunStatus::Done, 120));
    assert_eq!(compactions(&events), 0, "shortening was enough");
    let requests = house.model.requests();
    assert_eq!((requests.len(), house.model.violations()), (120, Vec::new()));
    assert!(requests.iter().all(|request| size(request) < 128_000));
}

#[tokio::test]
async fn a_run_that_outgrows_the_window_goes_on_from_a_summary_and_so_does_the_next() {
    // The model itself writes too much to be kept. What it replies to the
    // question for a summary is the words of one such step.
    let model =
        Scripted::new((1..=60).map(|step| work(step, 500, 100))).or_always(Reply::text("Done."));
    let house = house(model, 8_192).await;
    let run = house.ask("Count long.").await;
    let events = house.events(run.run_id).await;
    assert!(compactions(&events) >= 1);
    let next = house.go_on(run.session_id, "And?").await;
    assert_eq!(house.end(next.run_id).await, RunStatus::Done);

    let requests = house.model.requests();
    assert_eq!(house.model.violations(), Vec::<String>::new());
    assert!(requests.iter().all(|request| size(request) < 8_192));
    let asked = requests.iter().find(|request| request.tools.is_empty()).unwrap();
    let Message::User { text, .. } = &asked.messages[1] else { panic!() };
    assert!(text.contains("Count long."), "{text}");
    let Message::User { text, .. } = &requests.last().unwrap().messages[1] else { panic!() };
    assert!(text.starts_with("[What came before was put into this summary:]"), "{text}");
    assert!(text.contains("Count long."), "{text}");
}

#[tokio::test]
async fn a_model_that_cannot_summarise_is_not_asked_for_ever_and_the_run_goes_on_without() {
    let model =
        Scripted::new((1..=60).map(|step| work(step, 0, 2_000))).or_always(Reply::text("Done."));
    let house = house(model, 8_192).await;
    let run = house.ask("Count long.").await;
    let events = house.events(run.run_id).await;
    assert_eq!(compactions(&events), 0);
    assert_eq!(house.engine.run(&house.who, run.run_id).await.unwrap().status, RunStatus::Done);
    let requests = house.model.requests();
    assert!((1..=2).contains(&summaries(&requests)), "{}", summaries(&requests));
    let Message::User { text, .. } = &requests.last().unwrap().messages[1] else { panic!() };
    assert!(text.contains("of your work"), "{text}");
    assert_eq!(house.model.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn instructions_larger_than_the_window_stop_the_run_before_anything_is_sent() {
    let house = house(Scripted::new([]), 8_192).await;
    let draft = AgentDraft { instructions: Some("rule ".repeat(9_000)), ..AgentDraft::default() };
    let agents = house.engine.agents(&house.who).await.unwrap();
    house.engine.edit_agent(&house.who, agents[0].name.as_str(), None, draft).await.unwrap();
    let run = house.ask("Hello").await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Failed);
    let error = house.engine.run(&house.who, run.run_id).await.unwrap().error.unwrap();
    assert_eq!(error.code, RunErrorCode::ContextLimit);
    assert!(error.message.contains("8192"), "{}", error.message);
    assert_eq!(house.model.requests(), []);
}

#[tokio::test]
async fn what_the_provider_finds_too_large_is_summarised_once_and_then_the_run_stops() {
    let overflow = || {
        let detail = "prompt is too long: 227255 > 200000".to_owned();
        Reply::fail(LlmError::ContextOverflow { detail })
    };
    let mut replies: Vec<_> = (1..=20).map(|step| work(step, 500, 9)).collect();
    replies.extend([overflow(), Reply::text("Some steps are done.")]);
    replies.extend([work(21, 500, 9), overflow(), Reply::empty(), overflow()]);
    let model = Scripted::new(replies);
    let house = house(model, 128_000).await;
    let run = house.ask("Go.").await;
    let events = house.events(run.run_id).await;
    assert_eq!(compactions(&events), 1);
    let error = house.engine.run(&house.who, run.run_id).await.unwrap().error.unwrap();
    assert_eq!(error.code, RunErrorCode::ContextLimit);
    assert_eq!((house.model.left(), house.model.violations()), (0, Vec::new()));
    let sizes: Vec<_> = house.model.requests().iter().map(size).collect();
    // Each time: what was refused, the question for a summary, what was sent then.
    assert!(sizes[22] < sizes[20] && sizes[25] < sizes[23], "{sizes:?}");
}

#[tokio::test]
async fn one_enormous_output_is_cut_and_answered() {
    let model = Scripted::new([
        Reply::call("test.much", json!({"bytes": 300_000})),
        Reply::text("It is long."),
    ]);
    let house = house(model, 8_192).await;
    let run = house.ask("Look.").await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    let requests = house.model.requests();
    let Some(Message::Tool { content, .. }) = requests[1].messages.last() else { panic!() };
    assert!(content.contains("are left out here. The log keeps them all"), "{content}");
    assert!(size(&requests[1]) < 8_192 / 2);
    let events = house.events(run.run_id).await;
    let kept = events.iter().find_map(|event| match &event.event {
        Event::ToolEnd { output, .. } => Some(output.len()),
        _ => None,
    });
    assert!(kept.unwrap() > 60_000, "the log has all that the tool gave");
}
