//! One story for every form: the same conversation goes out, the same answers
//! and faults come back, each in the form's own words.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "this is how a test fails"
)]

#[path = "../support/mod.rs"]
mod support;

mod anthropic;
mod gemini;
mod ollama;
mod openai_chat;
mod openai_responses;
mod told;

use std::time::Duration;

use domain::{FinishReason, ModelFaultKind};
use futures_util::StreamExt;
use llm::{LlmError, Message, Request};
use serde_json::{Value, json};
use support::{Server, exchanged, read, response};
use told::{Form, Heard, conversation, heard, stream};

fn forms() -> [Form; 5] {
    [
        openai_chat::form(),
        openai_responses::form(),
        anthropic::form(),
        gemini::form(),
        ollama::form(),
    ]
}

#[tokio::test]
async fn the_whole_request_is_in_the_form_and_carries_the_key() {
    for form in forms() {
        let body = stream(&form, &form.text);
        let ((_, error), head, sent) = exchanged(form.form, conversation(), body).await;
        assert_eq!(error, None, "{}", form.form);
        assert!(head.starts_with(form.path), "{}: {head}", form.form);
        let lower = head.to_ascii_lowercase();
        for header in form.headers {
            assert!(lower.contains(&format!("\r\n{header}\r\n")), "{}: {head}", form.form);
        }
        assert_eq!(sent, form.request, "{}", form.form);
    }
}

#[tokio::test]
async fn an_answer_is_the_same_in_one_piece_and_byte_by_byte() {
    for form in forms() {
        let expected = Heard {
            thinking: "hm 🙂".into(),
            text: "那🙂 é\n".into(),
            usage: Some(form.usage),
            finish: Some(FinishReason::Stop),
            ..Heard::default()
        };
        let (answer, _, _) = exchanged(form.form, conversation(), stream(&form, &form.text)).await;
        assert_eq!(heard(answer), expected, "{}", form.form);

        let server = Server::start().await;
        let provider = server.speaking(form.form);
        let serve = async {
            let mut exchange = server.accept().await;
            exchange.accept_stream_of(form.content_type).await;
            for byte in form.text.concat().as_bytes() {
                exchange.chunk(&[*byte]).await;
            }
            exchange.end().await;
        };
        let (answer, ()) = tokio::join!(read(&*provider, conversation()), serve);
        assert_eq!(heard(answer), expected, "{}", form.form);
    }
}

#[tokio::test]
async fn an_answer_in_one_document_is_understood_too() {
    for form in forms() {
        let body =
            response("200 OK", "Content-Type: application/json\r\n", &form.whole.to_string());
        let (answer, _, _) = exchanged(form.form, conversation(), body).await;
        let expected = Heard {
            thinking: "hm 🙂".into(),
            text: "那🙂 é\n".into(),
            usage: Some(form.usage),
            finish: Some(FinishReason::Stop),
            ..Heard::default()
        };
        assert_eq!(heard(answer), expected, "{}", form.form);
    }
}

#[tokio::test]
async fn parallel_calls_come_whole_and_apart() {
    for form in forms() {
        for (at, frames) in form.calls.iter().enumerate() {
            let (answer, _, _) = exchanged(form.form, conversation(), stream(&form, frames)).await;
            let heard = heard(answer);
            assert_eq!(heard.error, None, "{} {at}", form.form);
            let calls: Vec<_> = heard
                .calls
                .iter()
                .map(|c| (c.tool.as_str(), serde_json::from_str::<Value>(&c.arguments).unwrap()))
                .collect();
            let expected =
                [("fs.read", json!({ "path": "a" })), ("fs.read", json!({ "path": "b" }))];
            assert_eq!(calls, expected, "{} {at}", form.form);
            let ids: Vec<_> = heard.calls.iter().map(|call| call.id.as_str()).collect();
            assert_eq!(ids, form.ids, "{} {at}", form.form);
            assert_eq!(heard.text, "I look.", "{} {at}", form.form);
            assert_eq!(heard.finish, Some(FinishReason::ToolCalls), "{} {at}", form.form);
        }
    }
}

#[tokio::test]
async fn reasons_to_finish_map() {
    for form in forms() {
        for (frames, reason) in &form.finishes {
            let (answer, _, _) = exchanged(form.form, conversation(), stream(&form, frames)).await;
            let heard = heard(answer);
            assert_eq!((heard.error, heard.finish), (None, Some(*reason)), "{}", form.form);
        }
    }
}

