//! What grants make of a call, and what others would have made of past ones.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod house;

use domain::{Channel, GrantFile, Mode, Profile, RunStatus, Timestamp};
use engine::Error;
use house::house;
use llm::scripted::{Reply, Scripted};
use serde_json::json;

const WRITE: &str = r#"{"path":"notes/a.txt","content":"x"}"#;

#[tokio::test]
async fn the_deciding_rule_is_named() {
    let house = house(Scripted::new([])).await;
    let (engine, who) = (&house.engine, &house.who);
    let says = async |channel, tool, arguments| {
        engine.explain_call(who, "guide", channel, tool, arguments).await
    };
    engine.choose_profile(who, "guide", Profile::ReadOnly).await.unwrap();
    let denied = says(Channel::Dashboard, "fs.write", WRITE).await.unwrap().verdict;
    assert_eq!((denied.mode, denied.rule.to_string()), (Mode::Deny, "default".to_owned()));

    let grants = engine.choose_profile(who, "guide", Profile::Guarded).await.unwrap();
    let changes = grants.iter().find(|grant| grant.terms.tool.to_string() == "fs.*").unwrap();
    let asked = says(Channel::Dashboard, "fs.write", WRITE).await.unwrap().verdict;
    assert_eq!((asked.mode, asked.rule.to_string()), (Mode::Ask, changes.id.to_string()));
    let nobody = says(Channel::Scheduler, "fs.write", WRITE).await.unwrap().verdict;
    assert_eq!(nobody.mode, Mode::Deny, "{nobody:?}");
    let looks = says(Channel::Scheduler, "fs.read", r#"{"path":"a"}"#).await.unwrap().verdict;
    assert_eq!(looks.mode, Mode::Allow, "{looks:?}");
    let unread = says(Channel::Dashboard, "fs.write", "[]").await;
    assert!(matches!(unread, Err(Error::Refused(_))), "{unread:?}");
}

#[tokio::test]
async fn past_calls_are_judged_anew() {
    let calls = [
        Reply::call("fs.write", json!({"path": "notes/a.txt", "content": "x"})),
        Reply::call("time.now", json!({})),
        Reply::call("no.such", json!({})),
        Reply::text("Done."),
    ];
    let house = house(Scripted::new(calls)).await;
    let (engine, who) = (&house.engine, &house.who);
    engine.choose_profile(who, "guide", Profile::Workspace).await.unwrap();
    let run = house.ask("go").await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);

    let file = GrantFile { profile: Some(Profile::ReadOnly), grants: Vec::new() };
    for agent in [None, Some("guide")] {
        let found = engine.replay_policy(who, agent, Timestamp::UNIX_EPOCH, file.clone()).await;
        let found = found.unwrap();
        assert_eq!((found.calls, found.unread, found.changed), (3, 1, 1));
        let [changed] = &found.told[..] else { panic!("{found:?}") };
        assert_eq!((changed.call.tool.as_str(), changed.call.run_id), ("fs.write", run.run_id));
        assert_eq!((changed.before.mode, changed.after.mode), (Mode::Allow, Mode::Deny));
    }
    let same = GrantFile { profile: Some(Profile::Workspace), grants: Vec::new() };
    let found = engine.replay_policy(who, None, Timestamp::UNIX_EPOCH, same).await.unwrap();
    assert_eq!((found.calls, found.changed), (3, 0));
}
