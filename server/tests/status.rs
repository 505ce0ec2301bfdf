//! The state of the installation over HTTP.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod site;

use llm::scripted::Scripted;
use serde_json::json;
use site::{json as body, refusal, site};

#[tokio::test]
async fn the_status_tells_sizes_ages_and_owners() {
    let site = site(Scripted::new([])).await;
    let program = site.program().await;
    let (status, answer) = body(program.post("/api/admin/clean-up", "").await).await;
    assert_eq!(status, 200, "{answer}");
    let (_, status) = body(program.get("/api/admin/status").await).await;
    assert_eq!(status["database"]["kind"], "sqlite");
    assert_eq!(status["warnings"], json!([]));
    let tables = status["tables"].as_array().unwrap();
    for table in tables {
        assert!(!table["owner"].as_str().unwrap().is_empty(), "{table}");
        assert!(!table["kept"].as_str().unwrap().is_empty(), "{table}");
    }
    let page = site.browser().await.get("/health").await.text().await.unwrap();
    for word in ["run_events", "90 days after the end of the run", "Clean up now"] {
        assert!(page.contains(word), "{word} is not on the page");
    }
}

#[tokio::test]
async fn only_an_owner_starts_a_clean_up() {
    let site = site(Scripted::new([])).await;
    site.owner().await;
    site.engine.add_user("grace", "correct horse 43", domain::Role::Member).await.unwrap();
    let keep = engine::Keep::ThisVisit;
    let login = site.engine.sign_in("grace", "correct horse 43", site.addr.ip(), keep).await;
    let cookie = format!("{}={}", app::context::SESSION_COOKIE, login.unwrap().token);
    let grace = site.anonymous().with("cookie", &cookie).with("origin", &site.origin());
    assert_eq!(grace.get("/api/admin/status").await.status(), 200);
    let answer = refusal(grace.post("/api/admin/clean-up", "").await).await;
    assert_eq!(answer, (403, "auth.forbidden".to_owned()));
    assert_eq!(refusal(site.anonymous().get("/api/admin/status").await).await.0, 401);
}