#[tokio::test]
async fn refusals_are_classed() {
    for form in forms() {
        let own = form.refusals.iter().map(|(status, body, kind)| (*status, body.clone(), *kind));
        let words = [
            // Sizes, in the words of several providers.
            (
                "400 Bad Request",
                json!({ "error": { "message": "This request exceeds maximum allowed content length" } }),
                ModelFaultKind::ContextOverflow,
            ),
            (
                "400 Bad Request",
                json!({ "error": { "message": "prompt is too long: 227255 > 200000" } }),
                ModelFaultKind::ContextOverflow,
            ),
            (
                "413 Payload Too Large",
                json!({ "message": "too big" }),
                ModelFaultKind::ContextOverflow,
            ),
            (
                "400 Bad Request",
                json!({ "error": { "message": "temperature is too hot" } }),
                ModelFaultKind::BadRequest,
            ),
            ("402 Payment Required", json!({ "error": "no credits" }), ModelFaultKind::Quota),
            ("401 Unauthorized", json!({}), ModelFaultKind::Auth),
            ("403 Forbidden", json!({}), ModelFaultKind::Auth),
            ("404 Not Found", json!({ "error": "no such model" }), ModelFaultKind::NotFound),
            ("429 Too Many Requests", json!({}), ModelFaultKind::RateLimited),
            ("500 Internal Server Error", json!({}), ModelFaultKind::Overloaded),
            ("529 Overloaded", json!({}), ModelFaultKind::Overloaded),
            ("307 Temporary Redirect", json!({}), ModelFaultKind::BadRequest),
        ];
        for (status, body, kind) in own.chain(words) {
            let headers = "Content-Type: application/json\r\nRetry-After: 7\r\n";
            let answer = response(status, headers, &body.to_string());
            let ((deltas, error), _, _) = exchanged(form.form, conversation(), answer).await;
            assert_eq!(deltas, [], "{} {body}", form.form);
            let error = error.unwrap();
            assert_eq!(error.kind(), kind, "{} {status} {body}: {error}", form.form);
            let waits = matches!(kind, ModelFaultKind::RateLimited | ModelFaultKind::Overloaded);
            assert_eq!(error.retry_after(), waits.then_some(Duration::from_secs(7)), "{body}");
        }
    }
}

#[tokio::test]
async fn a_date_to_wait_for_is_read_against_the_servers_own_clock() {
    for form in forms() {
        let headers =
            "Date: Wed, 21 Oct 2015 07:28:00 GMT\r\nRetry-After: Wed, 21 Oct 2015 07:28:40 GMT\r\n";
        let answer = response("503 Service Unavailable", headers, "");
        let ((_, error), _, _) = exchanged(form.form, conversation(), answer).await;
        let retry_after = Some(Duration::from_secs(40));
        assert_eq!(error, Some(LlmError::Overloaded { status: 503, retry_after }));
    }
}

#[tokio::test]
async fn faults_inside_an_accepted_stream_are_classed_and_keep_what_came() {
    for form in forms() {
        for (frame, kind) in &form.faults {
            let mut frames: Vec<String> = form.text[..form.text_at].to_vec();
            frames.push(frame.clone());
            let (answer, _, _) = exchanged(form.form, conversation(), stream(&form, &frames)).await;
            let heard = heard(answer);
            assert_eq!(heard.text, "那🙂", "{}", form.form);
            assert_eq!(heard.error.map(|error| error.kind()), Some(*kind), "{} {frame}", form.form);
        }
    }
}

#[tokio::test]
async fn a_stream_that_breaks_is_told_by_what_came_before() {
    for form in forms() {
        for count in [0, form.text_at] {
            let server = Server::start().await;
            let provider = server.speaking(form.form);
            let serve = async {
                let mut exchange = server.accept().await;
                exchange.accept_stream_of(form.content_type).await;
                for frame in &form.text[..count] {
                    exchange.chunk(frame.as_bytes()).await;
                }
                // Goes away without the marked end.
            };
            let (answer, ()) = tokio::join!(read(&*provider, conversation()), serve);
            let heard = heard(answer);
            let kind = heard.error.map(|error| error.kind());
            if count == 0 {
                assert_eq!((heard.text.as_str(), kind), ("", Some(ModelFaultKind::Network)));
            } else {
                assert_eq!((heard.text.as_str(), kind), ("那🙂", Some(ModelFaultKind::Cut)));
            }
        }
        // An end that looks clean, without a reason, is a cut too.
        let frames = &form.text[..form.text_at];
        let (answer, _, _) = exchanged(form.form, conversation(), stream(&form, frames)).await;
        let heard = heard(answer);
        assert_eq!(heard.text, "那🙂", "{}", form.form);
        assert_eq!(heard.error.map(|e| e.kind()), Some(ModelFaultKind::Cut), "{}", form.form);
    }
}

