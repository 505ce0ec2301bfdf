//! The record of decisions and the grants over HTTP: the API, and the pages as
//! they come without scripts.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod site;

use domain::Role;
use llm::scripted::{Reply, Scripted};
use reqwest::Method;
use serde_json::{Value, json};
use site::{Client, Site, frames_until, json as body, refusal, site};

const GRANTS: &str = "/api/admin/agents/guide/grants";

/// A site on which a run has asked for the time and for a file that is not there.
async fn worked() -> (Site, String) {
    let calls = [
        Reply::call("time.now", json!({})),
        Reply::call("fs.read", json!({"path": "none.txt"})),
        Reply::text("Done."),
    ];
    let site = site(Scripted::new(calls)).await;
    let program = site.program().await;
    let run = body(program.post("/v1/chat/messages", json!({"message": "go"})).await).await.1;
    let run = run["id"].as_str().unwrap().to_owned();
    let events = program.with("accept", "text/event-stream");
    frames_until(events.get(&format!("/v1/runs/{run}/events")).await, "run.end").await;
    (site, run)
}

async fn kinds(program: &Client<'_>, query: &str) -> Vec<String> {
    let (status, page) = body(program.get(&format!("/api/admin/audit{query}")).await).await;
    assert_eq!(status, 200, "{page}");
    let kinds = page["items"].as_array().unwrap().iter().map(|row| row["kind"].as_str().unwrap());
    kinds.map(str::to_owned).collect()
}

#[tokio::test]
async fn the_record_is_listed_narrowed_paged_and_checked() {
    let (site, run) = worked().await;
    let program = site.program().await;
    let of_run = format!("?run_id={run}");
    assert_eq!(kinds(&program, &of_run).await, ["failed", "allowed", "ran", "allowed"]);
    assert_eq!(kinds(&program, "?kind=failed").await, ["failed"]);
    assert_eq!(kinds(&program, &format!("{of_run}&tool=time.now")).await, ["ran", "allowed"]);
    assert_eq!(kinds(&program, &format!("?run_id={run}&kind=allowed")).await.len(), 2);
    assert!(kinds(&program, "?until=2020-01-01T00:00:00Z").await.is_empty());
    assert_eq!(kinds(&program, &format!("{of_run}&since=2020-01-01T00:00:00Z")).await.len(), 4);
    let (_, page) = body(program.get(&format!("/api/admin/audit{of_run}&limit=3")).await).await;
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = format!("{of_run}&limit=3&cursor={cursor}");
    assert_eq!(kinds(&program, &rest).await, ["allowed"]);
    for (query, code) in [
        ("?kind=danced", "request.invalid_input"),
        ("?since=yesterday", "request.invalid_input"),
        ("?cursor=zz", "request.invalid_input"),
        ("?who=me", "request.unknown_field"),
    ] {
        let refused = refusal(program.get(&format!("/api/admin/audit{query}")).await).await;
        assert_eq!(refused, (400, code.to_owned()), "{query}");
    }

    let verify = "/api/admin/audit/verify";
    assert_eq!(body(program.get(verify).await).await.1, Value::Null);
    let (status, check) = body(program.post(verify, "").await).await;
    let rows = kinds(&program, "?limit=200").await.len();
    assert_eq!((status.as_u16(), &check["rows"], &check["bad"]), (200, &json!(rows), &Value::Null));
    assert_eq!(check["head_hash"], page["items"][0]["hash"]);
    assert_eq!(body(program.get(verify).await).await.1, check);
}

