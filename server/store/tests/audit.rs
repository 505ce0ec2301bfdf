//! The record of decisions: what is written, and that no change of it goes
//! unseen.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod house;

use std::time::Duration;

use domain::{
    ApprovalStatus, AuditActor, AuditFault, AuditFilter, AuditKind, BadRow, CallId, Event, Limit,
    Retention, ToolErrorCode, Verdict,
};
use house::{House, LEASE, database, house, open};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use store::{AuditKey, Backend, ClaimedRun, Clock, Ending, Pause, Store, StoreOptions};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The database behind the store's back.
async fn raw(house: &House) -> DatabaseConnection {
    let file = format!("sqlite://{}", house.folder.path().join("openclawssy.db").display());
    let url = database(house.folder.path()).unwrap_or(file);
    sea_orm::Database::connect(url).await.unwrap()
}

async fn tamper(house: &House, text: &str) {
    let text = match house.store.backend() {
        Backend::Sqlite => text.replace("bytes'", "x'").replace("id'", "x'"),
        Backend::Postgres => text.replace("bytes'", "BYTEA '\\x").replace("id'", "UUID '"),
    };
    let changed = raw(house).await.execute_unprepared(&text).await.unwrap();
    assert_ne!(changed.rows_affected(), 0, "{text}");
}

fn call(store: &Store) -> CallId {
    CallId::from_uuid(store.clock().uuid())
}

fn start(call: CallId, tool: &str) -> Event {
    Event::ToolStart {
        step: 1,
        tool_call_id: call,
        wire_id: "w".into(),
        tool: tool.into(),
        arguments: "{\"path\":\"那\"}".into(),
        repair: None,
        allowed_by: None,
    }
}

fn end(call: CallId, tool: &str, error_code: Option<ToolErrorCode>) -> Event {
    Event::ToolEnd {
        step: 1,
        tool_call_id: call,
        tool: tool.into(),
        summary: "s".into(),
        output: "o".into(),
        error_code,
        duration_ms: 5,
        reused_from: None,
        taint: None,
    }
}

/// A call from its beginning to its end, as the engine stores them.
async fn one_call(store: &Store, run: &ClaimedRun, tool: &str, error: Option<ToolErrorCode>) {
    let call = call(store);
    store.append_safely(run, &[start(call, tool)]).await.unwrap();
    store.append(run, &[end(call, tool, error)]).await.unwrap();
}

/// A house whose record holds 20 rows, of ten calls.
async fn recorded() -> (House, ClaimedRun) {
    let house = house().await;
    house.submit(None, "go").await;
    let run = house.claim().await;
    for n in 0..10 {
        let error = (n % 3 == 0).then_some(ToolErrorCode::Timeout);
        one_call(&house.store, &run, "fs.read", error).await;
        house.pass(Duration::from_secs(1));
    }
    assert_eq!(house.store.check_audit().await.unwrap().bad, None);
    (house, run)
}

async fn bad(store: &Store) -> Option<(u64, AuditFault)> {
    store.check_audit().await.unwrap().bad.map(|BadRow { seq, fault }| (seq, fault))
}

async fn all(store: &Store, filter: &AuditFilter) -> Vec<domain::AuditEntry> {
    store.audit(None, filter, Limit::new(200).unwrap(), None).await.unwrap().items
}

