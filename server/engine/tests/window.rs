//! What is put before the model stays inside its window.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod house;

use domain::{ChoicesEdit, Event, LiveEvent, RunErrorCode, RunId, RunStatus, Verdict};
use engine::{AgentDraft, Limits, Queue};
use futures_util::StreamExt;
use house::{House, build, open, quick};
use llm::scripted::{Reply, Scripted};
use llm::{LlmError, Message, Request};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use tools::{Output, Registry, Room, Tool, ToolError};

/// Gives as much text as it is asked for; asks a person before some sizes.
#[derive(Default)]
struct Much {
    asks_before: &'static [usize],
}

#[derive(Deserialize, JsonSchema)]
struct MuchArgs {
    bytes: usize,
}

impl Tool for Much {
    const NAME: &'static str = "test.much";
    const DESCRIPTION: &'static str = "Much text.";
    type Args = MuchArgs;

    fn asks(&self, args: &MuchArgs) -> Option<String> {
        self.asks_before.contains(&args.bytes).then(|| "It is much.".to_owned())
    }

    async fn call(&self, _: &Room, args: MuchArgs) -> Result<Output, ToolError> {
        Ok(Output::new("much", "a line of output\n".repeat(args.bytes / 17)))
    }
}

/// Never ends.
struct Endless;

#[derive(Deserialize, JsonSchema)]
struct NoArgs {}

impl Tool for Endless {
    const NAME: &'static str = "test.endless";
    const DESCRIPTION: &'static str = "Never ends.";
    type Args = NoArgs;

    async fn call(&self, _: &Room, _: NoArgs) -> Result<Output, ToolError> {
        std::future::pending().await
    }
}

fn long() -> Limits {
    Limits { run_tokens: Some(u64::MAX), ..quick() }
}

async fn house(model: Scripted, window: u32) -> House {
    with_tool(model, window, Much::default()).await
}

async fn with_tool(model: Scripted, window: u32, tool: Much) -> House {
    let house = build(model, Queue::default(), long(), Registry::empty().with(tool)).await;
    edit(&house, AgentDraft { choices: reads(window), ..AgentDraft::default() }).await;
    house
}

fn reads(window: u32) -> ChoicesEdit {
    ChoicesEdit { context_window: Some(Some(window)), ..ChoicesEdit::default() }
}

