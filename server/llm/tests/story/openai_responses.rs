//! OpenAI's Responses.

use domain::{FinishReason, ModelFaultKind, ProviderForm};
use llm::Usage;
use serde_json::{Value, json};

use super::told::{Form, event, parameters};

fn text(delta: &str) -> String {
    event(json!({ "type": "response.output_text.delta", "output_index": 1, "delta": delta }))
}

fn done(item: Value) -> String {
    event(json!({ "type": "response.output_item.done", "item": item }))
}

fn message(text: &str) -> Value {
    let content = json!([{ "type": "output_text", "text": text, "annotations": [] }]);
    json!({ "type": "message", "id": "msg_1", "status": "completed", "role": "assistant", "content": content })
}

fn call(id: &str, path: &str) -> Value {
    let arguments = json!({ "path": path }).to_string();
    json!({ "type": "function_call", "id": format!("fc_{id}"), "status": "completed",
        "call_id": id, "name": "fs_read", "arguments": arguments })
}

fn ended(kind: &str, response: Value) -> String {
    event(json!({ "type": format!("response.{kind}"), "response": response }))
}

fn completed() -> String {
    ended("completed", json!({ "status": "completed", "output": [], "error": null }))
}

pub(crate) fn form() -> Form {
    let usage = json!({
        "input_tokens": 1200,
        "input_tokens_details": { "cached_tokens": 1000 },
        "output_tokens": 30,
        "output_tokens_details": { "reasoning_tokens": 20 },
    });
    let summary = json!([{ "type": "summary_text", "text": "hm 🙂" }]);
    let reasoning = json!({ "type": "reasoning", "id": "rs_1", "summary": summary, "encrypted_content": "c2lnbmVk" });
    let mut plain = reasoning.clone();
    plain["encrypted_content"] = Value::Null;
    let parts = |index: u64, id: &str, path: &str| {
        let arguments = json!({ "path": path }).to_string();
        vec![
            event(json!({ "type": "response.output_item.added", "output_index": index,
                "item": { "type": "function_call", "call_id": id, "name": "fs_read", "arguments": "" } })),
            event(
                json!({ "type": "response.function_call_arguments.delta", "output_index": index, "delta": arguments }),
            ),
            event(
                json!({ "type": "response.function_call_arguments.done", "output_index": index, "arguments": arguments }),
            ),
            done(call(id, path)),
        ]
    };
    let mut streamed = vec![text("I look."), done(message("I look."))];
    streamed.extend(parts(1, "c_a", "a"));
    // The same number again, as careless servers have it.
    streamed.extend(parts(1, "c_b", "b"));
    streamed.push(completed());
    let output = json!([message("I look."), call("c_a", "a"), call("c_b", "b")]);
    let at_once = vec![ended("completed", json!({ "status": "completed", "output": output }))];
    let some = |end: String| vec![text("some words"), done(message("some words")), end];
    let incomplete = |reason: &str| {
        let details = json!({ "reason": reason });
        ended("incomplete", json!({ "status": "incomplete", "incomplete_details": details }))
    };
    let mut given_back = reasoning.clone();
    given_back.as_object_mut().unwrap().remove("id");
    Form {
        form: ProviderForm::OpenaiResponses,
        path: "POST /v1/responses HTTP/1.1\r\n",
        headers: &["authorization: bearer sk-test-1234", "content-type: application/json"],
        content_type: "text/event-stream",
        request: request(),
        turns: "/input",
        text: vec![
            ended("created", json!({ "status": "in_progress", "error": null })),
            event(json!({ "type": "response.reasoning_summary_text.delta", "delta": "hm 🙂" })),
            done(plain.clone()),
            text("那🙂"),
            text(" é\n"),
            done(message("那🙂 é\n")),
            ended(
                "completed",
                json!({ "status": "completed", "output": [message("那🙂 é\n")], "usage": usage }),
            ),
        ],
        text_at: 4,
        usage: Usage { input_tokens: 1200, output_tokens: 30, cached_tokens: 1000 },
        whole: json!({
            "object": "response",
            "status": "completed",
            "error": null,
            "output": [plain, message("那🙂 é\n")],
            "usage": usage,
        }),
        calls: vec![streamed, at_once],
        ids: ["c_a", "c_b"],
        finishes: vec![
            (some(completed()), FinishReason::Stop),
            (some(incomplete("max_output_tokens")), FinishReason::Length),
            (some(incomplete("content_filter")), FinishReason::ContentFilter),
        ],
        refusals: vec![(
            "400 Bad Request",
            json!({ "error": { "message": "…", "code": "context_length_exceeded" } }),
            ModelFaultKind::ContextOverflow,
        )],
        faults: vec![
            (
                event(json!({ "type": "error", "code": "rate_limit_exceeded", "message": "slow" })),
                ModelFaultKind::RateLimited,
            ),
            (
                ended(
                    "failed",
                    json!({ "status": "failed", "error": { "code": "server_error", "message": "x" } }),
                ),
                ModelFaultKind::Overloaded,
            ),
            (
                ended(
                    "failed",
                    json!({ "status": "failed", "error": { "code": "context_length_exceeded", "message": "x" } }),
                ),
                ModelFaultKind::ContextOverflow,
            ),
        ],
        signed: vec![done(reasoning), done(call("c_a", "a")), completed()],
        given_back,
    }
}

fn request() -> Value {
    let call = |id: &str, arguments: &str| json!({ "type": "function_call", "call_id": id, "name": "fs_read", "arguments": arguments });
    json!({
        "model": "small-1",
        "input": [
            { "role": "system", "content": "Be brief." },
            { "role": "user", "content": [
                { "type": "input_image", "image_url": "data:image/png;base64,AQID" },
                { "type": "input_text", "text": "What is in a?" },
            ] },
            { "role": "assistant", "content": "I look." },
            call("1", "{\"path\":\"a\"}"),
            call("2", "{}"),
            { "type": "function_call_output", "call_id": "1", "output": "那🙂é" },
            { "type": "function_call_output", "call_id": "2", "output": "error: not JSON" },
            { "role": "user", "content": "Thanks." },
            { "role": "assistant", "content": "Done." },
            { "role": "system", "content": "Be quick." },
            { "role": "user", "content": "And c?" },
        ],
        "stream": true,
        "store": false,
        "include": ["reasoning.encrypted_content"],
        "max_output_tokens": 20000,
        "temperature": 0.7,
        "tools": [{
            "type": "function",
            "name": "fs_read",
            "description": "Reads a file.",
            "parameters": parameters(),
            "strict": false,
        }],
    })
}
