//! Each way in which a provider fails, and the class that it is put in.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::time::Duration;

use domain::ProviderForm;
use llm::{Delta, LlmError};
use serde_json::{Value, json};
use support::{KEY, Server, answered, events, read, request, response};

const JSON: &str = "Content-Type: application/json\r\n";

fn text(content: &str) -> Value {
    json!({ "choices": [{ "delta": { "content": content } }] })
}

async fn refused(status: &str, headers: &str, body: &str) -> LlmError {
    let (deltas, error) = answered(response(status, headers, body)).await;
    assert_eq!(deltas, []);
    error.expect("an error")
}

#[tokio::test]
async fn refusals_are_told_by_their_status() {
    let body = r#"{"error":{"message":"rate limit, overloaded, invalid key"}}"#;
    let limited =
        |wait: Option<u64>| LlmError::RateLimited { retry_after: wait.map(Duration::from_secs) };
    let status = "429 Too Many Requests";
    assert_eq!(refused(status, "Retry-After: 2\r\n", body).await, limited(Some(2)));
    assert_eq!(refused(status, "Retry-After: soon\r\n", body).await, limited(None));
    assert_eq!(refused(status, "", "").await, limited(None));
    let overloaded = |status| LlmError::Overloaded { status, retry_after: None };
    assert_eq!(refused("503 Service Unavailable", "", body).await, overloaded(503));
    assert_eq!(refused("529 Overloaded", "", body).await, overloaded(529));
    assert_eq!(refused("500 Internal Server Error", "", body).await, overloaded(500));
    let auth = |status| LlmError::Auth { status };
    assert_eq!(refused("401 Unauthorized", "", body).await, auth(401));
    assert_eq!(refused("403 Forbidden", "", body).await, auth(403));
    assert_eq!(refused("404 Not Found", "", body).await, LlmError::NotFound);
}

#[tokio::test]
async fn a_refused_request_says_why_without_key_and_address() {
    let message = format!("the key {KEY} does not allow this");
    let body = json!({ "error": { "message": message, "code": "unsupported_value" } });
    let error = refused("400 Bad Request", JSON, &body.to_string()).await;
    let detail = "unsupported_value: the key [key] does not allow this".to_owned();
    assert_eq!(error, LlmError::BadRequest { status: 400, detail });

    let error = refused("422 Unprocessable", "", &"é🙂".repeat(400)).await;
    let detail = "é🙂".repeat(250);
    assert_eq!(error, LlmError::BadRequest { status: 422, detail });

    let elsewhere = "Location: http://127.0.0.1:9/\r\n";
    let error = refused("307 Temporary Redirect", elsewhere, "").await;
    assert!(matches!(error, LlmError::BadRequest { status: 307, .. }), "{error:?}");
}

#[tokio::test]
async fn no_connection_is_a_network_error_without_the_address() {
    let server = Server::start().await;
    let (url, provider) = (server.url.clone(), server.provider());
    drop(server);
    let (_, error) = read(&*provider, request()).await;
    let Some(LlmError::Network(reason)) = error else { panic!("{error:?}") };
    assert!(!reason.is_empty());
    assert!(!reason.contains(&url) && !reason.contains("/v1"), "{reason}");
}

#[tokio::test]
async fn a_failed_handshake_is_a_network_error() {
    let server = Server::start().await;
    let url = server.url.replace("http:", "https:");
    let provider = llm::connect(ProviderForm::OpenaiChat, &url, Some(KEY)).unwrap();
    let ended = tokio::select! {
        ended = read(&*provider, request()) => ended,
        // A machine without certificates fails before it connects.
        () = async {
            server.hang_up().await;
            std::future::pending::<()>().await;
        } => unreachable!(),
    };
    let (_, Some(LlmError::Network(reason))) = ended else { panic!("{ended:?}") };
    assert!(!reason.contains("127.0.0.1"), "{reason}");
}

