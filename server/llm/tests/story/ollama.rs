//! Ollama's own form.

use domain::{FinishReason, ModelFaultKind, ProviderForm};
use llm::Usage;
use serde_json::{Value, json};

use super::told::{Form, parameters};

fn line(message: Value) -> String {
    format!("{}\n", json!({ "model": "small-1", "message": message, "done": false }))
}

fn said(text: &str) -> String {
    line(json!({ "role": "assistant", "content": text }))
}

fn end(reason: &str) -> Value {
    json!({
        "model": "small-1",
        "message": { "role": "assistant", "content": "" },
        "done": true,
        "done_reason": reason,
        "prompt_eval_count": 1200,
        "eval_count": 30,
    })
}

fn ended(reason: &str) -> String {
    format!("{}\n", end(reason))
}

fn call(path: &str) -> Value {
    json!({ "function": { "name": "fs_read", "arguments": { "path": path } } })
}

fn calling(calls: Value) -> String {
    line(json!({ "role": "assistant", "content": "", "tool_calls": calls }))
}

pub(crate) fn form() -> Form {
    let some = |reason: &str| vec![said("some words"), ended(reason)];
    let mut whole = end("stop");
    whole["message"] = json!({ "role": "assistant", "content": "那🙂 é\n", "thinking": "hm 🙂" });
    let fault = |message: &str| format!("{}\n", json!({ "error": message }));
    Form {
        form: ProviderForm::Ollama,
        path: "POST /api/chat HTTP/1.1\r\n",
        headers: &["authorization: bearer sk-test-1234"],
        content_type: "application/x-ndjson",
        request: request(),
        turns: "/messages",
        text: vec![
            line(json!({ "role": "assistant", "content": "", "thinking": "hm 🙂" })),
            said("那🙂"),
            said(" é\n"),
            ended("stop"),
        ],
        text_at: 2,
        usage: Usage { input_tokens: 1200, output_tokens: 30, cached_tokens: 0 },
        whole,
        calls: vec![
            vec![said("I look."), calling(json!([call("a"), call("b")])), ended("stop")],
            vec![
                said("I look."),
                calling(json!([call("a")])),
                calling(json!([call("b")])),
                ended("stop"),
            ],
        ],
        ids: ["call_1", "call_2"],
        finishes: vec![(some("stop"), FinishReason::Stop), (some("length"), FinishReason::Length)],
        refusals: vec![
            (
                "404 Not Found",
                json!({ "error": "model 'small-1' not found" }),
                ModelFaultKind::NotFound,
            ),
            (
                "400 Bad Request",
                json!({ "error": "prompt too long; exceeded max context length by 12 tokens" }),
                ModelFaultKind::ContextOverflow,
            ),
        ],
        faults: vec![
            (fault("an error was encountered while running the model"), ModelFaultKind::Cut),
            (fault("prompt too long"), ModelFaultKind::ContextOverflow),
        ],
        signed: vec![
            line(json!({ "role": "assistant", "content": "", "thinking": "c2ln" })),
            line(json!({ "role": "assistant", "content": "", "thinking": "bmVk" })),
            calling(json!([call("a")])),
            ended("stop"),
        ],
        given_back: json!("c2lnbmVk"),
    }
}

fn request() -> Value {
    let call = |id: &str, arguments: Value| json!({ "id": id, "function": { "name": "fs_read", "arguments": arguments } });
    let result = |id: &str, content: &str| json!({ "role": "tool", "tool_name": "fs_read", "tool_call_id": id, "content": content });
    json!({
        "model": "small-1",
        "messages": [
            { "role": "system", "content": "Be brief." },
            { "role": "user", "content": "What is in a?", "images": ["AQID"] },
            {
                "role": "assistant",
                "content": "I look.",
                "tool_calls": [call("1", json!({ "path": "a" })), call("2", json!({}))],
            },
            result("1", "那🙂é"),
            result("2", "error: not JSON"),
            { "role": "user", "content": "Thanks." },
            { "role": "assistant", "content": "Done." },
            { "role": "system", "content": "Be quick." },
            { "role": "user", "content": "And c?" },
        ],
        "stream": true,
        "truncate": false,
        "options": { "num_ctx": 65536, "num_predict": 20000, "temperature": 0.7 },
        "tools": [{ "type": "function", "function": {
            "name": "fs_read",
            "description": "Reads a file.",
            "parameters": parameters(),
        } }],
    })
}
