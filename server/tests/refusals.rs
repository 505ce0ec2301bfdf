//! Every refusal has its status, in the one error form.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod site;

use llm::scripted::{Reply, Scripted};
use reqwest::Method;
use site::{json, refusal, site};

fn ok() -> Scripted {
    Scripted::new([]).or_always(Reply::text("ok"))
}

#[tokio::test]
async fn bad_requests_of_a_program() {
    let site = site(ok()).await;
    let program = site.program().await;
    let get = async |path: &str| refusal(program.get(path).await).await;
    let post = async |path: &str, body: &str| refusal(program.post(path, body).await).await;
    let is = |status: u16, code: &str| (status, code.to_owned());

    assert_eq!(get("/v1/runs/nope").await, is(404, "run.not_found"));
    assert_eq!(get("/v1/sessions/nope").await, is(404, "session.not_found"));
    assert_eq!(get("/v1/nope").await, is(404, "route.not_found"));
    assert_eq!(get("/api/admin/nope").await, is(404, "route.not_found"));
    assert_eq!(get("/v1/runs?limit=0").await, is(400, "request.invalid_input"));
    assert_eq!(get("/v1/runs?limit=201").await, is(400, "request.invalid_input"));
    assert_eq!(get("/v1/runs?status=asleep").await, is(400, "request.invalid_input"));
    assert_eq!(get("/v1/runs?cursor=zzz").await, is(400, "request.invalid_input"));
    assert_eq!(get("/v1/runs?colour=red").await, is(400, "request.unknown_field"));
    assert_eq!(post("/v1/runs", "{").await, is(400, "request.invalid_json"));
    assert_eq!(post("/v1/runs", "{}").await, is(400, "request.invalid_input"));
    assert_eq!(post("/v1/runs", r#"{"message":1}"#).await, is(400, "request.invalid_input"));
    assert_eq!(post("/v1/runs", r#"{"message":" "}"#).await, is(400, "request.invalid_input"));
    let unknown = r#"{"message":"hi","colour":"red"}"#;
    assert_eq!(post("/v1/runs", unknown).await, is(400, "request.unknown_field"));
    let nobody = r#"{"message":"hi","agent_id":"nobody"}"#;
    assert_eq!(post("/v1/runs", nobody).await, is(404, "agent.not_found"));
    let wrong = program.request(Method::DELETE, "/v1/runs").send().await.unwrap();
    assert_eq!(refusal(wrong).await, is(405, "method.not_allowed"));
    let wrong = program.request(Method::DELETE, "/fn/login").send().await.unwrap();
    assert_eq!(refusal(wrong).await, is(405, "method.not_allowed"));
    let text = program.request(Method::POST, "/v1/runs").body("hi").send().await.unwrap();
    assert_eq!(refusal(text).await, is(415, "request.unsupported_type"));
}

#[tokio::test]
async fn the_field_that_is_wrong_is_named() {
    let site = site(ok()).await;
    let program = site.program().await;
    for (body, field) in [
        (r#"{"message":"hi","colour":"red"}"#, "colour"),
        (r#"{"message":["hi"]}"#, "message"),
        (r#"{"message":""}"#, "message"),
    ] {
        let (_, answer) = json(program.post("/v1/runs", body).await).await;
        assert!(answer["error"]["fields"][field].is_string(), "{answer}");
    }
    let (_, answer) = json(program.get("/v1/runs?limit=x").await).await;
    assert!(answer["error"]["fields"]["limit"].is_string(), "{answer}");
}

#[tokio::test]
async fn bodies_over_the_limit_are_refused_whether_they_say_so_or_not() {
    let site = site(ok()).await;
    let program = site.program().await;
    let long = format!(r#"{{"message":"{}"}}"#, "x".repeat(1024 * 1024));
    let is = (413, "request.too_large".to_owned());
    assert_eq!(refusal(program.post("/api/admin/agents", &long).await).await, is);
    let chunks = futures_util::stream::iter(
        long.into_bytes().chunks(4096).map(<[u8]>::to_vec).collect::<Vec<_>>(),
    );
    let chunks = futures_util::StreamExt::map(chunks, Ok::<_, std::io::Error>);
    let request = program.request(Method::POST, "/api/admin/agents");
    let request = request.header("content-type", "application/json");
    let response = request.body(reqwest::Body::wrap_stream(chunks)).send().await.unwrap();
    assert_eq!(refusal(response).await, is);
}

#[tokio::test]
async fn who_may_write_and_read_along() {
    let site = site(ok()).await;
    let browser = site.browser().await;
    let body = r#"{"message":"hi"}"#;
    let post = async |client: site::Client<'_>| refusal(client.post("/v1/runs", body).await).await;
    let is = |status: u16, code: &str| (status, code.to_owned());

    assert_eq!(post(site.anonymous()).await, is(403, "origin.missing"));
    let same = || site.anonymous().with("origin", &site.origin());
    assert_eq!(post(same()).await, is(401, "auth.required"));
    let wrong = site.anonymous().with("authorization", "Bearer oct_wrong");
    assert_eq!(post(wrong).await, is(401, "auth.required"));
    assert_eq!(post(browser.clone().without("origin")).await, is(403, "origin.missing"));
    for origin in ["http://localhost:8080", "null", "http://evil"] {
        let foreign = browser.clone().with("origin", origin);
        assert_eq!(post(foreign.clone()).await, is(403, "origin.foreign"), "{origin}");
        let stream = foreign.with("accept", "text/event-stream").get("/v1/events").await;
        assert_eq!(refusal(stream).await, is(403, "origin.foreign"), "{origin}");
    }
    let stream = browser.clone().without("origin").with("accept", "text/event-stream");
    assert_eq!(refusal(stream.get("/v1/events").await).await, is(403, "origin.missing"));
    let foreign = browser.clone().with("host", "evil.test");
    assert_eq!(refusal(foreign.get("/v1/runs").await).await, is(421, "host.foreign"));
    let form = browser.clone().without("origin").form("/fn/logout", "").await;
    assert_eq!(refusal(form).await, is(403, "origin.missing"));

    assert_eq!(browser.post("/v1/runs", body).await.status(), 202);
    let fetched = browser.without("origin").with("sec-fetch-site", "same-origin");
    assert_eq!(fetched.post("/v1/runs", body).await.status(), 202);
}

#[tokio::test]
async fn pages_lead_to_setup_and_to_the_login() {
    let site = site(ok()).await;
    let to = async |client: &site::Client<'_>, path: &str| {
        let response = client.get(path).await;
        let place = response.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
        (response.status().as_u16(), place.unwrap_or_default())
    };
    let visitor = site.anonymous();
    assert_eq!(to(&visitor, "/").await, (303, "/setup".into()));
    assert_eq!(to(&visitor, "/setup").await.0, 200);
    let proxied = visitor.clone().with("x-forwarded-for", "192.0.2.1");
    assert_eq!(proxied.get("/setup").await.status(), 403);
    let form = "name=eve&password=correct+horse+43";
    let sent = proxied.with("origin", &site.origin()).form("/fn/setup", form).await;
    assert_eq!(refusal(sent).await, (403, "auth.forbidden".into()));
    let owner = site.browser().await;
    assert_eq!(to(&visitor, "/setup").await, (303, "/".into()));
    assert_eq!(
        to(&visitor, "/runs?status=done").await,
        (303, "/login?next=/runs%3Fstatus%3Ddone".into())
    );
    assert_eq!(to(&owner, "/login").await, (303, "/".into()));
    assert_eq!(to(&owner, "/").await.0, 200);
}

#[tokio::test]
async fn every_answer_guards_itself() {
    let site = site(ok()).await;
    let page = site.browser().await.get("/").await;
    let header = |name: &str| page.headers().get(name).unwrap().to_str().unwrap().to_owned();
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("x-frame-options"), "DENY");
    assert_eq!(header("referrer-policy"), "same-origin");
    let policy = header("content-security-policy");
    assert!(policy.contains("script-src 'nonce-") && !policy.contains("unsafe-inline"), "{policy}");
    let html = page.text().await.unwrap();
    let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
    assert!(html.contains(nonce), "the page's script carries the nonce");
    assert!(!html.contains(" style=\""), "no style attributes");
}

#[tokio::test]
async fn the_login_form_tells_nothing_and_slows_down() {
    let site = site(ok()).await;
    site.owner().await;
    let keep = engine::Keep::ThisVisit;
    let mut codes = Vec::new();
    for _ in 0..12 {
        let error = site.engine.sign_in("ada", "wrong wrong", site.addr.ip(), keep).await.err();
        codes.push(domain::Fault::from(error.unwrap()).code);
    }
    assert_eq!(codes[0], domain::FaultCode::AuthInvalid);
    assert_eq!(codes[11], domain::FaultCode::AuthRateLimited);
    let unknown = site.engine.sign_in("nobody", "wrong wrong", site.addr.ip(), keep).await.err();
    assert_eq!(domain::Fault::from(unknown.unwrap()).code, domain::FaultCode::AuthInvalid);
}
