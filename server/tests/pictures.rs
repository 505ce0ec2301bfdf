//! Pictures over HTTP: in JSON, in a form as a browser sends it, and back.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod site;

use http::Method;
use llm::Message;
use llm::scripted::{Reply, Scripted};
use reqwest::Response;
use serde_json::{Value, json as value};
use site::{Client, Site, frames_until, json, refusal, site};

/// A picture of one dot in GIF, in bytes and in Base64.
const DOT: &[u8] = b"GIF89a\x01\0\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\0;";
const IN_BASE64: &str = "R0lGODlhAQABAAAAACwAAAAAAQABAAACADs=";

const LIMIT: usize = (1 << 20) + 4 * (5 << 20) / 2 * 3;

async fn talkative() -> Site {
    site(Scripted::new([]).or_always(Reply::text("I see."))).await
}

fn attachment(url: &str) -> Value {
    value!({ "type": "image_url", "image_url": { "url": url, "detail": "low" }, "name": "dot.gif" })
}

/// A form in parts, each with its name, the name of its file, and what is in it.
async fn post(client: &Client<'_>, parts: &[(&str, Option<&str>, &[u8])]) -> Response {
    let mut body = Vec::new();
    for (name, file, content) in parts {
        let file = file.map_or(String::new(), |file| format!("; filename=\"{file}\""));
        let head = format!("--xx\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
        body.extend(head.as_bytes());
        body.extend(*content);
        body.extend(b"\r\n");
    }
    body.extend(b"--xx--\r\n");
    let request = client.request(Method::POST, "/fn/send").body(body);
    let request = request.header("content-type", "multipart/form-data; boundary=xx");
    request.header("accept", "text/html").send().await.unwrap()
}

/// The ids of the pictures of a session's first message.
async fn pictures(client: &Client<'_>, session: &str) -> Vec<String> {
    let (_, said) = json(client.get(&format!("/v1/sessions/{session}/messages")).await).await;
    let first = said["items"].as_array().unwrap().last().unwrap().clone();
    let pictures = first["pictures"].as_array().cloned().unwrap_or_default();
    pictures.iter().map(|picture| picture["id"].as_str().unwrap().to_owned()).collect()
}

fn seen(site: &Site) -> Vec<Vec<u8>> {
    let messages = site.model.requests().pop().unwrap().messages;
    let images = messages.into_iter().filter_map(|message| match message {
        Message::User { images, .. } => Some(images),
        _ => None,
    });
    images.flatten().map(|image| image.bytes.to_vec()).collect()
}

#[tokio::test]
async fn a_program_sends_pictures_and_reads_them_back() {
    let site = talkative().await;
    let program = site.program().await;
    let url = format!("data:image/gif;base64,{IN_BASE64}");
    let body = value!({ "message": "look", "attachments": [attachment(&url), attachment(&url)] });
    let (status, run) = json(program.post("/v1/runs", &body).await).await;
    assert_eq!(status, 202, "{run}");
    let events = program
        .request(Method::GET, &format!("/v1/runs/{}/events", run["id"].as_str().unwrap()))
        .header("accept", "text/event-stream");
    frames_until(events.send().await.unwrap(), "run.end").await;
    assert_eq!(seen(&site), [DOT, DOT]);

    let ids = pictures(&program, run["session_id"].as_str().unwrap()).await;
    assert_eq!(ids.len(), 2);
    let path = format!("/v1/pictures/{}", ids[0]);
    let file = program.get(&path).await;
    let header = |name| file.headers()[name].to_str().unwrap().to_owned();
    assert_eq!((file.status().as_u16(), header("content-type")), (200, "image/gif".to_owned()));
    assert_eq!(header("content-security-policy"), "default-src 'none'; sandbox");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(file.bytes().await.unwrap(), DOT);
    site.engine.add_user("eve", "correct horse 42", domain::Role::Member).await.unwrap();
    let eve = site.engine.local_person(Some("eve")).await.unwrap();
    let token = site.engine.make_token(&eve, "test").await.unwrap();
    let eve = site.anonymous().with("authorization", &format!("Bearer {token}"));
    let not_found = (404, "picture.not_found".to_owned());
    assert_eq!(refusal(eve.get(&path).await).await, not_found);
    assert_eq!(refusal(program.get("/v1/pictures/nope").await).await, not_found);
    assert_eq!(refusal(site.anonymous().get(&path).await).await.0, 401);

    for (attachments, status) in [
        (value!([attachment("https://a.example/a.gif")]), 400),
        (value!([attachment("data:;base64,aGVsbG8=")]), 400),
        (value!([{ "type": "file", "image_url": { "url": url } }]), 400),
    ] {
        let body = value!({ "message": "look", "attachments": attachments });
        let (status_now, answer) = json(program.post("/v1/chat/messages", &body).await).await;
        assert_eq!(status_now, status, "{answer}");
    }
}

#[tokio::test]
async fn a_form_of_a_browser_without_scripts_brings_its_files() {
    let site = talkative().await;
    let browser = site.browser().await;
    let sent = post(
        &browser,
        &[
            ("agent", None, b"guide"),
            ("message", None, "look 那🙂é".as_bytes()),
            ("picture", Some("dot.gif"), DOT),
            ("picture", Some(""), b""),
        ],
    )
    .await;
    assert_eq!(sent.status(), 303);
    let page = sent.headers()["location"].to_str().unwrap().to_owned();
    let session = page.strip_prefix("/chat/").unwrap();
    let ids = pictures(&browser, session).await;
    assert_eq!(ids.len(), 1);
    let html = browser.get(&page).await.text().await.unwrap();
    assert!(html.contains("look 那🙂é"));
    assert!(html.contains(&format!("src=\"/v1/pictures/{}\"", ids[0])), "{html}");
    assert!(html.contains("alt=\"dot.gif, 1 by 1 pixels\""), "{html}");

    // Refused, it keeps the words, and says that the files are lost.
    let parts: [(&str, Option<&str>, &[u8]); 3] = [
        ("session", None, session.as_bytes()),
        ("message", None, b"and this?"),
        ("picture", Some("notes.txt"), b"no picture"),
    ];
    let refused = post(&browser, &parts).await;
    assert_eq!(
        (refused.status().as_u16(), refused.headers()["location"].as_bytes()),
        (303, page.as_bytes())
    );
    let note = refused.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap();
    let login = browser.request(Method::GET, "/").build().unwrap();
    let login = login.headers()["cookie"].to_str().unwrap().to_owned();
    let shown = browser.clone().with("cookie", &format!("{login}; {note}")).get(&page).await;
    let html = shown.text().await.unwrap();
    for part in ["notes.txt is no picture", "and this?", "Choose the pictures again"] {
        assert!(html.contains(part), "{part}: {html}");
    }
    // A form that is cut in the middle is no form.
    let request = browser.request(Method::POST, "/fn/send").body("--xx\r\nContent-Dis");
    let cut = request.header("content-type", "multipart/form-data; boundary=xx").send().await;
    assert_eq!(refusal(cut.unwrap()).await, (400, "request.invalid_input".to_owned()));
}

#[tokio::test]
async fn long_bodies_are_read_where_pictures_are_taken_and_from_people_who_are_signed_in() {
    let site = talkative().await;
    let program = site.program().await;
    let long = |bytes: usize| value!({ "message": "x".repeat(bytes) });
    let over = (413, "request.too_large".to_owned());
    assert_eq!(refusal(program.post("/v1/runs", long(LIMIT)).await).await, over);
    // Read, and refused for its message.
    assert_eq!(refusal(program.post("/v1/runs", long(2 << 20)).await).await.0, 400);
    let elsewhere = program.request(Method::PATCH, "/v1/sessions/nope").body("x".repeat(2 << 20));
    let elsewhere = elsewhere.header("content-type", "application/json").send().await.unwrap();
    assert_eq!(refusal(elsewhere).await, over);
    let stranger = site.anonymous().with("authorization", "Bearer nope");
    assert_eq!(refusal(stranger.post("/v1/runs", long(2 << 20)).await).await.0, 401);
}
