//! OpenAI's chat completions.

use domain::{FinishReason, ModelFaultKind, ProviderForm};
use llm::Usage;
use serde_json::{Value, json};

use super::told::{Form, event, parameters};

fn delta(delta: Value) -> String {
    event(json!({ "choices": [{ "index": 0, "delta": delta, "finish_reason": null }] }))
}

fn finish(reason: &str) -> String {
    event(json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": reason }] }))
}

fn call(index: Value, id: Value, name: Value, arguments: &str) -> String {
    let function = json!({ "name": name, "arguments": arguments });
    delta(json!({ "tool_calls": [{ "index": index, "id": id, "function": function }] }))
}

fn looking(parts: Vec<String>) -> Vec<String> {
    let mut frames = vec![delta(json!({ "content": "I look." }))];
    frames.extend(parts);
    frames.push(finish("tool_calls"));
    frames
}

pub(crate) fn form() -> Form {
    let (read, none) = (json!("fs_read"), Value::Null);
    let (a, b) = (r#"{"path":"a"}"#, r#"{"path":"b"}"#);
    let usage = json!({
        "prompt_tokens": 1200,
        "completion_tokens": 30,
        "prompt_tokens_details": { "cached_tokens": 1000 },
    });
    let ended = |reason| vec![delta(json!({ "content": "some words" })), finish(reason)];
    let details = |text: &str, signature: Value| {
        let block =
            json!({ "type": "reasoning.text", "index": 0, "text": text, "signature": signature });
        delta(json!({ "reasoning_details": [block] }))
    };
    Form {
        form: ProviderForm::OpenaiChat,
        path: "POST /v1/chat/completions HTTP/1.1\r\n",
        headers: &["authorization: bearer sk-test-1234", "content-type: application/json"],
        content_type: "text/event-stream; charset=utf-8",
        request: request(),
        turns: "/messages",
        text: vec![
            delta(json!({ "role": "assistant", "content": "" })),
            delta(json!({ "reasoning_content": "hm 🙂" })),
            delta(json!({ "content": "那🙂" })),
            delta(json!({ "content": " é\n" })),
            finish("stop"),
            event(json!({ "choices": [], "usage": usage })),
            "data: [DONE]\n\n".to_owned(),
        ],
        text_at: 3,
        usage: Usage { input_tokens: 1200, output_tokens: 30, cached_tokens: 1000 },
        whole: json!({
            "object": "chat.completion",
            "choices": [{
                "index": 0,
                "message": { "role": "assistant", "content": "那🙂 é\n", "reasoning": "hm 🙂" },
                "finish_reason": "stop",
            }],
            "usage": usage,
        }),
        calls: vec![
            looking(vec![
                call(json!(0), json!("c_a"), read.clone(), a),
                call(json!(0), json!("c_b"), read.clone(), b),
            ]),
            looking(vec![
                call(none.clone(), json!("c_a"), read.clone(), a),
                call(none.clone(), json!("c_b"), read.clone(), b),
            ]),
            looking(vec![
                call(json!(0), json!("c_a"), read.clone(), ""),
                call(json!(1), json!("c_b"), read.clone(), ""),
                call(json!(0), none.clone(), none.clone(), r#"{"path":"#),
                call(json!(1), none.clone(), none.clone(), r#"{"path":"#),
                call(json!(0), none.clone(), none.clone(), r#""a"}"#),
                call(json!(1), none.clone(), none, r#""b"}"#),
            ]),
        ],
        ids: ["c_a", "c_b"],
        finishes: vec![
            (ended("stop"), FinishReason::Stop),
            (ended("length"), FinishReason::Length),
            (ended("content_filter"), FinishReason::ContentFilter),
        ],
        refusals: vec![
            (
                "429 Too Many Requests",
                json!({ "error": { "type": "insufficient_quota", "code": "insufficient_quota" } }),
                ModelFaultKind::Quota,
            ),
            (
                "400 Bad Request",
                json!({ "error": { "message": "…", "code": "context_length_exceeded" } }),
                ModelFaultKind::ContextOverflow,
            ),
            (
                "400 Bad Request",
                json!({ "error": { "code": 400, "type": "exceed_context_size_error", "n_ctx": 4096 } }),
                ModelFaultKind::ContextOverflow,
            ),
        ],
        faults: vec![
            (event(json!({ "error": { "code": 429 } })), ModelFaultKind::RateLimited),
            (
                event(json!({ "choices": [], "error": { "code": 502, "message": "upstream" } })),
                ModelFaultKind::Overloaded,
            ),
            (event(json!({ "error": "gone" })), ModelFaultKind::Cut),
            ("data: <html>\n\n".to_owned(), ModelFaultKind::Format),
        ],
        signed: vec![
            details("I ", Value::Null),
            details("think", json!("c2lnbmVk")),
            call(json!(0), json!("c_a"), read, a),
            finish("tool_calls"),
        ],
        given_back: json!([{
            "type": "reasoning.text", "index": 0, "text": "I think", "signature": "c2lnbmVk",
        }]),
    }
}

fn request() -> Value {
    let call = |id: &str, arguments: &str| {
        let function = json!({ "name": "fs_read", "arguments": arguments });
        json!({ "id": id, "type": "function", "function": function })
    };
    json!({
        "model": "small-1",
        "messages": [
            { "role": "system", "content": "Be brief." },
            { "role": "user", "content": [
                { "type": "image_url", "image_url": { "url": "data:image/png;base64,AQID" } },
                { "type": "text", "text": "What is in a?" },
            ] },
            {
                "role": "assistant",
                "content": "I look.",
                "tool_calls": [call("1", "{\"path\":\"a\"}"), call("2", "{}")],
            },
            { "role": "tool", "tool_call_id": "1", "content": "那🙂é" },
            { "role": "tool", "tool_call_id": "2", "content": "error: not JSON" },
            { "role": "user", "content": "Thanks." },
            { "role": "assistant", "content": "Done." },
            { "role": "system", "content": "Be quick." },
            { "role": "user", "content": "And c?" },
        ],
        "stream": true,
        "stream_options": { "include_usage": true },
        "max_tokens": 20000,
        "temperature": 0.7,
        "tools": [{ "type": "function", "function": {
            "name": "fs_read",
            "description": "Reads a file.",
            "parameters": parameters(),
        } }],
    })
}
