//! The OpenAI form against a provider on the loopback: what is sent, what is
//! read, and that the connection ends with the stream.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use domain::FinishReason;
use futures_util::StreamExt;
use llm::{Delta, Usage};
use serde_json::{Value, json};
use support::{KEY, Server, answered, drain, events, read, request, response};

fn text(content: &str) -> Value {
    json!({ "choices": [{ "index": 0, "delta": { "content": content }, "finish_reason": null }] })
}

fn finish(reason: &str) -> Value {
    json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": reason }] })
}

fn calls(parts: &Value) -> Value {
    json!({ "choices": [{ "index": 0, "delta": { "tool_calls": parts } }] })
}

#[tokio::test]
async fn the_whole_request_is_in_the_wire_form() {
    let server = Server::start().await;
    let provider = server.provider();
    let serve = async {
        let mut exchange = server.accept().await;
        exchange.send(events(&[text("ok"), finish("stop")])).await;
        (exchange.head.clone(), exchange.body.clone())
    };
    let ((deltas, error), (head, body)) = tokio::join!(read(&*provider, request()), serve);
    assert_eq!(error, None);
    assert_eq!(deltas, [Delta::Text("ok".into()), Delta::Finish(FinishReason::Stop)]);

    let lower = head.to_ascii_lowercase();
    assert!(head.starts_with("POST /v1/chat/completions HTTP/1.1\r\n"), "{head}");
    assert!(lower.contains(&format!("\r\nauthorization: bearer {KEY}\r\n")), "{head}");
    assert!(lower.contains("\r\ncontent-type: application/json\r\n"), "{head}");
    assert!(lower.contains("\r\naccept: text/event-stream, application/json\r\n"), "{head}");
    let call = |id: &str, arguments: &str| {
        let function = json!({ "name": "fs_read", "arguments": arguments });
        json!({ "id": id, "type": "function", "function": function })
    };
    let expected = json!({
        "model": "small-1",
        "messages": [
            { "role": "system", "content": "Be brief." },
            { "role": "user", "content": "What is in a and b?" },
            {
                "role": "assistant",
                "content": null,
                "tool_calls": [call("1", "{\"path\":\"a\"}"), call("2", "{}")],
            },
            { "role": "tool", "tool_call_id": "1", "content": "那🙂é" },
            {
                "role": "tool",
                "tool_call_id": "2",
                "content": "error tool.input_invalid: not JSON",
            },
            { "role": "assistant", "content": "Once more.", "tool_calls": [call("3", "{}")] },
            { "role": "tool", "tool_call_id": "3", "content": "x" },
            { "role": "assistant", "content": "Done." },
            { "role": "user", "content": "Thanks, and c?" },
        ],
        "stream": true,
        "stream_options": { "include_usage": true },
        "max_tokens": 20000,
        "tools": [{
            "type": "function",
            "function": {
                "name": "fs_read",
                "description": "Reads a file.",
                "parameters": {
                    "type": "object",
                    "properties": { "path": { "type": "string" } },
                },
            },
        }],
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn without_key_and_tools_neither_is_sent() {
    let server = Server::start().await;
    let provider = llm::connect(domain::ProviderForm::OpenaiChat, &server.url, None).unwrap();
    let mut request = request();
    request.tools = [].into();
    let serve = async {
        let mut exchange = server.accept().await;
        exchange.send(events(&[finish("stop")])).await;
        (exchange.head.to_ascii_lowercase(), exchange.body.clone())
    };
    let (_, (head, body)) = tokio::join!(read(&*provider, request), serve);
    assert!(!head.contains("authorization"), "{head}");
    assert_eq!(body.get("tools"), None);
    assert_eq!(body.get("tool_choice"), None);
}

#[tokio::test]
async fn text_that_comes_byte_by_byte_stays_whole() {
    let server = Server::start().await;
    let provider = server.provider();
    let body = format!(
        ": hello\r\n\r\ndata: {}\r\n\r\ndata: {}\n\ndata: {}\n\ndata: [DONE]\n\n",
        text("那🙂"),
        text("é 那🙂é"),
        finish("stop"),
    );
    let serve = async {
        let mut exchange = server.accept().await;
        exchange.accept_stream().await;
        for byte in body.as_bytes() {
            exchange.chunk(&[*byte]).await;
        }
        exchange.end().await;
    };
    let ((deltas, error), ()) = tokio::join!(read(&*provider, request()), serve);
    assert_eq!(error, None);
    let expected = [
        Delta::Text("那🙂".into()),
        Delta::Text("é 那🙂é".into()),
        Delta::Finish(FinishReason::Stop),
    ];
    assert_eq!(deltas, expected);
}

#[tokio::test]
async fn text_is_passed_on_while_the_stream_is_open() {
    let server = Server::start().await;
    let provider = server.provider();
    let serve = async {
        let mut exchange = server.accept().await;
        exchange.accept_stream().await;
        exchange.event(&text("first")).await;
        exchange
    };
    let (stream, mut exchange) = tokio::join!(provider.stream(request()), serve);
    let mut stream = stream.unwrap();
    assert_eq!(stream.next().await, Some(Ok(Delta::Text("first".into()))));
    exchange.event(&finish("length")).await;
    exchange.end().await;
    assert_eq!(drain(stream).await, (vec![Delta::Finish(FinishReason::Length)], None));
}

#[tokio::test]
async fn calls_come_whole_at_the_end_whatever_marks_their_parts() {
    let whole = |index: Value, id: Value, p: &str| {
        let arguments = format!("{{\"p\":\"{p}\"}}");
        let function = json!({ "name": "fs_read", "arguments": arguments });
        json!([{ "index": index, "id": id, "type": "function", "function": function }])
    };
    let begin = |index: u64, id: &str| {
        let function = json!({ "name": "fs_read", "arguments": "" });
        json!([{ "index": index, "id": id, "type": "function", "function": function }])
    };
    let more = |index: u64, arguments: &str| json!([{ "index": index, "function": { "arguments": arguments } }]);
    let same_index = vec![whole(json!(0), json!("a"), "a"), whole(json!(0), json!("b"), "b")];
    let no_index = vec![whole(Value::Null, json!("a"), "a"), whole(Value::Null, json!("b"), "b")];
    let interleaved = vec![
        begin(0, "a"),
        begin(1, "b"),
        more(0, "{\"p\":"),
        more(1, "{\"p\":"),
        more(0, "\"a\"}"),
        more(1, "\"b\"}"),
    ];
    let no_ids = vec![whole(json!(0), Value::Null, "a"), whole(json!(0), json!(""), "b")];
    for (parts, ids) in [
        (same_index, ["a", "b"]),
        (no_index, ["a", "b"]),
        (interleaved, ["a", "b"]),
        (no_ids, ["call_1", "call_2"]),
    ] {
        let mut stream = vec![text("I look.")];
        stream.extend(parts.iter().map(calls));
        stream.push(finish("tool_calls"));
        let (deltas, error) = answered(events(&stream)).await;
        assert_eq!(error, None);
        let call = |id: &str, p: &str| {
            Delta::Call(llm::ToolCall {
                id: id.into(),
                tool: "fs.read".into(),
                arguments: format!("{{\"p\":\"{p}\"}}"),
                repair: None,
            })
        };
        let expected = [
            Delta::Text("I look.".into()),
            call(ids[0], "a"),
            call(ids[1], "b"),
            Delta::Finish(FinishReason::ToolCalls),
        ];
        assert_eq!(deltas, expected);
    }
}

#[tokio::test]
async fn thinking_and_counts_are_read() {
    let thinking = json!({ "choices": [{ "delta": { "reasoning_content": "hm" } }] });
    let counts = json!({ "choices": [], "usage": {
        "prompt_tokens": 1200,
        "completion_tokens": 30,
        "prompt_tokens_details": { "cached_tokens": 1000 },
    } });
    let (deltas, error) =
        answered(events(&[thinking, text("a"), finish("stop"), counts, json!("x")])).await;
    // The last event is of no form, and comes too late to matter.
    assert_eq!(error, None);
    let usage = Usage { input_tokens: 1200, output_tokens: 30, cached_tokens: 1000 };
    let expected = [
        Delta::Thinking("hm".into()),
        Delta::Text("a".into()),
        Delta::Usage(usage),
        Delta::Finish(FinishReason::Stop),
    ];
    assert_eq!(deltas, expected);
}

#[tokio::test]
async fn a_plain_document_is_understood() {
    let body = json!({
        "object": "chat.completion",
        "choices": [{
            "index": 0,
            "message": {
                "role": "assistant",
                "content": "I look.",
                "reasoning": "hm",
                "tool_calls": [
                    { "id": "a", "function": { "name": "fs_read", "arguments": "{}" } },
                    { "id": "b", "function": { "name": "unknown.tool", "arguments": {"x": 1} } },
                ],
            },
            "finish_reason": "stop",
        }],
        "usage": { "prompt_tokens": 9, "completion_tokens": 2 },
    });
    let json = "Content-Type: application/json; charset=utf-8\r\n";
    let (deltas, error) = answered(response("200 OK", json, &body.to_string())).await;
    assert_eq!(error, None);
    let call = |id: &str, tool: &str, arguments: &str| {
        let (id, tool, arguments) = (id.into(), tool.into(), arguments.into());
        Delta::Call(llm::ToolCall { id, tool, arguments, repair: None })
    };
    let expected = [
        Delta::Thinking("hm".into()),
        Delta::Text("I look.".into()),
        call("a", "fs.read", "{}"),
        call("b", "unknown.tool", "{\"x\":1}"),
        Delta::Usage(Usage { input_tokens: 9, output_tokens: 2, cached_tokens: 0 }),
        Delta::Finish(FinishReason::ToolCalls),
    ];
    assert_eq!(deltas, expected);
}

#[tokio::test]
async fn an_answer_in_several_parts_is_one() {
    let part = |text: &str| json!({ "type": "text", "text": text });
    let content = json!([part("one "), { "type": "reference", "ids": [1] }, part("two")]);
    let message = json!({ "role": "assistant", "content": content });
    let whole = json!({ "choices": [{ "message": message, "finish_reason": "stop" }] });
    let json = "Content-Type: application/json\r\n";
    let (deltas, error) = answered(response("200 OK", json, &whole.to_string())).await;
    assert_eq!(error, None);
    assert_eq!(deltas, [Delta::Text("one two".into()), Delta::Finish(FinishReason::Stop)]);

    let delta = json!({ "choices": [{ "delta": { "content": content } }] });
    let (deltas, error) = answered(events(&[delta, finish("stop")])).await;
    assert_eq!(error, None);
    assert_eq!(deltas, [Delta::Text("one two".into()), Delta::Finish(FinishReason::Stop)]);
}

#[tokio::test]
async fn dropping_the_stream_closes_the_connection() {
    let server = Server::start().await;
    let provider = server.provider();
    let serve = async {
        let mut exchange = server.accept().await;
        exchange.accept_stream().await;
        exchange.event(&text("Hello")).await;
        exchange
    };
    let (stream, mut exchange) = tokio::join!(provider.stream(request()), serve);
    let mut stream = stream.unwrap();
    assert_eq!(stream.next().await, Some(Ok(Delta::Text("Hello".into()))));
    drop(stream);
    exchange.closed().await;
}

#[tokio::test]
async fn giving_up_before_the_answer_closes_the_connection() {
    let server = Server::start().await;
    let provider = server.provider();
    let asking = tokio::spawn(async move { provider.stream(request()).await.map(drop) });
    let mut exchange = server.accept().await;
    asking.abort();
    assert!(asking.await.unwrap_err().is_cancelled());
    exchange.closed().await;
}