#[tokio::test]
async fn grants_are_given_listed_and_removed() {
    let (site, _) = worked().await;
    let program = site.program().await;
    let list = async || body(program.get(GRANTS).await).await.1["items"].clone();
    let profile = format!("{GRANTS}/profile");
    let choose = program.request(Method::PUT, &profile).json(&json!({"profile": "guarded"}));
    let (status, chosen) = body(choose.send().await.unwrap()).await;
    assert_eq!((status.as_u16(), &chosen["items"]), (200, &list().await));
    let grant = json!({"tool": "shell.exec", "mode": "allow", "scope": {"commands": ["git *"]}});
    let (status, made) = body(program.post(GRANTS, &grant).await).await;
    assert_eq!(status, 201, "{made}");
    let made = &made["items"][0];
    assert_eq!((&made["terms"]["ways"], &made["origin"]), (&json!("both"), &json!("person")));
    assert_eq!(list().await.as_array().unwrap().last(), Some(made));

    let path = format!("{GRANTS}/{}", made["id"].as_str().unwrap());
    let remove = async || program.request(Method::DELETE, &path).send().await.unwrap();
    let before = kinds(&program, "?kind=removed").await.len();
    assert_eq!(body(remove().await).await.1, *made);
    assert_eq!(refusal(remove().await).await, (404, "grant.not_found".to_owned()));
    assert_eq!(list().await, chosen["items"]);
    assert_eq!(kinds(&program, "?kind=removed").await.len(), before + 1);

    for (bad, field) in [
        (json!({"tool": "a b", "mode": "allow", "scope": "anything"}), "tool"),
        (json!({"tool": "a", "mode": "maybe", "scope": "anything"}), "mode"),
        (json!({"tool": "a", "mode": "allow", "scope": {"hosts": []}}), "scope"),
    ] {
        let (status, refused) = body(program.post(GRANTS, &bad).await).await;
        assert_eq!(status, 400, "{refused}");
        assert!(refused["error"]["fields"][field].is_string(), "{refused}");
    }
    let unknown = json!({"tool": "a", "mode": "allow", "scope": "anything", "for": "ever"});
    let refused = refusal(program.post(GRANTS, &unknown).await).await;
    assert_eq!(refused, (400, "request.unknown_field".to_owned()));
}

#[tokio::test]
async fn the_pages_say_it_without_scripts() {
    let (site, run) = worked().await;
    let browser = site.browser().await;
    let page = async |path: &str| browser.get(path).await.text().await.unwrap();
    let audit = page("/audit").await;
    for part in ["It was not checked yet", "time.now", &format!("/runs/{run}")] {
        assert!(audit.contains(part), "{part}");
    }
    assert!(!audit.contains("none.txt"), "arguments are in it as hashes alone");
    assert_eq!(browser.form("/fn/audit-check", "").await.status(), 303);
    assert!(page("/audit").await.contains("rows are as written, up to the signed row"));
    assert!(page("/audit?kind=expired").await.contains("No such rows"));
    assert!(page("/audit?since=notaday").await.contains("Write a day as year, month and day"));

    let refused = "agent=guide&tool=a+b&mode=deny&covers=named&read=src%2F**%0Adocs";
    let answer = browser.form("/fn/grant-add", refused).await;
    assert_eq!(answer.headers()["location"], "/agents/guide");
    let note = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap();
    let cookie = site.browser().await;
    let cookies = format!("{note}; {}", own_cookie(&cookie));
    let kept = browser.clone().with("cookie", &cookies).get("/agents/guide").await;
    let kept = kept.text().await.unwrap();
    assert!(kept.contains("is not a tool&#x27;s name") || kept.contains("is not a tool's name"));
    assert!(kept.contains("src/**\ndocs"), "what was typed stays");

    let fine = "agent=guide&tool=fs.read&mode=allow&covers=named&read=src%2F**%0Adocs";
    assert_eq!(browser.form("/fn/grant-add", fine).await.status(), 303);
    assert!(page("/agents/guide").await.contains("read src/**, docs"));
    assert_eq!(browser.form("/fn/grant-profile", "agent=guide&profile=full").await.status(), 303);
    assert!(page("/agents/guide").await.contains("of the profile Full"));
}

/// The session cookie that a client sends.
fn own_cookie(client: &Client<'_>) -> String {
    let request = client.request(Method::GET, "/").build().unwrap();
    request.headers()["cookie"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_member_sees_no_one_elses_rows_and_no_check() {
    let (site, _) = worked().await;
    site.engine.add_user("grace", site::PASSWORD, Role::Member).await.unwrap();
    let keep = engine::Keep::ThisVisit;
    let login = site.engine.sign_in("grace", site::PASSWORD, site.addr.ip(), keep).await.unwrap();
    let cookie = format!("{}={}", app::context::SESSION_COOKIE, login.token);
    let grace = site.anonymous().with("cookie", &cookie).with("origin", &site.origin());
    assert!(kinds(&grace, "").await.is_empty());
    let refused = refusal(grace.post("/api/admin/audit/verify", "").await).await;
    assert_eq!(refused, (403, "auth.forbidden".to_owned()));
    assert_eq!(refusal(grace.get(GRANTS).await).await.0, 403);
    let page = grace.get("/audit").await.text().await.unwrap();
    assert!(page.contains("Nothing was recorded yet") && !page.contains("Check now"));
    assert!(!page.contains("href=\"/audit\""), "it stands in an owner's navigation alone");
    let owner = site.browser().await.get("/").await.text().await.unwrap();
    assert!(owner.contains("href=\"/audit\""), "an owner finds it in the navigation");
}
