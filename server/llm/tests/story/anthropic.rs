//! Anthropic's Messages.

use domain::{FinishReason, ModelFaultKind, ProviderForm};
use llm::Usage;
use serde_json::{Value, json};

use super::told::{Form, parameters};

fn event(data: Value) -> String {
    format!("event: {}\ndata: {data}\n\n", data["type"].as_str().unwrap())
}

fn begin(index: u64, block: Value) -> String {
    event(json!({ "type": "content_block_start", "index": index, "content_block": block }))
}

fn delta(index: u64, delta: Value) -> String {
    event(json!({ "type": "content_block_delta", "index": index, "delta": delta }))
}

fn text(index: u64, text: &str) -> String {
    delta(index, json!({ "type": "text_delta", "text": text }))
}

fn started() -> String {
    let usage = json!({
        "input_tokens": 150,
        "cache_creation_input_tokens": 50,
        "cache_read_input_tokens": 1000,
        "output_tokens": 1,
    });
    let message = json!({ "type": "message", "role": "assistant", "content": [], "stop_reason": null, "usage": usage });
    event(json!({ "type": "message_start", "message": message }))
}

fn ended(reason: &str) -> Vec<String> {
    let delta = json!({ "stop_reason": reason, "stop_sequence": null });
    vec![
        event(json!({ "type": "message_delta", "delta": delta, "usage": { "output_tokens": 30 } })),
        event(json!({ "type": "message_stop" })),
    ]
}

fn call(index: u64, id: &str, path: &str) -> Vec<String> {
    let json =
        |part: &str| delta(index, json!({ "type": "input_json_delta", "partial_json": part }));
    vec![
        begin(index, json!({ "type": "tool_use", "id": id, "name": "fs_read", "input": {} })),
        json(""),
        json("{\"path\":"),
        json(&format!("\"{path}\"}}")),
        event(json!({ "type": "content_block_stop", "index": index })),
    ]
}

fn looking(first: u64, second: u64) -> Vec<String> {
    let mut frames =
        vec![started(), begin(0, json!({ "type": "text", "text": "" })), text(0, "I look.")];
    frames.extend(call(first, "toolu_a", "a"));
    frames.extend(call(second, "toolu_b", "b"));
    frames.extend(ended("tool_use"));
    frames
}

