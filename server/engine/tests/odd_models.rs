//! Models and providers with their oddities, and what a run makes of them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod house;

use std::time::Duration;

use domain::{
    ChoicesEdit, Event, FinishReason, ModelFaultKind, RunErrorCode, RunId, RunStatus, ToolErrorCode,
};
use engine::AgentDraft;
use house::{House, house};
use llm::scripted::{Reply, Scripted};
use llm::{LlmError, Message};
use serde_json::{Value, json};

async fn stored(house: &House, run: RunId) -> Vec<Event> {
    let records = house.store.events_of(&[run], &[]).await.unwrap();
    records.into_iter().map(|record| record.event).collect()
}

/// What the last request holds as results of calls, in order.
fn results(house: &House) -> Vec<String> {
    let messages = house.model.requests().pop().unwrap().messages;
    let results = messages.into_iter().filter_map(|message| match message {
        Message::Tool { content, .. } => Some(content),
        _ => None,
    });
    results.collect()
}

#[tokio::test]
async fn calls_written_as_text_run_and_nobody_sees_their_markup() {
    let wrapper = json!({ "tool_calls": [
        { "name": "fs.list", "arguments": {} },
        { "name": "fs.write", "arguments": { "path": "a", "content": "x" } },
    ] });
    let example = r#"Example: {"name":"read","status":"ok"}"#;
    let model = Scripted::new([
        Reply::text(
            "I look. <tool_call>{\"name\":\"shell\",\"arguments\":{\"command\":\"ls\"}}</tool_call>",
        ),
        Reply::text("```json\n{\"name\":\"time.now\",\"arguments\":{}}\n```"),
        Reply::text(wrapper.to_string()),
        Reply::text(example),
    ]);
    let house = house(model).await;
    let run = house.ask("go").await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    let events = stored(&house, run.run_id).await;
    let calls: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::ToolEnd { tool, error_code, .. } => Some((tool.as_str(), *error_code)),
            _ => None,
        })
        .collect();
    let unknown = Some(ToolErrorCode::NotFound);
    let expected = [("shell", unknown), ("time.now", None), ("fs.list", None), ("fs.write", None)];
    assert_eq!(calls, expected);
    let told = &results(&house)[0];
    assert!(told.contains("no tool `shell`") && told.contains("fs.read, fs.write"), "{told}");

    let shown = events.iter().filter_map(|event| match event {
        Event::TextDelta { text, .. } | Event::StepEnd { text, .. } => Some(text.as_str()),
        _ => None,
    });
    let shown: Vec<_> = shown.collect();
    assert!(!shown.concat().contains("tool_call") && !shown.concat().contains("```"), "{shown:?}");
    let view = house.engine.run(&house.who, run.run_id).await.unwrap();
    assert_eq!(view.answer.as_deref(), Some(example), "JSON in a sentence is a sentence");
    assert_eq!(house.model.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn a_malformed_call_is_sent_soundly_ever_after_and_kept_as_it_was() {
    let half = "{\"path\": \"a";
    let model = Scripted::new([Reply::raw_call("c1", "fs.read", half)])
        .or_always(Reply::text("I could not."));
    let house = house(model).await;
    let first = house.ask("read a").await;
    assert_eq!(house.end(first.run_id).await, RunStatus::Done);
    let next = house.go_on(first.session_id, "and now?").await;
    assert_eq!(house.end(next.run_id).await, RunStatus::Done);
    let requests = house.model.requests();
    assert_eq!(requests.len(), 3);
    for request in &requests[1..] {
        let sent: Vec<_> = request
            .messages
            .iter()
            .filter_map(|message| match message {
                Message::Assistant { calls, .. } => Some(calls),
                _ => None,
            })
            .flatten()
            .collect();
        let [call] = &sent[..] else { panic!("{sent:?}") };
        assert!(serde_json::from_str::<Value>(&call.arguments).unwrap().is_object());
    }
    let begun = stored(&house, first.run_id).await.into_iter().find_map(|event| match event {
        Event::ToolStart { arguments, .. } => Some(arguments),
        _ => None,
    });
    assert_eq!(begun.as_deref(), Some(half), "the log keeps what the model wrote");
    assert_eq!(house.model.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn an_error_that_a_program_wrote_reaches_the_model_whole() {
    let traceback = "Traceback (most recent call last):\n  File \"a.py\", line 3, in <module>\n    \
                     token = secrets[\"password\"]\nKeyError: 'password'";
    let model = Scripted::new([
        Reply::call("fs.write", json!({ "path": "log", "content": traceback })),
        Reply::call(
            "fs.read",
            json!({ "path": "log", "description": "x", "max_bytes": 10_000_000 }),
        ),
        Reply::text("A key is missing."),
    ]);
    let house = house(model).await;
    let run = house.ask("why?").await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    let told = results(&house).pop().unwrap();
    assert!(told.starts_with(traceback), "{told}");
    assert!(told.ends_with("[max_bytes was 10000000; 65536 was taken]"), "{told}");
}

#[tokio::test]
async fn a_short_wait_is_waited_once_then_another_model_answers_and_the_trace_shows_both() {
    let limited = || {
        let retry_after = Some(Duration::from_millis(2));
        Reply::fail(LlmError::RateLimited { retry_after })
    };
    let house = house(Scripted::new([limited(), limited(), Reply::text("From the other.")])).await;
    let fallbacks = Some(Some(vec!["scripted/other".to_owned()]));
    let choices = ChoicesEdit { fallbacks, ..ChoicesEdit::default() };
    let draft = AgentDraft { choices, ..AgentDraft::default() };
    house.engine.edit_agent(&house.who, "guide", None, draft).await.unwrap();
    let run = house.ask("go").await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    let asked: Vec<_> = house.model.requests().into_iter().map(|request| request.model).collect();
    assert_eq!(asked, ["model", "model", "other"]);
    let faults: Vec<_> = stored(&house, run.run_id)
        .await
        .into_iter()
        .filter_map(|event| match event {
            Event::ModelFault { model, fault, retry_after_ms, next_model, .. } => {
                Some((model, fault, retry_after_ms, next_model))
            }
            _ => None,
        })
        .collect();
    let (model, limited) = ("scripted/model".to_owned(), ModelFaultKind::RateLimited);
    let other = Some("scripted/other".to_owned());
    assert_eq!(faults, [(model.clone(), limited, Some(2), None), (model, limited, None, other)]);
    let view = house.engine.run(&house.who, run.run_id).await.unwrap();
    assert_eq!(view.answer.as_deref(), Some("From the other."));
}

#[tokio::test]
async fn an_empty_account_ends_the_run_with_a_sentence_and_not_with_an_answer() {
    let detail = "You've hit your limit · resets 8pm".to_owned();
    let house = house(Scripted::new([Reply::fail(LlmError::Quota { detail })])).await;
    let run = house.ask("go").await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Failed);
    let view = house.engine.run(&house.who, run.run_id).await.unwrap();
    assert_eq!((view.answer, view.error.unwrap().code), (None, RunErrorCode::Provider));
    assert_eq!(house.model.requests().len(), 1, "what cannot pass is not asked again");
}

#[tokio::test]
async fn a_reply_that_announces_calls_and_makes_none_is_an_empty_one() {
    let announces = || Reply::from(FinishReason::ToolCalls);
    let before = house(Scripted::new([announces(), Reply::text("Here.")])).await;
    let run = before.ask("go").await;
    assert_eq!(before.end(run.run_id).await, RunStatus::Done);
    let nudged = before.model.requests();
    assert_eq!(nudged.len(), 2, "asked once more, since nothing was done yet");
    assert!(format!("{:?}", nudged[1].messages.last().unwrap()).contains("was empty"));
    assert_eq!(before.model.violations(), Vec::<String>::new());

    let write = Reply::call("fs.write", json!({ "path": "a", "content": "x" }));
    let after = house(Scripted::new([write, announces()])).await;
    let run = after.ask("go").await;
    assert_eq!(after.end(run.run_id).await, RunStatus::Done);
    assert_eq!(after.model.requests().len(), 2, "what was done is not done again");

    let twice = house(Scripted::new([announces(), announces()])).await;
    let run = twice.ask("go").await;
    assert_eq!(twice.end(run.run_id).await, RunStatus::Failed);
    assert_eq!(twice.model.requests().len(), 2, "and not asked for ever");
}

#[tokio::test]
async fn after_a_request_that_was_too_large_the_next_message_is_answered() {
    let overflow = || {
        let detail = "exceeds maximum allowed content length".to_owned();
        Reply::fail(LlmError::ContextOverflow { detail })
    };
    let house = house(Scripted::new([overflow(), overflow()]).or_always(Reply::text("Hi."))).await;
    let run = house.ask(&"word ".repeat(20_000)).await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Failed);
    let view = house.engine.run(&house.who, run.run_id).await.unwrap();
    assert_eq!(view.error.unwrap().code, RunErrorCode::ContextLimit);
    let next = house.go_on(run.session_id, "hello").await;
    let ended = house.end(next.run_id).await;
    let view = house.engine.run(&house.who, next.run_id).await.unwrap();
    assert_eq!((ended, view.error), (RunStatus::Done, None));
    assert_eq!(house.model.violations(), Vec::<String>::new());
}
