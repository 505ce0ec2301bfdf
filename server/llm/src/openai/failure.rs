//! What kind of error a refusal is: by status and by the machine-readable
//! fields, never by the words of a message.

use std::time::Duration;

use futures_util::StreamExt;
use reqwest::Response;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde_json::Value;

use super::endpoint::Endpoint;
use crate::LlmError;

/// How much of an error's body is read, and for how long.
const MAX_BODY: usize = 64 << 10;
const PATIENCE: Duration = Duration::from_secs(5);

/// The longest wait that a provider can ask for.
const MAX_WAIT: f64 = 7.0 * 24.0 * 3600.0;

/// The error that a response with a bad status stands for. What the provider
/// said about it goes to the log; only a request that is refused as it is shows
/// it to people, who can change the request.
pub(super) async fn refusal(response: Response, endpoint: &Endpoint) -> LlmError {
    let status = response.status().as_u16();
    let wait = retry_after(response.headers());
    let detail = if response.status().is_redirection() {
        "it answers with a redirect, which is not followed".to_owned()
    } else {
        let body = body_start(response).await;
        let text = String::from_utf8_lossy(&body);
        serde_json::from_str::<Value>(&text).map_or_else(|_| text.clone().into(), |v| said(&v))
    };
    let detail = endpoint.clean(&detail);
    tracing::warn!(status, detail, "a provider refused a request");
    by_status(status, wait, detail)
}

/// The error that an event of an accepted stream, or a whole answer, holds.
pub(super) fn in_band(value: &Value, endpoint: &Endpoint) -> Option<LlmError> {
    let error = match value.get("error") {
        Some(error) if error.is_object() || error.is_string() => error,
        _ if value.get("object").and_then(Value::as_str) == Some("error") => value,
        _ => return None,
    };
    let detail = endpoint.clean(&said(error));
    let fields = ["code", "type", "status", "http_status"].map(|name| error.get(name));
    let mut fields = fields.into_iter().flatten();
    Some(fields.find_map(|field| by_field(field, &detail)).unwrap_or(LlmError::Cut(detail)))
}

fn by_status(status: u16, retry_after: Option<Duration>, detail: String) -> LlmError {
    match status {
        429 => LlmError::RateLimited { retry_after },
        401 | 403 => LlmError::Auth { status },
        404 => LlmError::NotFound,
        // A request that timed out, or came too early, is good the next time.
        408 | 425 | 500..=599 => LlmError::Overloaded { status, retry_after },
        _ => LlmError::BadRequest { status, detail },
    }
}

fn by_field(field: &Value, detail: &str) -> Option<LlmError> {
    let number = field.as_u64().or_else(|| field.as_str()?.parse().ok());
    if let Some(status) = number.and_then(|n| u16::try_from(n).ok()) {
        let known = (400..600).contains(&status);
        return known.then(|| by_status(status, None, detail.to_owned()));
    }
    let status = match field.as_str()?.to_ascii_lowercase().as_str() {
        "rate_limit_exceeded"
        | "rate_limit_error"
        | "rate_limit_reached"
        | "rate_limited"
        | "too_many_requests"
        | "insufficient_quota"
        | "quota_exceeded"
        | "resource_exhausted"
        | "billing_hard_limit_reached" => 429,
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
        "invalid_api_key" | "authentication_error" | "unauthorized" | "unauthenticated" => 401,
        "permission_error" | "permission_denied" | "forbidden" => 403,
        "model_not_found" | "not_found_error" | "not_found" | "notfounderror" => 404,
        "request_too_large" => 413,
        "invalid_request_error"
        | "context_length_exceeded"
        | "invalid_argument"
        | "badrequesterror"
        | "bad_request" => 400,
        _ => return None,
    };
    Some(by_status(status, None, detail.to_owned()))
}

/// What a provider says about an error, its code first.
fn said(value: &Value) -> String {
    let error = value.get("error").filter(|error| !error.is_null()).unwrap_or(value);
    let text = |name: &str| error.get(name).and_then(Value::as_str);
    let message = error.as_str().or(text("message")).or(text("detail"));
    match (text("code").or(text("type")), message) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (None, Some(message)) => message.to_owned(),
        _ => error.to_string(),
    }
}

/// The seconds to wait, from `Retry-After`. Its other form, a date, is not
/// read: it would depend on two clocks.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: f64 = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    let sound = seconds.is_finite() && seconds >= 0.0;
    sound.then(|| Duration::from_secs_f64(seconds.min(MAX_WAIT)))
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
    use super::*;
    use serde_json::json;

    fn read(value: Value) -> Option<LlmError> {
        let endpoint = Endpoint::new("https://a.example", Some("sk-1234")).unwrap();
        in_band(&value, &endpoint)
    }

    #[test]
    fn errors_in_a_stream_are_told_by_their_fields() {
        let limited = Some(LlmError::RateLimited { retry_after: None });
        for error in [
            json!({ "code": 429 }),
            json!({ "code": "429", "message": "x" }),
            json!({ "code": "rate_limit_exceeded", "type": "tokens" }),
            json!({ "code": null, "type": "insufficient_quota" }),
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
    }

    #[test]
    fn words_of_a_message_say_nothing() {
        let error = json!({ "error": { "message": "rate limit, quota, 429, with sk-1234" } });
        let detail = "rate limit, quota, 429, with [key]".to_owned();
        assert_eq!(read(error), Some(LlmError::Cut(detail)));
        assert_eq!(read(json!({ "error": "gone" })), Some(LlmError::Cut("gone".to_owned())));
        assert_eq!(read(json!({ "error": null, "choices": [] })), None);
        assert_eq!(read(json!({ "error": false, "choices": [] })), None);
        assert_eq!(read(json!({ "choices": [] })), None);
    }

    #[test]
    fn the_wait_is_read_in_seconds() {
        let wait = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, value.parse().unwrap());
            retry_after(&headers)
        };
        assert_eq!(wait("2"), Some(Duration::from_secs(2)));
        assert_eq!(wait("0.5"), Some(Duration::from_millis(500)));
        assert_eq!(wait("1e300"), Some(Duration::from_secs(7 * 24 * 3600)));
        for bad in ["-1", "NaN", "soon", "Wed, 21 Oct 2026 07:28:00 GMT"] {
            assert_eq!(wait(bad), None, "{bad}");
        }
    }
}
