//! The scripted model: what it plays, what it keeps, and where it waits.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::sync::Arc;

use domain::FinishReason;
use futures_util::StreamExt;
use llm::scripted::{Gate, Reply, Scripted};
use llm::{Delta, LlmError, Message, Provider, Request, ToolCall, Usage};
use serde_json::json;
use support::read;

fn ask(text: &str) -> Request {
    let messages = vec![Message::user(text)];
    let (model, tools) = ("m".into(), [].into());
    Request { model, messages, tools, max_tokens: 10, window: 100, temperature: None }
}

#[tokio::test]
async fn replies_come_in_order_and_requests_are_kept() {
    let usage = Usage { input_tokens: 3, output_tokens: 2, cached_tokens: 0 };
    let model = Scripted::new([
        Reply::text("I look.")
            .then(Reply::call("fs.read", json!({ "path": "a" })))
            .then(Reply::call("time.now", json!({}))),
        Reply::thinking("hm").then(Reply::text("done")).then(usage),
        Reply::text("half").then(FinishReason::Length),
        Reply::empty(),
    ]);
    let shared = model.clone();
    let call = |id: &str, tool: &str, arguments: &str| {
        let (id, tool, arguments) = (id.into(), tool.into(), arguments.into());
        Delta::Call(ToolCall { id, tool, arguments, repair: None })
    };
    let expected = [
        vec![
            Delta::Text("I look.".into()),
            call("call_1", "fs.read", "{\"path\":\"a\"}"),
            call("call_2", "time.now", "{}"),
            Delta::Finish(FinishReason::ToolCalls),
        ],
        vec![
            Delta::Thinking("hm".into()),
            Delta::Text("done".into()),
            Delta::Usage(usage),
            Delta::Finish(FinishReason::Stop),
        ],
        vec![Delta::Text("half".into()), Delta::Finish(FinishReason::Length)],
        vec![Delta::Finish(FinishReason::Stop)],
    ];
    for (number, expected) in expected.into_iter().enumerate() {
        let asked = ask(&number.to_string());
        assert_eq!(read(&model, asked.clone()).await, (expected, None));
        assert_eq!(shared.requests().last(), Some(&asked));
    }
    assert_eq!(shared.left(), 0);
    assert_eq!(shared.violations(), Vec::<String>::new());

    let (_, error) = read(&model, ask("more")).await;
    assert!(matches!(error, Some(LlmError::Format(_))), "{error:?}");
    shared.push(Reply::text("pushed"));
    let model = model.or_always(Reply::text("again"));
    for expected in ["pushed", "again", "again"] {
        assert_eq!(read(&model, ask("more")).await.0[0], Delta::Text(expected.into()));
    }
}

#[tokio::test]
async fn errors_come_before_or_inside_an_answer() {
    let overloaded = LlmError::Overloaded { status: 503, retry_after: None };
    let cut = LlmError::Cut("gone".into());
    let model = Scripted::new([
        Reply::fail(overloaded.clone()),
        Reply::text("so").then(cut.clone()).then(Reply::text("never")),
    ]);
    assert_eq!(model.stream(ask("a")).await.err(), Some(overloaded));
    assert_eq!(read(&model, ask("b")).await, (vec![Delta::Text("so".into())], Some(cut)));
}

#[tokio::test]
async fn a_gate_holds_until_it_is_opened() {
    let gate = Gate::new();
    let model = Scripted::new([Reply::text("one").then(&gate).then(Reply::text("two"))]);
    let reading = tokio::spawn({
        let model = model.clone();
        async move { read(&model, ask("a")).await }
    });
    gate.reached().await;
    assert!(!reading.is_finished());
    gate.open();
    let (deltas, error) = reading.await.unwrap();
    assert_eq!((deltas.len(), error), (3, None));
    gate.dropped().await;
}

#[tokio::test]
async fn a_gate_knows_when_its_stream_is_dropped() {
    let gate = Gate::new();
    let model = Scripted::new([Reply::text("one").then(&gate)]);
    let mut stream = model.stream(ask("a")).await.unwrap();
    assert_eq!(stream.next().await, Some(Ok(Delta::Text("one".into()))));
    drop(stream);
    gate.dropped().await;
}

#[tokio::test]
async fn a_request_can_be_held_before_it_is_accepted() {
    let gate = Gate::new();
    let error = LlmError::Overloaded { status: 503, retry_after: None };
    let model =
        Arc::new(Scripted::new([Reply::held(&gate), Reply::held(&gate).then(error.clone())]));
    let asking = tokio::spawn({
        let model = Arc::clone(&model);
        async move { model.stream(ask("a")).await.map(drop) }
    });
    gate.reached().await;
    asking.abort();
    gate.dropped().await;
    gate.open();
    assert_eq!(model.stream(ask("b")).await.err(), Some(error));
}

#[tokio::test]
async fn bad_requests_are_noted_and_answered() {
    let model = Scripted::default().or_always(Reply::text("fine"));
    read(&model, ask("a")).await;
    read(&model, ask(" ")).await;
    assert_eq!(model.violations(), ["request 2: message 0: empty"]);
    assert_eq!(model.requests().len(), 2);
}