#[tokio::test]
async fn a_limit_told_as_an_answer_is_a_fault_and_never_shown() {
    for form in forms() {
        for (words, kind) in [
            ("You've hit your limit · resets 8pm", Some(ModelFaultKind::Quota)),
            ("API rate limit reached. Please try again later.", Some(ModelFaultKind::RateLimited)),
            ("The log says: You've hit your limit · resets 8pm", None),
        ] {
            let (frames, _) = &form.finishes[0];
            let frames: Vec<String> =
                frames.iter().map(|frame| frame.replace("some words", words)).collect();
            let (answer, _, _) = exchanged(form.form, conversation(), stream(&form, &frames)).await;
            let heard = heard(answer);
            assert_eq!(heard.error.map(|error| error.kind()), kind, "{} {words}", form.form);
            assert_eq!(heard.text, if kind.is_some() { "" } else { words }, "{}", form.form);
        }
    }
}

#[tokio::test]
async fn dropping_the_stream_closes_the_connection() {
    for form in forms() {
        let server = Server::start().await;
        let provider = server.speaking(form.form);
        let serve = async {
            let mut exchange = server.accept().await;
            exchange.accept_stream_of(form.content_type).await;
            for frame in &form.text[..form.text_at] {
                exchange.chunk(frame.as_bytes()).await;
            }
            exchange
        };
        let (stream, mut exchange) = tokio::join!(provider.stream(conversation()), serve);
        let mut stream = stream.unwrap();
        assert!(stream.next().await.unwrap().is_ok(), "{}", form.form);
        drop(stream);
        exchange.closed().await;
    }
}

#[tokio::test]
async fn what_a_model_signed_goes_back_to_it_as_it_came_and_to_no_other() {
    for form in forms() {
        let answer = stream(&form, &form.signed);
        let (answer, _, _) = exchanged(form.form, conversation(), answer).await;
        let heard = heard(answer);
        assert_eq!(heard.error, None, "{}", form.form);
        let carried = heard.carried.unwrap();
        let mut request = conversation();
        let (text, calls) = (heard.text, heard.calls);
        let results: Vec<Message> = calls
            .iter()
            .map(|call| Message::Tool {
                call_id: call.id.clone(),
                tool: call.tool.clone(),
                content: "x".into(),
            })
            .collect();
        request.messages.push(Message::Assistant { text, calls, carried: Some(carried) });
        request.messages.extend(results);
        let sent = sent(&form, request.clone()).await;
        let given_back = sent.pointer(form.turns).unwrap().to_string();
        assert!(given_back.contains(&form.given_back.to_string()), "{}: {given_back}", form.form);

        for other in forms() {
            let mut request = request.clone();
            if other.form == form.form {
                request.model = "another-1".into();
            }
            let sent = self::sent(&other, request).await.to_string();
            assert!(!sent.contains("c2lnbmVk"), "{} to {}: {sent}", form.form, other.form);
        }
    }
}

#[tokio::test]
async fn a_later_step_repeats_the_earlier_one_to_the_byte() {
    for form in forms() {
        let first = sent(&form, conversation()).await;
        let mut longer = conversation();
        longer.messages.push(Message::assistant("Sure.", vec![]));
        longer.messages.push(Message::user("And d?"));
        let second = sent(&form, longer).await;
        let mut first = first;
        let mut second = second;
        let (one, two) = (take_turns(&form, &mut first), take_turns(&form, &mut second));
        assert!(two.len() > one.len(), "{}", form.form);
        // Where the cache's marks stand does not count for the provider either.
        let plain = |turns: &[Value]| {
            let text = serde_json::to_string(turns).unwrap();
            text.replace(r#""cache_control":{"type":"ephemeral"},"#, "")
        };
        assert_eq!(plain(&one), plain(&two[..one.len()]), "{}", form.form);
        assert_eq!(first.to_string(), second.to_string(), "{}", form.form);
    }
}

#[tokio::test]
async fn a_known_models_limit_on_answers_is_kept() {
    let mut request = conversation();
    request.model = "claude-sonnet-4-5".into();
    request.max_tokens = 1_000_000;
    let sent = sent(&anthropic::form(), request).await;
    assert_eq!(sent["max_tokens"], 64_000);
}

async fn sent(form: &Form, request: Request) -> Value {
    let ((_, error), _, sent) = exchanged(form.form, request, stream(form, &form.text)).await;
    assert_eq!(error, None, "{}", form.form);
    sent
}

fn take_turns(form: &Form, body: &mut Value) -> Vec<Value> {
    let turns = body.pointer_mut(form.turns).unwrap().take();
    turns.as_array().unwrap().clone()
}
