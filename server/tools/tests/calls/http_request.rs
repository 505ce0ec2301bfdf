//! `http.request`.

use domain::ToolErrorCode::{InputInvalid, NetworkDenied, PolicyDenied, Timeout};
use serde_json::json;
use tools::Origin;

use crate::outside::{Outside, VALUE};
use crate::support::House;

const OK: &str = "HTTP/1.1 200 OK\r\n";

#[tokio::test]
async fn an_answer_says_where_it_is_from() {
    let outside = Outside::answering(format!(
        "{OK}content-type: application/json\r\nset-cookie: a=b\r\netag: \"1\"\r\n\r\n{{\"a\":1}}"
    ))
    .await;
    let house = House::new().reaching(outside.network());
    let arguments = json!({"uri": "http://A.test/x?y#z", "headers": {"X-Own": "1"}});
    let output = house.call("http.request", arguments).await.unwrap();
    assert_eq!(
        output.content,
        "From outside: GET http://a.test/x?y gave 200 OK.\ncontent-type: application/json\n\
         etag: \"1\"\n\n{\"a\":1}"
    );
    assert_eq!(output.summary, "GET http://a.test: 200 OK, 7 bytes");
    assert_eq!(output.origin, Origin::Outside);
    let seen = outside.seen();
    assert!(seen.starts_with("GET /x?y HTTP/1.1\r\nx-own: 1\r\n"), "{seen}");
    // What is inside stays marked so.
    assert_eq!(house.call("time.now", json!({})).await.unwrap().origin, Origin::Inside);
}

