//! `/api/admin/agents` as its clients use it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod site;

use domain::Role;
use llm::scripted::{Reply, Scripted};
use reqwest::Method;
use serde_json::{Value, json};
use site::{PASSWORD, json as body, site};

const AGENTS: &str = "/api/admin/agents";

#[tokio::test]
async fn an_agent_from_first_to_last() {
    let site = site(Scripted::new([]).or_always(Reply::text("ok"))).await;
    let owner = site.program().await;
    let patch = async |name: &str, tag: Option<&str>, change: Value| {
        let mut request = owner.request(Method::PATCH, &format!("{AGENTS}/{name}")).json(&change);
        if let Some(tag) = tag {
            request = request.header("if-match", tag);
        }
        request.send().await.unwrap()
    };
    let made = owner.post(AGENTS, json!({"name": "writer", "instructions": "Write."})).await;
    let tag = made.headers()["etag"].to_str().unwrap().to_owned();
    let (status, made) = body(made).await;
    assert_eq!(
        (status.as_u16(), &made["name"], &made["folder"]),
        (201, &json!("writer"), &json!("writer"))
    );
    assert_eq!((&made["status"], &made["own_model"]), (&json!("active"), &Value::Null));

    let edited = patch("writer", Some(&tag), json!({"model": "scripted/other"})).await;
    let (status, edited) = body(edited).await;
    assert_eq!((status.as_u16(), &edited["model"]), (200, &json!("scripted/other")));
    assert_eq!(edited["instructions"], "Write.", "what is not named stays");
    let (status, stale) = body(patch("writer", Some(&tag), json!({"name": "poet"})).await).await;
    assert_eq!((status.as_u16(), &stale["error"]["code"]), (412, &json!("edit.stale")));

    let (_, off) = body(patch("writer", None, json!({"status": "disabled"})).await).await;
    assert_eq!(off["status"], "disabled");
    let message = json!({"message": "hi", "agent_id": "writer"});
    let (status, refused) = body(owner.post("/v1/runs", message).await).await;
    assert_eq!((status.as_u16(), &refused["error"]["code"]), (409, &json!("agent.disabled")));
    assert!(refused["error"]["message"].as_str().unwrap().contains("enable"), "{refused}");

    let (_, list) = body(owner.get(&format!("{AGENTS}?limit=1")).await).await;
    assert_eq!(list["items"][0]["name"], "guide");
    let next = format!("{AGENTS}?cursor={}", list["next_cursor"].as_str().unwrap());
    let (_, rest) = body(owner.get(&next).await).await;
    assert_eq!((&rest["items"][0]["name"], &rest["next_cursor"]), (&json!("writer"), &Value::Null));

    let path = format!("{AGENTS}/writer");
    let (status, gone) = body(owner.request(Method::DELETE, &path).send().await.unwrap()).await;
    assert_eq!(status, 200, "{gone}");
    assert!(gone["folder"].as_str().unwrap().ends_with("workspaces/writer"), "{gone}");
    assert_eq!(owner.get(&path).await.status(), 404);
}

#[tokio::test]
async fn each_refusal_names_its_field() {
    let site = site(Scripted::new([])).await;
    let owner = site.program().await;
    for (field, draft) in [
        ("name", json!({})),
        ("name", json!({"name": "a b"})),
        ("model", json!({"name": "a", "model": "nobody/x"})),
        ("folder", json!({"name": "a", "folder": "/"})),
        ("folder", json!({"name": "a", "folder": "guide"})),
        ("status", json!({"name": "a", "status": "disabled"})),
        ("status", json!({"name": "a", "status": "asleep"})),
        ("colour", json!({"name": "a", "colour": "red"})),
    ] {
        let (status, error) = body(owner.post(AGENTS, &draft).await).await;
        assert_eq!(status, 400, "{draft}: {error}");
        assert!(error["error"]["fields"][field].is_string(), "{draft}: {error}");
    }
    let (status, taken) = body(owner.post(AGENTS, json!({"name": "Guide"})).await).await;
    assert_eq!((status.as_u16(), &taken["error"]["code"]), (409, &json!("name.taken")));
    assert!(taken["error"]["fields"]["name"].is_string());
}

#[tokio::test]
async fn a_member_reads_the_list_alone() {
    let site = site(Scripted::new([])).await;
    site.owner().await;
    let member = site.engine.add_user("mia", PASSWORD, Role::Member).await.unwrap();
    let token = site.engine.make_token(&member, "test").await.unwrap();
    let member = site.anonymous().with("authorization", &format!("Bearer {token}"));
    assert_eq!(member.get(AGENTS).await.status(), 200);
    for refused in [
        member.get(&format!("{AGENTS}/guide")).await,
        member.post(AGENTS, json!({"name": "mine"})).await,
        member.request(Method::DELETE, &format!("{AGENTS}/guide")).send().await.unwrap(),
    ] {
        assert_eq!(site::refusal(refused).await, (403, "auth.forbidden".to_owned()));
    }
    assert_eq!(site.anonymous().get(AGENTS).await.status(), 401);
}