#[tokio::test]
async fn a_connection_that_breaks_is_told_by_what_was_passed_on() {
    for (before, expect_cut) in [(vec![], false), (vec![text("so far")], true)] {
        let server = Server::start().await;
        let provider = server.provider();
        let serve = async {
            let mut exchange = server.accept().await;
            exchange.accept_stream().await;
            for event in &before {
                exchange.event(event).await;
            }
            // Goes away without the marked end.
        };
        let ((deltas, error), ()) = tokio::join!(read(&*provider, request()), serve);
        if expect_cut {
            assert_eq!(deltas, [Delta::Text("so far".into())]);
            assert!(matches!(error, Some(LlmError::Cut(_))), "{error:?}");
        } else {
            assert_eq!(deltas, []);
            assert!(matches!(error, Some(LlmError::Network(_))), "{error:?}");
        }
    }
}

#[tokio::test]
async fn a_break_after_the_reason_loses_nothing() {
    let server = Server::start().await;
    let provider = server.provider();
    let serve = async {
        let mut exchange = server.accept().await;
        exchange.accept_stream().await;
        exchange.event(&text("all")).await;
        let finish = json!({ "choices": [{ "delta": {}, "finish_reason": "stop" }] });
        exchange.event(&finish).await;
    };
    let ((deltas, error), ()) = tokio::join!(read(&*provider, request()), serve);
    assert_eq!(error, None);
    let stop = domain::FinishReason::Stop;
    assert_eq!(deltas, [Delta::Text("all".into()), Delta::Finish(stop)]);
}

#[tokio::test]
async fn a_clean_end_without_a_reason_is_a_cut() {
    let (deltas, error) = answered(events(&[text("so far")])).await;
    assert_eq!(deltas, [Delta::Text("so far".into())]);
    assert!(matches!(error, Some(LlmError::Cut(_))), "{error:?}");
    let (_, error) = answered(events(&[])).await;
    assert!(matches!(error, Some(LlmError::Cut(_))), "{error:?}");
}

#[tokio::test]
async fn errors_inside_an_accepted_stream_are_classed_too() {
    let limit = json!({ "error": { "message": "slow down", "code": "rate_limit_exceeded" } });
    let (deltas, error) = answered(events(&[text("so far"), limit.clone()])).await;
    assert_eq!(deltas, [Delta::Text("so far".into())]);
    assert_eq!(error, Some(LlmError::RateLimited { retry_after: None }));

    let (_, error) = answered(response("200 OK", JSON, &limit.to_string())).await;
    assert_eq!(error, Some(LlmError::RateLimited { retry_after: None }));

    let busy = json!({ "choices": [], "error": { "code": 502, "message": "upstream" } });
    let (_, error) = answered(events(&[busy])).await;
    assert_eq!(error, Some(LlmError::Overloaded { status: 502, retry_after: None }));
}

#[tokio::test]
async fn what_is_not_the_form_is_a_format_error() {
    let page = "Content-Type: text/html\r\n";
    for body in [
        response("200 OK", page, "<html>Sign in</html>"),
        response("200 OK", JSON, "{"),
        response("200 OK", "", "data: nonsense\n\n"),
        response("200 OK", "", "data: \u{fffd}\n\n"),
    ] {
        let (_, error) = answered(&body).await;
        assert!(matches!(error, Some(LlmError::Format(_))), "{body}: {error:?}");
    }
    let long = format!("data: {}\n\n", "x".repeat(5 << 20));
    let (_, error) = answered_long(&response("200 OK", "", &long)).await;
    assert!(matches!(error, Some(LlmError::Format(_))), "{error:?}");
}

/// Like `answered`, for a body that is not read to its end.
async fn answered_long(body: &str) -> (Vec<Delta>, Option<LlmError>) {
    let server = Server::start().await;
    let provider = server.provider();
    tokio::select! {
        ended = read(&*provider, request()) => ended,
        () = async {
            let mut exchange = server.accept().await;
            let _ = exchange.try_send(body).await;
            std::future::pending::<()>().await;
        } => unreachable!(),
    }
}
