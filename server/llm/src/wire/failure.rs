//! What kind of fault a refusal is: by its machine-readable fields and its
//! status. Only two kinds are told by words too, and last, since some providers
//! give them no code of their own: an empty account, and a request too large.

use std::time::Duration;

use futures_util::StreamExt;
use reqwest::Response;
use serde_json::Value;

use super::endpoint::Endpoint;
use super::wait;
use crate::LlmError;

/// How much of an error's body is read, and for how long.
const MAX_BODY: usize = 64 << 10;
const PATIENCE: Duration = Duration::from_secs(5);

/// Codes of an account with nothing left. The numbers are Z.AI's: no balance, a
/// limit by the day, one of the plan, a plan that has ended, one by the week.
const QUOTA_CODES: &[&str] = &[
    "insufficient_quota",
    "quota_exceeded",
    "billing_hard_limit_reached",
    "billing_not_active",
    "billing_error",
    "insufficient_balance",
    "insufficient_credits",
    "1113",
    "1304",
    "1308",
    "1309",
    "1310",
];

/// Sentences of an account with nothing left, in small letters.
const QUOTA_WORDS: &[&str] = &[
    "credit balance is too low",
    "exceeded your current quota",
    "insufficient balance",
    "insufficient credits",
    "key limit exceeded",
];

/// Codes of a request that is too large.
const OVERFLOW_CODES: &[&str] = &[
    "context_length_exceeded",
    "string_above_max_length",
    "request_too_large",
    "exceed_context_size_error",
    "model_context_window_exceeded",
];

/// Sentences of a request that is too large, in small letters.
const OVERFLOW_WORDS: &[&str] = &[
    "prompt is too long",
    "prompt too long",
    "input is too long",
    "request is too large",
    "request too large",
    "exceeds maximum allowed content length",
    "exceeds the maximum number of tokens",
    "exceeded max context length",
    "maximum context length",
    "maximum prompt length",
    "available context size",
    "context window exceeds",
    "exceeds the context window",
    "exceed context limit",
    "context length exceeded",
    "context the overflows",
    "reduce the length of the messages",
    "tokens exceeds the model's",
];

/// The error that a response with a bad status stands for. What the provider
/// said about it goes to the log; only what can be mended by a person shows it.
pub(super) async fn refusal(response: Response, endpoint: &Endpoint) -> LlmError {
    let status = response.status().as_u16();
    let wait = wait::in_headers(response.headers());
    if response.status().is_redirection() {
        let detail = "it answers with a redirect, which is not followed".to_owned();
        return LlmError::BadRequest { status, detail };
    }
    let body = body_start(response).await;
    let text = String::from_utf8_lossy(&body);
    let fault = match serde_json::from_str::<Value>(&text) {
        // Google's APIs answer a request for a stream with a list.
        Ok(Value::Array(list)) => Fault::read(list.first().unwrap_or(&Value::Null)),
        Ok(value) => Fault::read(&value),
        Err(_) => Fault { said: text.into_owned(), ..Fault::default() },
    };
    let fault = Fault { wait: wait.or(fault.wait), said: endpoint.clean(&fault.said), ..fault };
    tracing::warn!(status, detail = fault.said, "a provider refused a request");
    fault.telling().unwrap_or_else(|| fault.by_status(status))
}

/// The error that an event of an accepted stream, or a whole answer, holds.
pub(super) fn in_band(value: &Value, endpoint: &Endpoint) -> Option<LlmError> {
    let is_error = |error: &&Value| error.is_object() || error.is_string();
    let inner = value.get("error").or_else(|| value.pointer("/response/error")).filter(is_error);
    let word = |name: &str| value.get(name).and_then(Value::as_str) == Some("error");
    if inner.is_none() && !word("object") && !word("type") {
        return None;
    }
    let fault = Fault::read(inner.unwrap_or(value));
    let fault = Fault { said: endpoint.clean(&fault.said), ..fault };
    let by_code = || fault.codes.iter().find_map(|code| fault.by_code(code));
    Some(fault.telling().or_else(by_code).unwrap_or_else(|| LlmError::Cut(fault.said.clone())))
}

/// What an error says, taken apart.
#[derive(Default)]
struct Fault {
    /// Its codes, types and reasons, in small letters.
    codes: Vec<String>,
    /// Its code and its sentence.
    said: String,
    wait: Option<Duration>,
}