#[tokio::test]
async fn a_call_and_the_question_about_it_are_told_from_beginning_to_end() {
    let house = house().await;
    let (run_id, session) = house.submit(None, "go").await;
    let run = house.claim().await;
    let (tool, arguments) = ("fs.write", "{\"path\":\"那\"}");
    let first = call(&house.store);
    let pause = |call| Pause::Approval {
        step: 1,
        tool_call_id: call,
        tool: tool.into(),
        arguments: arguments.into(),
        reason: "It writes a file.".into(),
        expires_at: house.clock.now() + Duration::from_secs(60),
    };
    house.store.pause(&run, pause(first)).await.unwrap();
    let waiting = Some(ApprovalStatus::Waiting);
    let asked = house.store.approvals(house.owner, waiting, Limit::default(), None).await.unwrap();
    let id = asked.items[0].id;
    house.store.answer_approval(house.owner, id, Verdict::Approve, None).await.unwrap();
    let run = house.claim().await;
    let events = [start(first, tool), end(first, tool, None)];
    house.store.append(&run, &events).await.unwrap();
    let second = call(&house.store);
    house.store.pause(&run, pause(second)).await.unwrap();
    house.pass(Duration::from_secs(61));
    assert_eq!(house.store.expire_approvals().await.unwrap(), 1);
    let run = house.claim().await;
    let third = call(&house.store);
    house.store.append(&run, &[start(third, "nonsense")]).await.unwrap();
    house.store.end(&run, Ending::cancelled()).await.unwrap();

    let mut rows = all(&house.store, &AuditFilter::default()).await;
    rows.reverse();
    let told: Vec<_> =
        rows.iter().map(|row| (row.kind, row.actor, row.tool_call_id.unwrap())).collect();
    use AuditActor::{Agent, System, User};
    assert_eq!(
        told,
        [
            (AuditKind::Asked, Agent, first),
            (AuditKind::Approved, User, first),
            (AuditKind::Allowed, Agent, first),
            (AuditKind::Ran, Agent, first),
            (AuditKind::Asked, Agent, second),
            (AuditKind::Expired, System, second),
            (AuditKind::Allowed, Agent, third),
            (AuditKind::CutOff, Agent, third),
        ]
    );
    for (n, row) in rows.iter().enumerate() {
        assert_eq!(row.seq, n as u64 + 1);
        assert_eq!((row.run_id, row.session_id), (Some(run_id), Some(session)));
        assert_eq!((row.agent_id, row.agent.as_deref()), (Some(house.agent), Some("guide")));
        assert_eq!(row.user.as_deref(), (row.actor == User).then_some("ada"));
    }
    // What was asked, approved and begun is one and the same call.
    let hash = rows[0].arguments_hash.clone();
    assert!(hash.is_some());
    assert_eq!((&rows[1].arguments_hash, &rows[2].arguments_hash), (&hash, &hash));
    assert_eq!(rows[0].rule.as_deref(), Some("It writes a file."));
    let of_o = "65c74c15a686187bb6bbf9958f494fc6b80068034a659a9ad44991b08c58f2d2";
    assert_eq!(rows[3].result_hash.as_deref(), Some(of_o));
    assert_eq!(rows[7].detail.as_deref(), Some("cancelled"));
    let check = house.store.check_audit().await.unwrap();
    assert_eq!((check.rows, check.head, check.bad), (8, 8, None));
    assert_eq!(check.head_hash, rows[7].hash);
    assert_eq!(house.store.audit_check().await.unwrap(), Some(check));
}

#[tokio::test]
async fn a_change_in_any_column_of_any_row_is_found_and_named() {
    let (house, _) = recorded().await;
    let id = "id'0195c8a1d9f07c3a8f2e4b5c6d7e8f90'";
    let changes = [
        ("created_at", "created_at + 1"),
        ("kind", "CASE kind WHEN 'ran' THEN 'failed' ELSE 'ran' END"),
        ("actor", "'system'"),
        ("actor = 'user', actor_id", id),
        ("owner_id", id),
        ("session_id", id),
        ("run_id", id),
        ("tool_call_id", id),
        ("agent_id", id),
        ("tool", "'fs.reae'"),
        ("class", "''"),
        ("rule", "'a rule'"),
        ("detail", "'x'"),
        ("arguments_hash", "bytes'00'"),
        ("result_hash", "bytes'00'"),
        ("prev_hash", "bytes'00'"),
        ("hash", "bytes'00'"),
    ];
    for row in [1, 11, 20] {
        for (column, value) in changes {
            let keep = "DROP TABLE IF EXISTS kept; CREATE TABLE kept AS SELECT * FROM audit";
            raw(&house).await.execute_unprepared(keep).await.unwrap();
            tamper(&house, &format!("UPDATE audit SET {column} = {value} WHERE seq = {row}")).await;
            assert_eq!(bad(&house.store).await, Some((row, AuditFault::Changed)), "{column}");
            let back = "DELETE FROM audit; INSERT INTO audit SELECT * FROM kept";
            raw(&house).await.execute_unprepared(back).await.unwrap();
            assert_eq!(bad(&house.store).await, None, "{column}");
        }
    }
}