async fn edit(house: &House, draft: AgentDraft) {
    let agents = house.engine.agents(&house.who).await.unwrap();
    house.engine.edit_agent(&house.who, agents[0].name.as_str(), None, draft).await.unwrap();
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

/// How often a request did not begin with all of the one before it.
fn changes(requests: &[Request]) -> usize {
    requests.windows(2).filter(|pair| !pair[1].messages.starts_with(&pair[0].messages)).count()
}

fn count(events: &[LiveEvent], fits: impl Fn(&Event) -> bool) -> usize {
    events.iter().filter(|event| fits(&event.event)).count()
}

fn is_compaction(event: &Event) -> bool {
    matches!(event, Event::Compaction { summary, .. } if !summary.is_empty())
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

fn overflow() -> Reply {
    let detail = "prompt is too long: 227255 > 200000".to_owned();
    Reply::fail(LlmError::ContextOverflow { detail })
}

async fn error(house: &House, run: RunId) -> domain::RunError {
    house.engine.run(&house.who, run).await.unwrap().error.unwrap()
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
    assert_eq!(count(&events, is_compaction), 0, "shortening was enough");
    let requests = house.model.requests();
    assert_eq!((requests.len(), house.model.violations()), (120, Vec::new()));
    assert!(requests.iter().all(|request| size(request) < 128_000));
    assert!(changes(&requests) < 40, "{}", changes(&requests));
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
    assert!(count(&events, is_compaction) >= 1);
    let asked = house.model.requests().len();
    let counted = count(&events, |event| matches!(event, Event::Usage { .. }));
    assert_eq!(counted, asked, "what a summary takes is counted too");
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
    assert_eq!(count(&events, is_compaction), 0);
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
    edit(&house, AgentDraft { instructions: Some("rule ".repeat(9_000)), ..AgentDraft::default() })
        .await;
    let run = house.ask("Hello").await;
    let events = house.events(run.run_id).await;
    let error = error(&house, run.run_id).await;
    assert_eq!(error.code, RunErrorCode::ContextLimit);
    assert!(error.message.contains("8192") && error.message.contains(" 90"), "{}", error.message);
    assert_eq!(house.model.requests(), []);
    assert_eq!(count(&events, |event| matches!(event, Event::StepStart { .. })), 0);
}

#[tokio::test]
async fn what_the_provider_finds_too_large_is_summarised_and_the_run_goes_on() {
    let mut replies: Vec<_> = (1..=20).map(|step| work(step, 500, 9)).collect();
    replies.extend([overflow(), Reply::text("Some steps are done."), Reply::text("Done.")]);
    let house = house(Scripted::new(replies), 128_000).await;
    let run = house.ask("Go.").await;
    let events = house.events(run.run_id).await;
    assert_eq!(count(&events, is_compaction), 1);
    let view = house.engine.run(&house.who, run.run_id).await.unwrap();
    assert_eq!(
        (view.status, view.steps, view.answer.as_deref()),
        (RunStatus::Done, 21, Some("Done."))
    );
    assert_eq!((house.model.left(), house.model.violations()), (0, Vec::new()));
    let requests = house.model.requests();
    assert!(size(&requests[22]) < size(&requests[20]) / 2);
    let Message::User { text, .. } = &requests[22].messages[1] else { panic!() };
    assert!(text.contains("Some steps are done."), "{text}");
}

#[tokio::test]
async fn what_stays_too_large_ends_the_run_with_a_sentence() {
    let mut replies: Vec<_> = (1..=20).map(|step| work(step, 500, 9)).collect();
    replies.extend([overflow(), Reply::text("Some steps are done."), overflow()]);
    let twice = house(Scripted::new(replies), 128_000).await;
    let run = twice.ask("Go.").await;
    let events = twice.events(run.run_id).await;
    assert_eq!(count(&events, is_compaction), 1, "once for each overflow");

    let mut replies: Vec<_> = (1..=20).map(|step| work(step, 500, 9)).collect();
    replies.extend([overflow(), Reply::empty(), overflow()]);
    let refused = house(Scripted::new(replies), 128_000).await;
    let without = refused.ask("Go.").await;
    let events = refused.events(without.run_id).await;
    assert_eq!(count(&events, is_compaction), 0);

    for (house, run) in [(&twice, run), (&refused, without)] {
        let error = error(house, run.run_id).await;
        assert_eq!(error.code, RunErrorCode::ContextLimit);
        assert!(error.message.contains("Begin a new session"), "{}", error.message);
        assert_eq!((house.model.left(), house.model.violations()), (0, Vec::new()));
    }
}

#[tokio::test]
async fn each_model_is_told_the_window_that_is_its_own() {
    let quota = LlmError::Quota { detail: String::new() };
    let model = Scripted::new([work(1, 2, 9), Reply::fail(quota)]).or_always(Reply::text("Done."));
    let house = house(model, 100_000).await;
    let fallbacks = Some(Some(vec!["scripted/gpt-oss:20b".to_owned()]));
    let choices = ChoicesEdit { fallbacks, ..reads(9_000) };
    edit(&house, AgentDraft { choices, ..AgentDraft::default() }).await;
    let run = house.ask("Go.").await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    let asked: Vec<_> = house.model.requests().into_iter().map(|r| (r.model, r.window)).collect();
    let own = ("model".to_owned(), 9_000);
    assert_eq!(asked, [own.clone(), own, ("gpt-oss:20b".to_owned(), 131_072)]);
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
    let events = house.store.events_of(&[run.run_id], &[]).await.unwrap();
    let kept = events.iter().find_map(|record| match &record.event {
        Event::ToolEnd { output, .. } => Some(output.len()),
        _ => None,
    });
    assert!(kept.unwrap() > 60_000, "the log has all that the tool gave");
}

/// What a model is sent in a run whose conversation is cut, summarised and found
/// too large, and which asks a person before calls of some sizes.
async fn sent(asks_before: &'static [usize]) -> Vec<Request> {
    let mut replies: Vec<_> = (1..=40).map(|step| work(step, 400, 30_000)).collect();
    replies.insert(30, overflow());
    let model = Scripted::new(replies).or_always(Reply::text("Done."));
    let house = with_tool(model, 8_192, Much { asks_before }).await;
    let run = house.ask("Work long.").await;
    let mut stream = house.engine.run_stream(&house.who, run.run_id, 0).await.unwrap();
    let (mut asked, mut compactions) = (0, 0);
    while let Some(event) = stream.next().await {
        match event.unwrap().event {
            Event::ApprovalAsked { approval_id, .. } => {
                let yes = Verdict::Approve;
                house.engine.answer_approval(&house.who, approval_id, yes, None).await.unwrap();
                asked += 1;
            }
            event if is_compaction(&event) => compactions += 1,
            _ => {}
        }
    }
    assert_eq!(asked, asks_before.len());
    assert!(compactions >= 2, "{compactions}");
    assert_eq!(house.model.violations(), Vec::<String>::new());
    house.model.requests()
}

#[tokio::test]
async fn a_run_that_waited_goes_on_with_the_same_bytes() {
    let straight = sent(&[]).await;
    // Before anything is cut; in the middle; twice after the overflow.
    let waited = sent(&[30_000 + 17 * 2, 30_000 + 17 * 15, 30_000 + 17 * 32, 30_000 + 17 * 39]);
    let waited = waited.await;
    for (number, (waited, straight)) in waited.iter().zip(&straight).enumerate() {
        assert_eq!(waited, straight, "request {number}");
    }
    assert_eq!(waited.len(), straight.len());
}

/// A process that is gone at once leaves a run in the middle of a call.
fn dies_at(step: usize) {
    let folder = tempfile::tempdir().unwrap();
    let replies = (1..step).map(|step| work(step, 2, 200_000));
    let endless = Reply::call("test.endless", json!({}));
    let model = Scripted::new(replies.chain([endless])).or_always(Reply::text("fine"));
    let tools = || Registry::empty().with(Much::default()).with(Endless);
    let runtime = || tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();

    let first = runtime();
    let session = first.block_on(async {
        let (engine, store) =
            open(folder.path(), &model, Queue::default(), long(), tools()).await;
        engine.set_up("ada", "correct horse 42").await.unwrap();
        let who = engine.local_person(None).await.unwrap();
        engine.choose_profile(&who, "guide", domain::Profile::Full).await.unwrap();
        engine.start().await.unwrap();
        let model = model.clone();
        let house = House { engine, store, model, who, folder: tempfile::tempdir().unwrap() };
        let run = house.ask("go").await;
        let begins =
            |event: &Event| matches!(event, Event::ToolStart { tool, .. } if tool == "test.endless");
        house.until(run.run_id, begins).await;
        run.session_id
    });
    // Every task ends where it stands; nothing is tidied up.
    drop(first);

    runtime().block_on(async {
        let (engine, store) = open(folder.path(), &model, Queue::default(), long(), tools()).await;
        engine.start().await.unwrap();
        let who = engine.local_person(None).await.unwrap();
        let house = House { engine, store, model, who, folder };
        let next = house.go_on(session, "again").await;
        assert_eq!(house.end(next.run_id).await, RunStatus::Done);
        assert_eq!(house.model.violations(), Vec::<String>::new());
        let request = house.model.requests().pop().unwrap();
        assert!(size(&request) < 32_768);
        let cut_off = request.messages.iter().rev().find_map(|message| match message {
            Message::Tool { content, .. } => Some(content.clone()),
            _ => None,
        });
        assert!(cut_off.unwrap().contains("interrupted"));
    });
}

#[test]
fn a_process_that_dies_at_any_step_leaves_what_the_next_request_can_tell() {
    [1, 2, 9, 40].into_iter().for_each(dies_at);
}
