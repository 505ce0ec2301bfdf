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
async fn choices_are_set_shown_and_taken_back() {
    let site = site(Scripted::new([])).await;
    let owner = site.program().await;
    let draft = json!({
        "name": "writer", "fallbacks": ["scripted/small", "scripted/other"], "temperature": 0.7,
        "max_tokens": 4000, "context_window": 32768, "run_tokens": 100_000, "run_cost": "0.25",
        "day_tokens": 2_000_000, "day_cost": 5,
    });
    let (status, made) = body(owner.post(AGENTS, &draft).await).await;
    assert_eq!(status, 201, "{made}");
    for field in ["fallbacks", "temperature", "max_tokens", "context_window", "run_tokens"] {
        assert_eq!(made[field], draft[field], "{field}");
    }
    assert_eq!((&made["run_cost"], &made["day_cost"]), (&json!("0.25"), &json!("5.00")));
    let patch = async |change: Value| {
        let path = format!("{AGENTS}/writer");
        let request = owner.request(Method::PATCH, &path).json(&change);
        body(request.send().await.unwrap()).await
    };
    let change = json!({"run_cost": null, "fallbacks": null, "temperature": null, "day_tokens": 7});
    let (status, changed) = patch(change).await;
    assert_eq!(status, 200, "{changed}");
    assert_eq!((&changed["run_cost"], &changed["temperature"]), (&Value::Null, &Value::Null));
    assert_eq!((&changed["fallbacks"], &changed["day_tokens"]), (&json!([]), &json!(7)));
    assert_eq!(changed["max_tokens"], 4000, "what is not named stays");
    let (status, mixed) = patch(json!({"status": "disabled", "run_cost": null})).await;
    assert_eq!(status, 400, "{mixed}");
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
        ("fallbacks", json!({"name": "a", "fallbacks": ["nobody/x"]})),
        ("fallbacks", json!({"name": "a", "fallbacks": ["scripted/x", "scripted/x"]})),
        ("fallbacks", json!({"name": "a", "fallbacks": vec!["scripted/x"; 6]})),
        ("temperature", json!({"name": "a", "temperature": 2.5})),
        ("max_tokens", json!({"name": "a", "max_tokens": 0})),
        ("context_window", json!({"name": "a", "context_window": 10})),
        ("run_tokens", json!({"name": "a", "run_tokens": -1})),
        ("run_cost", json!({"name": "a", "run_cost": "0.0000001"})),
        ("day_tokens", json!({"name": "a", "day_tokens": "many"})),
        ("day_cost", json!({"name": "a", "day_cost": 0})),
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