#[tokio::test]
async fn a_removed_row_is_found_wherever_it_stood() {
    for (gone, named) in [("seq = 1", 1), ("seq = 11", 11), ("seq = 20", 20), ("seq > 12", 13)] {
        let (house, _) = recorded().await;
        tamper(&house, &format!("DELETE FROM audit WHERE {gone}")).await;
        assert_eq!(bad(&house.store).await, Some((named, AuditFault::Missing)), "{gone}");
        let check = house.store.audit_check().await.unwrap().unwrap();
        assert_eq!((check.rows, check.head), (named - 1, 20), "{gone}");
    }
}

#[tokio::test]
async fn rows_in_another_order_are_found() {
    let (house, _) = recorded().await;
    for text in [
        "UPDATE audit SET seq = -1 WHERE seq = 7",
        "UPDATE audit SET seq = 7 WHERE seq = 8",
        "UPDATE audit SET seq = 8 WHERE seq = -1",
    ] {
        tamper(&house, text).await;
    }
    assert_eq!(bad(&house.store).await, Some((7, AuditFault::Changed)));
}

#[tokio::test]
async fn a_change_of_the_signed_end_is_found() {
    let changes = [
        ("hash", "bytes'00'", AuditFault::Replaced),
        ("signed_at", "signed_at + 1", AuditFault::End),
        ("signature", "bytes'00'", AuditFault::End),
    ];
    for (column, value, fault) in changes {
        let (house, _) = recorded().await;
        tamper(&house, &format!("UPDATE audit_points SET {column} = {value}")).await;
        assert_eq!(bad(&house.store).await, Some((20, fault)), "{column}");
    }
    let (house, _) = recorded().await;
    tamper(&house, "UPDATE audit_points SET seq = 19").await;
    assert_eq!(bad(&house.store).await, Some((19, AuditFault::Replaced)));
    tamper(&house, "DELETE FROM audit_points").await;
    assert_eq!(bad(&house.store).await, Some((1, AuditFault::Unsigned)));
}

#[tokio::test]
async fn a_row_behind_the_end_is_found_and_the_next_one_says_so() {
    let (house, run) = recorded().await;
    let forge = "INSERT INTO audit (seq, created_at, kind, actor, prev_hash, hash)
        SELECT 21, created_at, 'ran', 'agent', hash, hash FROM audit WHERE seq = 20";
    tamper(&house, forge).await;
    assert_eq!(bad(&house.store).await, Some((21, AuditFault::Unsigned)));
    one_call(&house.store, &run, "fs.read", None).await;
    assert_eq!(bad(&house.store).await, Some((21, AuditFault::Changed)));
    let kinds: Vec<_> = all(&house.store, &AuditFilter::default()).await;
    let kinds: Vec<_> = kinds.iter().take(4).map(|row| row.kind).collect();
    use AuditKind::{Allowed, Broken, Ran};
    assert_eq!(kinds, [Ran, Allowed, Broken, Ran], "work goes on, and the record says it");
}

#[tokio::test]
async fn a_record_that_another_key_signed_is_found_and_never_made_good() {
    // All of it fits together; only the key is another.
    let (house, _) = recorded().await;
    let options = StoreOptions {
        folder: house.folder.path().to_owned(),
        database: database(house.folder.path()),
        audit_key: AuditKey::from_seed(&[8; 32]).unwrap(),
    };
    let other = Store::open(options, house.clock.clone()).await.unwrap();
    assert_eq!(bad(&other).await, Some((20, AuditFault::End)));
    house.submit(None, "go on").await;
    let run = other.claim(LEASE, None).await.unwrap().unwrap();
    one_call(&other, &run, "fs.read", None).await;
    assert_eq!(bad(&other).await, Some((21, AuditFault::Broken)));
}