#[tokio::test]
async fn bodies_are_sent_as_text_or_as_json() {
    for (arguments, kind, body) in [
        (json!({"body": "a=b", "headers": {"Content-Type": "x/y"}}), "x/y", "a=b"),
        (json!({"data": "é"}), "text/plain; charset=utf-8", "é"),
        (json!({"json": {"a": [1]}}), "application/json", r#"{"a":[1]}"#),
        (json!({"json": "{\"a\": [1]}"}), "application/json", r#"{"a":[1]}"#),
        (json!({"json": [1]}), "application/json", "[1]"),
    ] {
        let outside = Outside::answering(format!("{OK}\r\n")).await;
        let house = House::new().reaching(outside.network());
        let mut arguments = arguments;
        arguments["url"] = "http://a.test/".into();
        arguments["method"] = "post".into();
        house.call("http.request", arguments).await.unwrap();
        let seen = outside.seen();
        assert!(
            seen.starts_with("POST / ") && seen.ends_with(&format!("\r\n\r\n{body}")),
            "{seen}"
        );
        assert!(seen.contains(&format!("content-type: {kind}\r\n")), "{seen}");
    }
}

#[tokio::test]
async fn what_is_no_text_is_described() {
    let mut answer = format!("{OK}content-type: image/png\r\n\r\n").into_bytes();
    answer.extend(b"\x89PNG\0\xff");
    let house = House::new().reaching(Outside::answering(answer).await.network());
    let output = house.call("http.request", json!({"url": "http://a.test/"})).await.unwrap();
    assert!(output.content.ends_with("\n\n[6 bytes, not text, so they are not shown]"));
    let empty = Outside::answering("HTTP/1.1 404 Not Found\r\n\r\n").await;
    let house = House::new().reaching(empty.network());
    let output = house.call("http.request", json!({"url": "http://a.test/"})).await.unwrap();
    assert!(output.content.ends_with("gave 404 Not Found.\n\n[no body]"), "{}", output.content);
}

#[tokio::test]
async fn what_may_not_be_reached_is_denied() {
    let outside = Outside::answering(format!("{OK}\r\n")).await;
    let house = House::new().reaching(outside.network());
    for (arguments, code) in [
        (json!({"url": "http://c.test/"}), NetworkDenied),
        (json!({"url": "http://a.test:8080/"}), NetworkDenied),
        (json!({"url": "http://127.0.0.1/"}), NetworkDenied),
        (json!({"url": "ftp://a.test/"}), NetworkDenied),
        (json!({"url": "http://user:pw@a.test/"}), NetworkDenied),
        (json!({"url": "a.test"}), InputInvalid),
        (json!({"url": "http://a.test/", "method": "CONNECT"}), InputInvalid),
        (json!({"url": "http://a.test/", "headers": {"Host": "b"}}), InputInvalid),
        (json!({"url": "http://a.test/", "headers": {"a b": "c"}}), InputInvalid),
        (json!({"url": "http://a.test/", "headers": {"a": "b\r\nc: d"}}), InputInvalid),
        (json!({"url": "http://a.test/", "body": "a", "json": {}}), InputInvalid),
    ] {
        let refused = house.refused("http.request", arguments.clone()).await;
        assert_eq!(refused.0, code, "{arguments}: {}", refused.1);
    }
    assert!(outside.is_untouched());
    // Without a network there is none, whatever the address.
    for tool in ["http.request", "web.fetch"] {
        let refused = House::new().refused(tool, json!({"url": "http://a.test/"})).await;
        assert_eq!(refused, (NetworkDenied, "This run may not reach other machines.".to_owned()));
    }
}

#[tokio::test]
async fn a_limit_of_the_call_is_kept() {
    let long = Outside::answering(format!("{OK}\r\n{}", "x".repeat(2000))).await;
    let house = House::new().reaching(long.network());
    let arguments = json!({"url": "http://a.test/", "max_response_bytes": "1000"});
    let (code, message) = house.refused("http.request", arguments).await;
    assert_eq!(
        (code, message.as_str()),
        (NetworkDenied, "The answer of `a.test` is larger than 1000 bytes.")
    );

    let silent = House::new().reaching(Outside::silent().await.network());
    let arguments = json!({"url": "http://a.test/", "timeout": 100});
    assert_eq!(silent.refused("http.request", arguments).await.0, Timeout);
}

#[tokio::test]
async fn a_secret_is_filled_in_and_never_comes_back() {
    // Sends back what it was sent, in several forms.
    let echo = Outside::with(|request| {
        let key = VALUE.replace('"', "\\\"");
        format!("{OK}content-type: text/plain\r\nx-request-id: {VALUE}\r\n\r\n{request}\n{key}")
            .into()
    });
    let echo = echo.await;
    let house = House::new().reaching(echo.network());
    let output = house
        .call(
            "http.request",
            json!({
                "url": "http://api.lan/x",
                "method": "POST",
                "headers": {"Authorization": "Bearer {{secret:api/key}}"},
                "json": {"deep": ["a {{ secret:api/key }}", "b {{secret: api/key }}"]},
            }),
        )
        .await
        .unwrap();
    let seen = echo.seen();
    assert!(seen.contains(&format!("authorization: Bearer {VALUE}\r\n")), "{seen}");
    let quoted = VALUE.replace('"', "\\\"");
    assert!(
        seen.ends_with(&format!(r#"{{"deep":["a {{{{ secret:api/key }}}}","b {quoted}"]}}"#)),
        "{seen}"
    );
    for text in [&output.content, &output.summary] {
        assert!(!text.contains("k3y-of"), "{text}");
    }
    assert!(output.content.contains("Bearer [secret of api/key]"), "{}", output.content);
    assert_eq!(echo.asked(), ["api/key for api.lan:80"]);
}

#[tokio::test]
async fn a_secret_goes_only_where_it_may() {
    let outside = Outside::answering(format!("{OK}\r\n")).await;
    let house = House::new().reaching(outside.network());
    let call = |url: &str, name: &str| json!({"url": url, "headers": {"k": format!("{{{{secret:{name}}}}}")}});
    for (url, name, code, says) in [
        ("http://other.lan/", "api/key", PolicyDenied, "may not be sent to `other.lan` at port 80"),
        ("http://api.lan/", "nobody", PolicyDenied, "There is no secret `nobody`"),
        ("http://a.test/", "api/key", PolicyDenied, "without encryption"),
        ("http://c.test/", "api/key", NetworkDenied, "not among the hosts"),
        ("http://api.lan/", "a b", InputInvalid, "{{secret:name}}"),
        ("http://api.lan/{{secret:api/key}}", "api/key", InputInvalid, "filled into an address"),
    ] {
        let refused = house.refused("http.request", call(url, name)).await;
        assert_eq!(refused.0, code, "{}", refused.1);
        assert!(refused.1.contains(says) && !refused.1.contains("k3y-of"), "{}", refused.1);
    }
    let open = json!({"url": "http://api.lan/", "body": "{{secret:api/key"});
    assert_eq!(house.refused("http.request", open).await.0, InputInvalid);
    assert!(outside.is_untouched());
    // For a host that is not granted nobody looks it up.
    assert_eq!(outside.asked(), ["api/key for other.lan:80", "nobody for api.lan:80"]);
}

#[tokio::test]
async fn a_redirect_takes_no_secret_along() {
    let outside = Outside::with(|request| {
        if request.contains("host: api.lan") {
            return "HTTP/1.1 307 X\r\nlocation: http://b.test/\r\n\r\n".into();
        }
        format!("{OK}\r\n{request}").into()
    });
    let outside = outside.await;
    let house = House::new().reaching(outside.network());
    let mut arguments = json!({
        "url": "http://api.lan/", "method": "POST", "headers": {"k": "{{secret:api/key}}"},
    });
    let output = house.call("http.request", arguments.clone()).await.unwrap();
    assert!(output.content.contains("http://b.test/ gave 200 OK after 1 redirect."));
    assert!(!output.content.contains("\nk: "), "{}", output.content);
    arguments["body"] = "{{secret:api/key}}".into();
    let refused = house.refused("http.request", arguments).await;
    assert_eq!(refused.0, NetworkDenied);
    assert!(refused.1.contains("a secret that is not for it"), "{}", refused.1);
}
