//! Google's Gemini API.

use domain::{FinishReason, ModelFaultKind, ProviderForm};
use llm::Usage;
use serde_json::{Value, json};

use super::told::{Form, event, parameters};

fn content(parts: Value) -> Value {
    json!({ "candidates": [{ "content": { "role": "model", "parts": parts }, "index": 0 }] })
}

fn ended(parts: Value, reason: &str) -> Value {
    let mut value = content(parts);
    value["candidates"][0]["finishReason"] = reason.into();
    value
}

fn call(path: &str) -> Value {
    json!({ "functionCall": { "name": "fs_read", "args": { "path": path } } })
}

pub(crate) fn form() -> Form {
    let usage = json!({
        "promptTokenCount": 1200,
        "cachedContentTokenCount": 1000,
        "candidatesTokenCount": 10,
        "thoughtsTokenCount": 20,
        "totalTokenCount": 1230,
    });
    let mut last = ended(json!([{ "text": "" }]), "STOP");
    last["usageMetadata"] = usage.clone();
    let mut whole =
        ended(json!([{ "text": "hm 🙂", "thought": true }, { "text": "那🙂 é\n" }]), "STOP");
    whole["usageMetadata"] = usage;
    let some = |reason: &str| {
        vec![event(content(json!([{ "text": "some words" }]))), event(ended(json!([]), reason))]
    };
    let blocked = event(json!({ "promptFeedback": { "blockReason": "SAFETY" } }));
    let signed_call = json!({
        "functionCall": { "id": "fc-7", "name": "fs_read", "args": { "path": "a" } },
        "thoughtSignature": "c2lnbmVk",
    });
    let fault = |code: u16, status: &str| {
        event(json!({ "error": { "code": code, "status": status, "message": "x" } }))
    };
    let quota = |id: &str| {
        json!([{ "error": {
            "code": 429,
            "status": "RESOURCE_EXHAUSTED",
            "message": "You exceeded your current quota, please check your plan and billing details.",
            "details": [{ "@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{ "quotaId": id }] }],
        } }])
    };
    let told = |status: &str, message: &str, reason: &str| json!({ "error": { "code": 400, "status": status, "message": message, "details": [{ "reason": reason }] } });
    Form {
        form: ProviderForm::Gemini,
        // The version that the address names.
        path: "POST /v1/models/small-1:streamGenerateContent?alt=sse HTTP/1.1\r\n",
        headers: &["x-goog-api-key: sk-test-1234"],
        content_type: "text/event-stream",
        request: request(),
        turns: "/contents",
        text: vec![
            event(content(json!([{ "text": "hm 🙂", "thought": true }]))),
            event(content(json!([{ "text": "那🙂" }]))),
            event(content(json!([{ "text": " é\n" }]))),
            event(last),
        ],
        text_at: 2,
        usage: Usage { input_tokens: 1200, output_tokens: 30, cached_tokens: 1000 },
        whole,
        calls: vec![
            vec![
                event(content(json!([{ "text": "I look." }]))),
                event(ended(json!([call("a"), call("b")]), "STOP")),
            ],
            vec![
                event(content(json!([{ "text": "I look." }]))),
                event(content(json!([call("a")]))),
                event(ended(json!([call("b")]), "STOP")),
            ],
        ],
        ids: ["call_1", "call_2"],
        finishes: vec![
            (some("STOP"), FinishReason::Stop),
            (some("MAX_TOKENS"), FinishReason::Length),
            (some("SAFETY"), FinishReason::ContentFilter),
            (vec![blocked], FinishReason::ContentFilter),
        ],
        refusals: vec![
            (
                "400 Bad Request",
                told("INVALID_ARGUMENT", "API key not valid.", "API_KEY_INVALID"),
                ModelFaultKind::Auth,
            ),
            (
                "400 Bad Request",
                told(
                    "INVALID_ARGUMENT",
                    "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
                    "x",
                ),
                ModelFaultKind::ContextOverflow,
            ),
            (
                "429 Too Many Requests",
                quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier"),
                ModelFaultKind::Quota,
            ),
            (
                "429 Too Many Requests",
                quota("GenerateRequestsPerMinutePerProjectPerModel"),
                ModelFaultKind::RateLimited,
            ),
        ],
        faults: vec![
            (fault(503, "UNAVAILABLE"), ModelFaultKind::Overloaded),
            (fault(429, "RESOURCE_EXHAUSTED"), ModelFaultKind::RateLimited),
        ],
        signed: vec![
            event(content(json!([{ "text": "I think", "thought": true }]))),
            event(content(json!([{ "text": "I " }]))),
            event(content(json!([{ "text": "look." }]))),
            event(ended(json!([signed_call]), "STOP")),
        ],
        given_back: json!([{ "text": "I look." }, signed_call]),
    }
}

fn request() -> Value {
    let call = |args: Value| json!({ "functionCall": { "name": "fs_read", "args": args } });
    let result = |output: &str| json!({ "functionResponse": { "name": "fs_read", "response": { "output": output } } });
    json!({
        "systemInstruction": { "parts": [{ "text": "Be brief." }] },
        "contents": [
            { "role": "user", "parts": [
                { "inlineData": { "mimeType": "image/png", "data": "AQID" } },
                { "text": "What is in a?" },
            ] },
            { "role": "model", "parts": [
                { "text": "I look." },
                call(json!({ "path": "a" })),
                call(json!({})),
            ] },
            { "role": "user", "parts": [
                result("那🙂é"),
                result("error: not JSON"),
                { "text": "Thanks." },
            ] },
            { "role": "model", "parts": [{ "text": "Done." }] },
            { "role": "user", "parts": [{ "text": "Be quick." }, { "text": "And c?" }] },
        ],
        "generationConfig": { "maxOutputTokens": 20000, "temperature": 0.7 },
        "tools": [{ "functionDeclarations": [{
            "name": "fs_read",
            "description": "Reads a file.",
            "parameters": parameters(),
        }] }],
    })
}