#[tokio::test]
async fn an_end_that_is_set_back_under_a_server_at_work_is_told() {
    let (house, run) = recorded().await;
    let keep = "CREATE TABLE kept AS SELECT * FROM audit_points";
    raw(&house).await.execute_unprepared(keep).await.unwrap();
    one_call(&house.store, &run, "fs.read", None).await;
    tamper(&house, "DELETE FROM audit WHERE seq > 20").await;
    tamper(&house, "DELETE FROM audit_points").await;
    tamper(&house, "INSERT INTO audit_points SELECT * FROM kept").await;
    one_call(&house.store, &run, "fs.read", None).await;
    assert_eq!(bad(&house.store).await, Some((21, AuditFault::Broken)));
}

#[tokio::test]
async fn rows_go_for_their_age_up_to_a_signed_place() {
    let (house, run) = recorded().await;
    house.pass(DAY * 400);
    let kept = Retention::default();
    assert_eq!(house.store.clean_step(house.clock.now(), &kept).await.unwrap().total(), 20);
    let check = house.store.check_audit().await.unwrap();
    assert_eq!((check.rows, check.removed, check.head, check.bad), (0, 20, 20, None));
    one_call(&house.store, &run, "fs.read", None).await;
    house.pass(DAY * 399);
    one_call(&house.store, &run, "fs.read", None).await;
    house.pass(DAY);
    assert_eq!(house.store.clean_step(house.clock.now(), &kept).await.unwrap().rows["audit"], 2);
    let check = house.store.check_audit().await.unwrap();
    assert_eq!((check.rows, check.removed, check.head, check.bad), (2, 22, 24, None));

    tamper(&house, "DELETE FROM audit WHERE seq = 23").await;
    assert_eq!(bad(&house.store).await, Some((23, AuditFault::Missing)));
    let forge = "UPDATE audit_points SET seq = 23, hash = (SELECT prev_hash FROM audit
        WHERE seq = 24) WHERE name = 'cut'";
    tamper(&house, forge).await;
    assert_eq!(bad(&house.store).await, Some((24, AuditFault::Beginning)));
    house.pass(DAY * 400);
    let step = house.store.clean_step(house.clock.now(), &kept).await.unwrap();
    assert_eq!(step.rows.get("audit"), None, "a forged beginning is not signed anew");
}

#[tokio::test]
async fn a_bad_row_and_all_behind_it_stay_whatever_their_age() {
    let (house, _) = recorded().await;
    tamper(&house, "UPDATE audit SET detail = 'x' WHERE seq = 8").await;
    house.pass(DAY * 400);
    let step = house.store.clean_step(house.clock.now(), &Retention::default()).await.unwrap();
    assert_eq!(step.rows["audit"], 7);
    assert_eq!(bad(&house.store).await, Some((8, AuditFault::Changed)));
    let step = house.store.clean_step(house.clock.now(), &Retention::default()).await.unwrap();
    assert_eq!(step.rows.get("audit"), None);
}

#[tokio::test]
async fn two_processes_write_one_record() {
    let house = house().await;
    let other = open(house.folder.path(), &house.clock).await.unwrap();
    let mut runs = Vec::new();
    for store in [&house.store, &other] {
        house.submit(None, "go").await;
        runs.push((store.clone(), store.claim(LEASE, None).await.unwrap().unwrap()));
    }
    let work = runs.into_iter().map(|(store, run)| {
        tokio::spawn(async move {
            for _ in 0..20 {
                one_call(&store, &run, "fs.read", None).await;
            }
            store.end(&run, Ending::done()).await.unwrap();
        })
    });
    for work in work.collect::<Vec<_>>() {
        work.await.unwrap();
    }
    for store in [&house.store, &other] {
        let check = store.check_audit().await.unwrap();
        assert_eq!((check.rows, check.head, check.bad), (80, 80, None));
    }
}

