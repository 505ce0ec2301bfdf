//! How the database finds what is asked for: by index, whatever is stored.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod house;
mod seed;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::{
    ApprovalStatus, AuditFilter, AuditKind, CallId, Channel, Delivery, GrantOrigin, Limit, Profile,
    PromptName, Retention, RunFilter, RunId, RunStatus, SearchText, SessionFilter, SessionState,
};
use house::{House, WIDE, database, house};
use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use store::{Begun, ClaimedRun, Clock, Ending, Granting, Instead, NewChild, Pause, Store, Whom};
use tracing::field::{Field, Visit};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};

/// The statements that the store has sent, as its log of them tells.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<BTreeSet<String>>>);

impl<S: tracing::Subscriber> Layer<S> for Heard {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "store::sql" {
            event.record(&mut self.clone());
        }
    }
}

impl Visit for Heard {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "statement" {
            // SQLite gets those together that need not be sent one by one.
            let each = value.split(";\n").map(str::to_owned);
            self.0.lock().unwrap().extend(each);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

/// The database behind the store's back, on one connection.
async fn raw(house: &House) -> DatabaseConnection {
    let file = format!("sqlite://{}", house.folder.path().join("openclawssy.db").display());
    let mut options = ConnectOptions::new(database(house.folder.path()).unwrap_or(file));
    options.max_connections(1).sqlx_logging(false);
    sea_orm::Database::connect(options).await.unwrap()
}

/// Everything that pages, streams and the API read.
async fn read(house: &House, run: RunId) {
    let House { store, owner, .. } = house;
    let view = store.run(*owner, run).await.unwrap();
    let (agent, name) = (view.agent_id, PromptName::Soul);
    store.prompt_documents(agent).await.unwrap();
    store.prompt_document(agent, name, Some(1)).await.unwrap();
    store.prompt_versions(agent, name).await.unwrap();
    let limit = Limit::default();
    let all = RunFilter::default;
    let some = RunFilter {
        status: Some(RunStatus::Done),
        agent_id: Some(view.agent_id),
        source: Some(Channel::Api),
        session_id: Some(view.session_id),
    };
    let some_agent = some.agent_id;
    let filters = [
        all(),
        RunFilter { status: some.status, ..all() },
        RunFilter { agent_id: some.agent_id, ..all() },
        RunFilter { source: some.source, ..all() },
        RunFilter { session_id: some.session_id, ..all() },
        RunFilter { status: some.status, source: some.source, ..all() },
        some,
    ];
    for filter in filters {
        let page = store.runs(*owner, &filter, limit, None).await.unwrap();
        store.runs(*owner, &filter, limit, page.next_cursor.as_deref()).await.unwrap();
    }
    for agent_id in [None, some_agent] {
        for state in [SessionState::Active, SessionState::Archived] {
            let filter = SessionFilter { state, agent_id };
            let page = store.sessions(*owner, filter, limit, None).await.unwrap();
            let next = page.next_cursor.as_deref();
            store.sessions(*owner, filter, limit, next).await.unwrap();
        }
        let filter = SessionFilter { agent_id, ..SessionFilter::default() };
        let wanted = SearchText::parse("folder \"the folder\"").unwrap();
        store.search(*owner, &wanted, filter, limit, None).await.unwrap();
    }
    store.agents().await.unwrap();
    store.agent_use(view.agent_id, None).await.unwrap();
    store.agent_use(view.agent_id, Some(*owner)).await.unwrap();
    store.last_used_agent(*owner).await.unwrap();
    store.settings().await.unwrap();
    store.providers().await.unwrap();
    store.session(*owner, view.session_id).await.unwrap();
    store.messages(*owner, view.session_id, limit, None).await.unwrap();
    store.overview(*owner, WIDE).await.unwrap();
    store.position().await.unwrap();
    store.events_after(run, 3, 200).await.unwrap();
    store.session_events_after(view.session_id, 3, 200).await.unwrap();
    store.list_events_after(*owner, 3, 200).await.unwrap();
    store.open_step(run, 5).await.unwrap();
    store.events_of(&[run], &[run]).await.unwrap();
    store.load().await.unwrap();
    store.root(run).await.unwrap();
    store.tree_use(run).await.unwrap();
    store.run_status(run).await.unwrap();
    store.queue_figures().await.unwrap();
    store.cancel_requests().await.unwrap();
    for status in [None, Some(ApprovalStatus::Waiting)] {
        let page = store.approvals(*owner, status, limit, None).await.unwrap();
        let next = page.items.first().map(|asked| asked.id);
        store.approvals(*owner, status, limit, page.next_cursor.as_deref()).await.unwrap();
        store.approval(*owner, next.unwrap()).await.unwrap();
    }
    store.approval_of(CallId::from_uuid(store.clock().uuid()), "t", "{}").await.unwrap();
    store.questions(*owner).await.unwrap();
    store.pending(*owner, view.session_id).await.unwrap();
    records(house, run).await;
    store.cleaning().await.unwrap();
    store.tables(&Retention::default()).await.unwrap();
}

/// The record of decisions, with every filter alone and with all together.
async fn records(house: &House, run: RunId) {
    let House { store, owner, agent, clock, .. } = house;
    let any = AuditFilter::default;
    let all = AuditFilter {
        tool: Some("t".into()),
        agent_id: Some(*agent),
        kind: Some(AuditKind::Ran),
        run_id: Some(run),
        since: Some(clock.now()),
        until: Some(clock.now()),
    };
    let filters = [
        any(),
        AuditFilter { tool: all.tool.clone(), ..any() },
        AuditFilter { agent_id: all.agent_id, ..any() },
        AuditFilter { kind: all.kind, ..any() },
        AuditFilter { run_id: all.run_id, ..any() },
        AuditFilter { since: all.since, ..any() },
        AuditFilter { until: all.until, kind: all.kind, ..any() },
        all,
    ];
    for filter in filters {
        for of in [None, Some(*owner)] {
            store.audit(of, &filter, Limit::default(), None).await.unwrap();
        }
    }
    store.check_audit().await.unwrap();
    store.audit_check().await.unwrap();
    store.grants(*agent).await.unwrap();
    for agent in [None, Some(*agent)] {
        store.past_calls(agent, clock.now(), Limit::default(), None).await.unwrap();
    }
}

/// Puts a run into a wait for an answer, which it has half a second to come.
async fn asked(house: &House, run: &ClaimedRun) {
    let pause = Pause::Approval {
        step: 1,
        tool_call_id: CallId::from_uuid(house.clock.uuid()),
        tool: "t".into(),
        arguments: "{}".into(),
        reason: "r".into(),
        expires_at: house.clock.now() + Duration::from_millis(500),
    };
    house.store.pause(run, pause).await.unwrap();
}

/// What a worker does with a run.
async fn work(house: &House, store: &Store) {
    let (_, session) = house.submit(None, "one more").await;
    house.submit(Some(session), "and one that waits").await;
    let run = house.claim().await;
    store.history(&run, 50).await.unwrap();
    house.deliver(Some(session), "to be heard", Delivery::Steer).await;
    store.hear(&run, 1).await.unwrap();
    house.deliver(Some(session), "never heard", Delivery::Steer).await;
    asked(house, &run).await;
    house.pass(Duration::from_secs(1));
    store.expire_approvals().await.unwrap();
    let run = house.claim().await;
    asked(house, &run).await;
    let waiting = Some(ApprovalStatus::Waiting);
    let page = store.approvals(house.owner, waiting, Limit::default(), None).await.unwrap();
    let id = page.items[0].id;
    store.answer_approval(house.owner, id, domain::Verdict::Deny, None).await.unwrap();
    let run = house.claim().await;
    let begin = async |whom| {
        let call = CallId::from_uuid(store.clock().uuid());
        let new = NewChild { parent: run.clone(), call, whom, message: "m".into() };
        match store.begin_child(new, house::LEASE).await.unwrap() {
            Begun::Started(child) => child,
            other => panic!("{other:?}"),
        }
    };
    let child = begin(Whom::Agent(house.agent)).await;
    store.end(&child, Ending::done()).await.unwrap();
    begin(Whom::Session(child.session_id)).await;
    store.heartbeat(house::LEASE).await.unwrap();
    let terms = vec![(GrantOrigin::Person, Profile::Full.terms().remove(0))];
    let granted = store.grant(house.agent, terms, Instead::OfProfiles, house.owner).await;
    let Granting::Held(made) = granted.unwrap() else { panic!("there is room") };
    store.remove_grant(house.agent, made[0].id, house.owner).await.unwrap();
    store.end(&run, Ending::done()).await.unwrap();
    store.recover().await.unwrap();
    let kept = Retention { sessions_days: Some(0), ..Retention::default() };
    let later = store.clock().now() + std::time::Duration::from_secs(100 * 24 * 3600);
    store.clean_step(later, &kept).await.unwrap();
    store.delete_session(house.owner, session).await.unwrap();
}

#[tokio::test]
async fn every_statement_goes_by_an_index() {
    let house = house().await;
    let database = raw(&house).await;
    seed::seed(&database, seed::SMALL, house.clock.now().as_millisecond()).await;
    if database.get_database_backend() == DbBackend::Postgres {
        // So few rows are read at once for less; the question is whether there
        // is an index to go by when there are many.
        database.execute_unprepared("SET enable_seqscan = off").await.unwrap();
        // SQLite is not told how much there is, since nobody tells it in use.
        database.execute_unprepared("ANALYZE").await.unwrap();
    }
    let newest = house.store.runs(house.owner, &RunFilter::default(), Limit::default(), None).await;
    let newest = newest.unwrap().items[0].id;

    // There is one question of each kind.
    for verdict in [None, Some(domain::Verdict::Approve)] {
        house.submit(None, "clean up").await;
        let run = house.claim().await;
        asked(&house, &run).await;
        let page = house.store.approvals(house.owner, None, Limit::default(), None).await.unwrap();
        if let Some(verdict) = verdict {
            let id = page.items[0].id;
            house.store.answer_approval(house.owner, id, verdict, None).await.unwrap();
            let run = house.claim().await;
            house.store.end(&run, Ending::done()).await.unwrap();
        }
    }

    let heard = Heard::default();
    let listening =
        tracing::subscriber::set_default(tracing_subscriber::registry().with(heard.clone()));
    read(&house, newest).await;
    let reads = std::mem::take(&mut *heard.0.lock().unwrap());
    work(&house, &house.store).await;
    drop(listening);
    let writes = std::mem::take(&mut *heard.0.lock().unwrap());
    assert!(reads.len() > 20 && writes.len() > 20, "{} and {}", reads.len(), writes.len());

    let mut bad = Vec::new();
    for text in &reads {
        for line in plan(&database, text).await {
            if reads_all(&line) || sorts(&line) {
                bad.push(format!("{line}\n    in {text}"));
            }
        }
    }
    for text in &writes {
        for line in plan(&database, text).await {
            if reads_all(&line) {
                bad.push(format!("{line}\n    in {text}"));
            }
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n\n"));
}

/// The lines of a statement's plan.
async fn plan(database: &DatabaseConnection, text: &str) -> Vec<String> {
    let begins = |words: &[&str]| words.iter().any(|word| text.trim_start().starts_with(word));
    if !begins(&["SELECT", "UPDATE", "DELETE", "INSERT"]) {
        return Vec::new();
    }
    let backend = database.get_database_backend();
    if backend != DbBackend::Postgres {
        let statement = Statement::from_string(backend, format!("EXPLAIN QUERY PLAN {text}"));
        let rows = database.query_all_raw(statement).await.unwrap();
        return rows.iter().map(|row| row.try_get("", "detail").unwrap()).collect();
    }
    // Without values, as if the statement came again and again.
    let holes = (1..).take_while(|n| text.contains(&format!("${n}"))).count();
    let values = vec!["NULL"; holes].join(", ");
    let values = if holes == 0 { String::new() } else { format!("({values})") };
    let prepare = format!("SET plan_cache_mode = force_generic_plan; PREPARE p AS {text}");
    if database.execute_unprepared(&prepare).await.is_err() {
        // Its parameters have a type only by what is handed in.
        return Vec::new();
    }
    let statement = Statement::from_string(backend, format!("EXPLAIN EXECUTE p {values}"));
    let rows = database.query_all_raw(statement).await.unwrap();
    database.execute_unprepared("DEALLOCATE p").await.unwrap();
    rows.iter().map(|row| row.try_get_by_index::<String>(0).unwrap()).collect()
}

/// Whether a step of a plan reads all of a table that grows with use. The
/// indexes of waiting and working runs hold no others, and those are bounded.
fn reads_all(line: &str) -> bool {
    let bounded = ["runs_queue", "runs_leased", "sessions_deleted", "runs_one_at_a_time"];
    if bounded.iter().any(|index| line.contains(index)) {
        return false;
    }
    if let Some((_, scanned)) = line.split_once("Seq Scan on ") {
        let big = [
            "runs ",
            "run_events ",
            "messages ",
            "sessions ",
            "approvals ",
            "steers ",
            "audit ",
            "grants ",
        ];
        return big.iter().any(|table| scanned.starts_with(table));
    }
    let Some(scanned) = line.strip_prefix("SCAN ") else { return false };
    if scanned.ends_with("-ROW VALUES CLAUSE") {
        // What is handed in.
        return false;
    }
    // What a statement has already cut down to a few is called so.
    let small = [
        "CONSTANT ROW",
        "few",
        "a ",
        "agents",
        "users",
        "table_sizes",
        "cleaning",
        "providers",
        // Read by what is looked for, not from end to end.
        "messages_search VIRTUAL TABLE INDEX 192:M",
        "seaql_migrations",
    ];
    !small.iter().any(|name| format!("{scanned} ").starts_with(name))
}

fn sorts(line: &str) -> bool {
    line.contains("TEMP B-TREE FOR ORDER BY")
}
