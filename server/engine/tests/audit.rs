//! The record of what runs do: what the engine leaves there, and who reads it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod house;

use domain::{
    AuditActor, AuditEntry, AuditFilter, AuditKind, FaultCode, GrantTerms, Lasts, Limit, Profile,
    Role, RunStatus,
};
use engine::{Engine, Error, SignedIn};
use house::house;
use llm::scripted::{Reply, Scripted};
use serde_json::json;

async fn rows(engine: &Engine, who: &SignedIn, filter: AuditFilter) -> Vec<AuditEntry> {
    let mut rows = engine.audit(who, &filter, Limit::default(), None).await.unwrap().items;
    rows.reverse();
    rows
}

fn refused<T: std::fmt::Debug>(result: Result<T, Error>) -> FaultCode {
    match result {
        Err(Error::Refused(fault)) => fault.code,
        other => panic!("{other:?}"),
    }
}

fn terms(json: &str) -> GrantTerms {
    serde_json::from_str(json).unwrap()
}

#[tokio::test]
async fn each_call_of_a_run_is_on_record_with_what_came_of_it() {
    let calls = [
        Reply::call("time.now", json!({}))
            .then(Reply::call("fs.read", json!({"path": "none.txt"}))),
        Reply::call("time.now", json!({})),
        Reply::text("Done."),
    ];
    let house = house(Scripted::new(calls)).await;
    let run = house.ask("go").await;
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);

    let of_run = AuditFilter { run_id: Some(run.run_id), ..AuditFilter::default() };
    let rows = rows(&house.engine, &house.who, of_run).await;
    let told: Vec<_> = rows.iter().map(|row| (row.kind, row.tool.as_deref().unwrap())).collect();
    use AuditKind::{Allowed, Failed, Ran, Reused};
    assert_eq!(told[..2], [(Allowed, "time.now"), (Allowed, "fs.read")]);
    // They end in the order in which they come to their ends.
    for end in [(Ran, "time.now"), (Failed, "fs.read")] {
        assert!(told[2..4].contains(&end), "{told:?}");
    }
    assert_eq!(told.len(), 6, "{told:?}");
    assert_eq!(told[4], (Allowed, "time.now"));
    assert!(matches!(told[5], (Ran | Reused, "time.now")), "{told:?}");
    for row in &rows {
        assert_eq!((row.actor, row.session_id), (AuditActor::Agent, Some(run.session_id)));
        assert_eq!(row.arguments_hash.is_some(), row.kind == Allowed);
        assert_eq!(row.result_hash.is_some(), row.kind != Allowed);
    }
    let check = house.engine.check_audit(&house.who).await.unwrap();
    let all = self::rows(&house.engine, &house.who, AuditFilter::default()).await;
    assert_eq!((check.rows, check.bad), (all.len() as u64, None));
    assert_eq!(house.engine.audit_check(&house.who).await.unwrap(), Some(check));
}

#[tokio::test]
async fn members_read_what_is_theirs_and_check_nothing() {
    let calls = [Reply::call("time.now", json!({})), Reply::text("Done.")];
    let house = house(Scripted::new(calls)).await;
    let member = house.engine.add_user("grace", "correct horse 43", Role::Member).await.unwrap();
    let run = house.ask("go").await;
    house.end(run.run_id).await;
    let of_run = AuditFilter { run_id: Some(run.run_id), ..AuditFilter::default() };
    assert_eq!(rows(&house.engine, &house.who, of_run).await.len(), 2);
    assert!(rows(&house.engine, &member, AuditFilter::default()).await.is_empty());
    assert_eq!(refused(house.engine.check_audit(&member).await), FaultCode::Forbidden);
    assert_eq!(refused(house.engine.audit_check(&member).await), FaultCode::Forbidden);
    let read = house.engine.grants(&member, "guide").await;
    assert_eq!(refused(read), FaultCode::Forbidden);
    let choose = house.engine.choose_profile(&member, "guide", Profile::Full).await;
    assert_eq!(refused(choose), FaultCode::Forbidden);
}

#[tokio::test]
async fn an_owner_gives_and_takes_grants() {
    let house = house(Scripted::new([Reply::text("Done.")])).await;
    let (engine, who) = (&house.engine, &house.who);
    let made = engine.choose_profile(who, "guide", Profile::ReadOnly).await.unwrap();
    assert_eq!(engine.grants(who, "guide").await.unwrap(), made);
    let own = terms(r#"{"tool":"fs.write","mode":"ask","scope":{"write":["notes/**"]}}"#);
    let [grant] = &engine.add_grant(who, "guide", own.clone()).await.unwrap()[..] else {
        panic!("one was asked for")
    };
    assert_eq!(grant.terms, own);
    assert_eq!(engine.remove_grant(who, "guide", grant.id).await.unwrap(), *grant);
    let again = engine.remove_grant(who, "guide", grant.id).await;
    assert_eq!(refused(again), FaultCode::GrantNotFound);
    assert_eq!(engine.grants(who, "guide").await.unwrap(), made);

    let past = Lasts::Until("2020-01-01T00:00:00Z".parse().unwrap());
    let late = engine.add_grant(who, "guide", GrantTerms { lasts: past, ..own.clone() }).await;
    assert_eq!(refused(late), FaultCode::InvalidInput);
    let nowhere = Lasts::Run(format!("run_{}", "0".repeat(32)).parse().unwrap());
    let lost = engine.add_grant(who, "guide", GrantTerms { lasts: nowhere, ..own.clone() }).await;
    assert_eq!(refused(lost), FaultCode::RunNotFound);
    let run = house.ask("go").await;
    house.end(run.run_id).await;
    let lasts = Lasts::Run(run.run_id);
    assert!(engine.add_grant(who, "guide", GrantTerms { lasts, ..own.clone() }).await.is_ok());
    assert_eq!(refused(engine.add_grant(who, "nobody", own).await), FaultCode::AgentNotFound);
}