impl Fault {
    fn read(value: &Value) -> Self {
        let error = value.get("error").filter(|error| !error.is_null()).unwrap_or(value);
        let plain = |value: &Value| match value {
            Value::String(text) => Some(text.to_ascii_lowercase()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let fields = ["code", "type", "status", "http_status"];
        let mut codes: Vec<_> =
            fields.iter().filter_map(|name| error.get(name).and_then(plain)).collect();
        for detail in error.get("details").and_then(Value::as_array).into_iter().flatten() {
            codes.extend(detail.get("reason").and_then(plain));
            let violations = detail.get("violations").and_then(Value::as_array);
            codes.extend(
                violations.into_iter().flatten().filter_map(|v| v.get("quotaId").and_then(plain)),
            );
        }
        let text = |name: &str| error.get(name).and_then(Value::as_str);
        let message = error.as_str().or(text("message")).or(text("detail"));
        let said = match (text("code").or(text("type")), message) {
            (Some(code), Some(message)) => format!("{code}: {message}"),
            (None, Some(message)) => message.to_owned(),
            _ => error.to_string(),
        };
        Self { codes, said, wait: wait::in_error(error) }
    }

    /// The kinds that a code, or else a sentence, tells whatever the status is.
    fn telling(&self) -> Option<LlmError> {
        let coded = |known: &[&str]| self.codes.iter().any(|code| known.contains(&code.as_str()));
        // Google's name for what comes back only tomorrow.
        let daily = self.codes.iter().any(|code| code.contains("perday"));
        let words = self.said.to_lowercase().replace('’', "'");
        let says = |known: &[&str]| known.iter().any(|sentence| words.contains(sentence));
        let detail = || self.said.clone();
        if coded(OVERFLOW_CODES) {
            Some(LlmError::ContextOverflow { detail: detail() })
        } else if daily || coded(QUOTA_CODES) {
            Some(LlmError::Quota { detail: detail() })
        } else if self.codes.iter().any(|code| code == "api_key_invalid") {
            Some(LlmError::Auth { status: 401 })
        } else if self.codes.iter().any(|code| is_limit(code)) {
            // A rate limit's sentence may speak of the quota and of sizes too.
            None
        } else if says(QUOTA_WORDS) {
            Some(LlmError::Quota { detail: detail() })
        } else if says(OVERFLOW_WORDS) {
            Some(LlmError::ContextOverflow { detail: detail() })
        } else {
            None
        }
    }

    fn by_status(&self, status: u16) -> LlmError {
        let (retry_after, detail) = (self.wait, self.said.clone());
        match status {
            429 => LlmError::RateLimited { retry_after },
            401 | 403 => LlmError::Auth { status },
            402 => LlmError::Quota { detail },
            404 => LlmError::NotFound,
            413 => LlmError::ContextOverflow { detail },
            // A request that timed out, or came too early, is good the next time.
            408 | 425 | 500..=599 => LlmError::Overloaded { status, retry_after },
            _ => LlmError::BadRequest { status, detail },
        }
    }

    /// The kind that a code stands for, by the status that goes with it.
    fn by_code(&self, code: &str) -> Option<LlmError> {
        if let Ok(status) = code.parse::<u16>() {
            return (400..600).contains(&status).then(|| self.by_status(status));
        }
        let status = match code {
            code if is_limit(code) => 429,
            "overloaded"
            | "overloaded_error"
            | "engine_overloaded"
            | "server_overloaded"
            | "service_unavailable"
            | "unavailable" => 503,
            "server_error"
            | "internal_error"
            | "internal_server_error"
            | "internalservererror"
            | "api_error"
            | "internal" => 500,
            "timeout_error" | "deadline_exceeded" => 504,
            "invalid_api_key" | "authentication_error" | "unauthorized" | "unauthenticated" => 401,
            "permission_error" | "permission_denied" | "forbidden" => 403,
            "model_not_found" | "not_found_error" | "not_found" | "notfounderror" => 404,
            "invalid_request_error"
            | "invalid_prompt"
            | "invalid_argument"
            | "badrequesterror"
            | "bad_request" => 400,
            _ => return None,
        };
        Some(self.by_status(status))
    }
}

fn is_limit(code: &str) -> bool {
    matches!(
        code,
        "rate_limit_exceeded"
            | "rate_limit_error"
            | "rate_limit_reached"
            | "rate_limited"
            | "too_many_requests"
            | "resource_exhausted"
    )
}

/// The beginning of a body, as far as it comes in time.
async fn body_start(response: Response) -> Vec<u8> {
    let mut body = Vec::new();
    let mut chunks = response.bytes_stream();
    let read = async {
        while let Some(Ok(chunk)) = chunks.next().await {
            let room = MAX_BODY - body.len();
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if chunk.len() >= room {
                break;
            }
        }
    };
    // What came until then is the detail.
    let _ = tokio::time::timeout(PATIENCE, read).await;
    body
}

#[cfg(test)]
mod tests {
    use domain::{ModelFaultKind, ProviderForm};
    use serde_json::json;

    use super::*;

    fn read(value: Value) -> Option<LlmError> {
        let form = ProviderForm::OpenaiChat;
        let endpoint = Endpoint::new(form, "https://a.example", Some("sk-1234")).unwrap();
        in_band(&value, &endpoint)
    }

    fn kind(error: Value) -> ModelFaultKind {
        read(json!({ "error": error })).unwrap().kind()
    }

    #[test]
    fn errors_in_a_stream_are_told_by_their_fields() {
        let limited = Some(LlmError::RateLimited { retry_after: None });
        for error in [
            json!({ "code": 429 }),
            json!({ "code": "429", "message": "x" }),
            json!({ "code": "rate_limit_exceeded", "type": "tokens" }),
            json!({ "code": "other", "type": "requests", "status": "RESOURCE_EXHAUSTED" }),
        ] {
            assert_eq!(read(json!({ "error": error })), limited, "{error}");
        }
        let overloaded = |status| Some(LlmError::Overloaded { status, retry_after: None });
        assert_eq!(read(json!({ "error": { "code": 502 } })), overloaded(502));
        assert_eq!(read(json!({ "error": { "type": "overloaded_error" } })), overloaded(503));
        assert_eq!(read(json!({ "error": { "type": "server_error" } })), overloaded(500));
        let auth = Some(LlmError::Auth { status: 401 });
        assert_eq!(read(json!({ "error": { "code": "invalid_api_key" } })), auth);
        let top = json!({ "object": "error", "type": "BadRequestError", "message": "long" });
        let detail = "BadRequestError: long".to_owned();
        assert_eq!(read(top), Some(LlmError::BadRequest { status: 400, detail }));
        let top = json!({ "type": "error", "code": "server_error", "message": "x", "param": null });
        assert_eq!(read(top), overloaded(500));
        let failed = json!({ "type": "response.failed", "response": { "error": { "code": "server_error" } } });
        assert_eq!(read(failed), overloaded(500));
    }

    #[test]
    fn empty_accounts_and_daily_limits_are_told_from_a_high_rate() {
        let per = |quota: &str| {
            let violation = json!({ "quotaId": quota });
            json!({ "code": 429, "status": "RESOURCE_EXHAUSTED", "message": "You exceeded your current quota",
                "details": [{ "violations": [violation] }, { "retryDelay": "3s" }] })
        };
        for error in [
            json!({ "code": "insufficient_quota", "type": "insufficient_quota" }),
            json!({ "code": null, "type": "insufficient_quota" }),
            json!({ "code": 402, "message": "more credits needed" }),
            json!({ "code": "1113", "message": "…" }),
            json!({ "type": "invalid_request_error", "message": "Your credit balance is too low" }),
            per("GenerateRequestsPerDayPerProjectPerModel-FreeTier"),
        ] {
            assert_eq!(kind(error.clone()), ModelFaultKind::Quota, "{error}");
        }
        let wait = Some(Duration::from_secs(3));
        let minute = json!({ "error": per("GenerateRequestsPerMinutePerProjectPerModel") });
        assert_eq!(read(minute), Some(LlmError::RateLimited { retry_after: wait }));
    }

    #[test]
    fn requests_that_are_too_large_are_told_whatever_names_them() {
        for error in [
            json!({ "code": "context_length_exceeded", "type": "invalid_request_error" }),
            json!({ "type": "request_too_large" }),
            json!({ "code": 413, "message": "x" }),
            json!({ "code": 400, "type": "exceed_context_size_error", "n_ctx": 4096 }),
            json!({ "type": "invalid_request_error", "message": "prompt is too long: 227255 tokens > 200000 maximum" }),
            json!({ "code": 400, "message": "This request exceeds maximum allowed content length" }),
            json!({ "code": 400, "status": "INVALID_ARGUMENT", "message":
                "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)." }),
            json!("This model's maximum context length is 8192 tokens."),
        ] {
            assert_eq!(kind(error.clone()), ModelFaultKind::ContextOverflow, "{error}");
        }
        let limit =
            json!({ "code": "rate_limit_exceeded", "message": "Request too large for your rate" });
        assert_eq!(kind(limit), ModelFaultKind::RateLimited);
    }

    #[test]
    fn other_words_of_a_message_say_nothing() {
        let error = json!({ "error": { "message": "rate limit, quota, 429, with sk-1234" } });
        let detail = "rate limit, quota, 429, with [key]".to_owned();
        assert_eq!(read(error), Some(LlmError::Cut(detail)));
        assert_eq!(read(json!({ "error": "gone" })), Some(LlmError::Cut("gone".to_owned())));
        for sound in [
            json!({ "error": null, "choices": [] }),
            json!({ "error": false, "choices": [] }),
            json!({ "choices": [] }),
            json!({ "type": "response.created", "response": { "error": null } }),
        ] {
            assert_eq!(read(sound.clone()), None, "{sound}");
        }
    }
}