pub(crate) fn form() -> Form {
    let some = |reason: &str| {
        let mut frames =
            vec![started(), begin(0, json!({ "type": "text", "text": "" })), text(0, "some words")];
        frames.extend(ended(reason));
        frames
    };
    let mut said = vec![
        started(),
        event(json!({ "type": "ping" })),
        begin(0, json!({ "type": "thinking", "thinking": "" })),
        delta(0, json!({ "type": "thinking_delta", "thinking": "hm 🙂" })),
        begin(1, json!({ "type": "text", "text": "" })),
        text(1, "那🙂"),
        text(1, " é\n"),
        event(json!({ "type": "content_block_stop", "index": 1 })),
    ];
    said.extend(ended("end_turn"));
    let mut signed = vec![
        started(),
        begin(0, json!({ "type": "thinking", "thinking": "", "signature": "" })),
        delta(0, json!({ "type": "thinking_delta", "thinking": "I " })),
        delta(0, json!({ "type": "thinking_delta", "thinking": "think" })),
        delta(0, json!({ "type": "signature_delta", "signature": "c2ln" })),
        delta(0, json!({ "type": "signature_delta", "signature": "bmVk" })),
        begin(1, json!({ "type": "redacted_thinking", "data": "aGlkZGVu" })),
        begin(2, json!({ "type": "text", "text": "Then " })),
        text(2, "I look."),
    ];
    signed.extend(call(3, "toolu_a", "a"));
    signed.extend(ended("tool_use"));
    let fault =
        |kind: &str| event(json!({ "type": "error", "error": { "type": kind, "message": "x" } }));
    let refusal = |kind: &str, message: &str| json!({ "type": "error", "error": { "type": kind, "message": message } });
    Form {
        form: ProviderForm::Anthropic,
        path: "POST /v1/messages HTTP/1.1\r\n",
        headers: &["x-api-key: sk-test-1234", "anthropic-version: 2023-06-01"],
        content_type: "text/event-stream; charset=utf-8",
        request: request(),
        turns: "/messages",
        text: said,
        text_at: 6,
        // Cached and newly cached tokens stand beside `input_tokens` there.
        usage: Usage { input_tokens: 1200, output_tokens: 30, cached_tokens: 1000 },
        whole: json!({
            "type": "message",
            "role": "assistant",
            "content": [
                { "type": "thinking", "thinking": "hm 🙂", "signature": "" },
                { "type": "text", "text": "那🙂 é\n" },
            ],
            "stop_reason": "end_turn",
            "usage": {
                "input_tokens": 150,
                "cache_creation_input_tokens": 50,
                "cache_read_input_tokens": 1000,
                "output_tokens": 30,
            },
        }),
        calls: vec![looking(1, 2), looking(1, 1)],
        ids: ["toolu_a", "toolu_b"],
        finishes: vec![
            (some("end_turn"), FinishReason::Stop),
            (some("max_tokens"), FinishReason::Length),
            (some("model_context_window_exceeded"), FinishReason::Length),
            (some("refusal"), FinishReason::ContentFilter),
        ],
        refusals: vec![
            (
                "400 Bad Request",
                refusal(
                    "invalid_request_error",
                    "prompt is too long: 227255 tokens > 200000 maximum",
                ),
                ModelFaultKind::ContextOverflow,
            ),
            (
                "413 Payload Too Large",
                refusal("request_too_large", "x"),
                ModelFaultKind::ContextOverflow,
            ),
            (
                "400 Bad Request",
                refusal(
                    "invalid_request_error",
                    "Your credit balance is too low to access the Anthropic API.",
                ),
                ModelFaultKind::Quota,
            ),
            (
                "429 Too Many Requests",
                refusal("rate_limit_error", "x"),
                ModelFaultKind::RateLimited,
            ),
        ],
        faults: vec![
            (fault("overloaded_error"), ModelFaultKind::Overloaded),
            (fault("rate_limit_error"), ModelFaultKind::RateLimited),
            (fault("authentication_error"), ModelFaultKind::Auth),
        ],
        signed,
        given_back: json!([
            { "type": "thinking", "thinking": "I think", "signature": "c2lnbmVk" },
            { "type": "redacted_thinking", "data": "aGlkZGVu" },
            { "type": "text", "text": "Then I look." },
            { "type": "tool_use", "id": "toolu_a", "name": "fs_read", "input": { "path": "a" } },
        ]),
    }
}

fn request() -> Value {
    let cached = json!({ "type": "ephemeral" });
    let image = json!({ "type": "base64", "media_type": "image/png", "data": "AQID" });
    let call = |id: &str, input: Value| json!({ "type": "tool_use", "id": id, "name": "fs_read", "input": input });
    let result = |id: &str, content: &str| json!({ "type": "tool_result", "tool_use_id": id, "content": content });
    json!({
        "model": "small-1",
        "max_tokens": 20000,
        "temperature": 0.7,
        "stream": true,
        "system": [{ "type": "text", "text": "Be brief.", "cache_control": cached }],
        "tools": [{ "name": "fs_read", "description": "Reads a file.", "input_schema": parameters() }],
        "messages": [
            { "role": "user", "content": [
                { "type": "image", "source": image },
                { "type": "text", "text": "What is in a?" },
            ] },
            { "role": "assistant", "content": [
                { "type": "text", "text": "I look." },
                call("1", json!({ "path": "a" })),
                call("2", json!({})),
            ] },
            { "role": "user", "content": [
                result("1", "那🙂é"),
                result("2", "error: not JSON"),
                { "type": "text", "text": "Thanks.", "cache_control": cached },
            ] },
            { "role": "assistant", "content": [{ "type": "text", "text": "Done." }] },
            { "role": "user", "content": [
                { "type": "text", "text": "Be quick." },
                { "type": "text", "text": "And c?", "cache_control": cached },
            ] },
        ],
    })
}