#[tokio::test]
async fn a_write_that_fails_leaves_no_row_behind() {
    let (house, run) = recorded().await;
    house.store.end(&run, Ending::done()).await.unwrap();
    let late = house.store.append(&run, &[start(call(&house.store), "fs.read")]).await;
    assert!(matches!(late, Err(store::Error::LeaseLost)), "{late:?}");
    let check = house.store.check_audit().await.unwrap();
    assert_eq!((check.rows, check.bad), (20, None));
    // As after the end of the process: another one reads what it left.
    let again = open(house.folder.path(), &house.clock).await.unwrap();
    assert_eq!(bad(&again).await, None);
    house.submit(None, "go on").await;
    let run = again.claim(LEASE, None).await.unwrap().unwrap();
    one_call(&again, &run, "fs.read", None).await;
    assert_eq!(again.check_audit().await.unwrap().rows, 22);
}

#[tokio::test]
async fn lists_are_narrowed_and_paged() {
    let (house, run) = recorded().await;
    one_call(&house.store, &run, "fs.write", Some(ToolErrorCode::NotFound)).await;
    let seqs = async |filter: AuditFilter| -> Vec<u64> {
        all(&house.store, &filter).await.iter().map(|row| row.seq).collect()
    };
    let any = AuditFilter::default;
    let timed_out = AuditFilter { kind: Some(AuditKind::TimedOut), ..any() };
    assert_eq!(seqs(timed_out).await, [20, 14, 8, 2]);
    assert_eq!(seqs(AuditFilter { tool: Some("fs.write".into()), ..any() }).await, [22, 21]);
    assert_eq!(seqs(AuditFilter { agent_id: Some(house.agent), ..any() }).await.len(), 22);
    assert_eq!(seqs(AuditFilter { run_id: Some(run.id), ..any() }).await.len(), 22);
    let begun = house.clock.now() - Duration::from_secs(10);
    let at = |seconds| Some(begun + Duration::from_secs(seconds));
    assert_eq!(seqs(AuditFilter { since: at(8), ..any() }).await, [22, 21, 20, 19, 18, 17]);
    assert_eq!(seqs(AuditFilter { until: at(1), ..any() }).await, [4, 3, 2, 1]);
    assert_eq!(seqs(AuditFilter { since: at(1), until: at(1), ..any() }).await, [4, 3]);
    assert!(seqs(AuditFilter { since: at(60), ..any() }).await.is_empty());

    let mut seen = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let limit = Limit::new(9).unwrap();
        let page = house.store.audit(Some(house.owner), &any(), limit, cursor.as_deref()).await;
        let page = page.unwrap();
        seen.extend(page.items.iter().map(|row| row.seq));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, (1..=22).rev().collect::<Vec<_>>());
    let nobody = domain::UserId::from_uuid(house.clock.uuid());
    let theirs = house.store.audit(Some(nobody), &any(), Limit::default(), None).await.unwrap();
    assert!(theirs.items.is_empty(), "others' runs are not theirs to read");
}

#[tokio::test]
async fn a_clock_that_ran_ahead_is_told_as_it_was_and_keeps_nothing_for_ever() {
    let (house, run) = recorded().await;
    house.pass(DAY * 1_000);
    one_call(&house.store, &run, "ahead", None).await;
    house.put_back(DAY * 1_000);
    one_call(&house.store, &run, "back", None).await;
    assert_eq!(bad(&house.store).await, None);
    let rows = all(&house.store, &AuditFilter::default()).await;
    let newest: Vec<_> = rows.iter().take(3).map(|row| row.seq).collect();
    assert_eq!(newest, [22, 21, 24], "by their time");
    let since = Some(house.clock.now());
    let later = all(&house.store, &AuditFilter { since, ..AuditFilter::default() }).await;
    assert_eq!(later.len(), 4);

    house.pass(DAY * 400);
    let step = house.store.clean_step(house.clock.now(), &Retention::default()).await.unwrap();
    assert_eq!(step.rows["audit"], 24);
    assert_eq!(bad(&house.store).await, None);
}
