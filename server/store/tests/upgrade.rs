//! A database of any earlier version comes up to date with everything in it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod house;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use domain::{Channel, Delivery, Limit, RunFilter, RunStatus, UserName};
use house::{WIDE, clock, database, open};
use migrations::Migrator;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use sea_orm_migration::MigratorTrait;
use store::{Backend, NewRun, Store, Submitted};

/// One file for each migration: rows as they lay in its schema. Each adds to the
/// one before it.
const FIXTURES: &[(&str, &str)] = &[
    ("m0001_first", include_str!("fixtures/m0001_first.sql")),
    ("m0002_wide", include_str!("fixtures/m0002_wide.sql")),
    ("m0003_engine", include_str!("fixtures/m0003_engine.sql")),
    ("m0004_people", include_str!("fixtures/m0004_people.sql")),
    ("m0005_family", include_str!("fixtures/m0005_family.sql")),
    ("m0006_policy", include_str!("fixtures/m0006_policy.sql")),
    ("m0007_pictures", include_str!("fixtures/m0007_pictures.sql")),
];

/// An empty database in a folder, behind the store's back.
async fn empty(folder: &Path) -> DatabaseConnection {
    let file = format!("sqlite://{}?mode=rwc", folder.join("openclawssy.db").display());
    let Some(url) = database(folder) else {
        return sea_orm::Database::connect(file).await.unwrap();
    };
    let (server, name) = url.rsplit_once('/').unwrap();
    let hall = sea_orm::Database::connect(format!("{server}/postgres")).await.unwrap();
    hall.execute_unprepared(&format!("CREATE DATABASE \"{name}\"")).await.unwrap();
    hall.close().await.unwrap();
    sea_orm::Database::connect(url).await.unwrap()
}

/// A database as it was after so many migrations.
async fn load(folder: &Path, migrations: usize) -> DatabaseConnection {
    let connection = empty(folder).await;
    for (n, (_, text)) in FIXTURES.iter().take(migrations).enumerate() {
        if !text.contains("CREATE TABLE") {
            let steps = u32::try_from(n).unwrap() + 1 - applied(&connection).await;
            Migrator::up(&connection, Some(steps)).await.unwrap();
        }
        let text = dialect(text, connection.get_database_backend());
        connection.execute_unprepared(&text).await.unwrap();
    }
    connection
}

async fn applied(connection: &DatabaseConnection) -> u32 {
    u32::try_from(Migrator::get_migration_models(connection).await.unwrap().len()).unwrap()
}

fn dialect(text: &str, backend: DbBackend) -> String {
    let words: [(&str, &str); 4] = match backend {
        DbBackend::Postgres => [
            ("{uuid}", "UUID"),
            ("{bytes}", "BYTEA"),
            ("{position}", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"),
            ("id'", "UUID '"),
        ],
        _ => [
            ("{uuid}", "BLOB"),
            ("{bytes}", "BLOB"),
            ("{position}", "INTEGER PRIMARY KEY AUTOINCREMENT"),
            ("id'", "x'"),
        ],
    };
    let bytes = if backend == DbBackend::Postgres { "BYTEA '\\x" } else { "x'" };
    let text = words.iter().fold(text.to_owned(), |text, (from, to)| {
        // A literal stands after a bracket or a blank, never inside a text.
        match *from {
            "id'" => text.replace(" id'", &format!(" {to}")).replace("(id'", &format!("({to}")),
            _ => text.replace(from, to),
        }
    });
    text.replace(" bytes'", &format!(" {bytes}")).replace("(bytes'", &format!("({bytes}"))
}

async fn texts(connection: &DatabaseConnection, text: &str) -> Vec<String> {
    let backend = connection.get_database_backend();
    let rows = connection.query_all_raw(Statement::from_string(backend, text)).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

async fn number(connection: &DatabaseConnection, text: &str) -> i64 {
    let statement = Statement::from_string(connection.get_database_backend(), text);
    let row = connection.query_one_raw(statement).await.unwrap();
    row.unwrap().try_get_by_index(0).unwrap()
}

/// How many rows each table holds.
async fn counts(connection: &DatabaseConnection) -> BTreeMap<String, i64> {
    let mut counts = BTreeMap::new();
    for table in texts(connection, tables(connection)).await {
        let rows = number(connection, &format!("SELECT COUNT(*) FROM {table}")).await;
        counts.insert(table, rows);
    }
    counts.remove("seaql_migrations");
    counts
}

fn tables(connection: &DatabaseConnection) -> &'static str {
    match connection.get_database_backend() {
        DbBackend::Postgres => {
            "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = current_schema()"
        }
        _ => {
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'
            AND name NOT LIKE '%search%'"
        }
    }
}

/// Everything that a schema consists of, in words.
async fn schema(connection: &DatabaseConnection) -> BTreeSet<String> {
    let parts: &[&str] = match connection.get_database_backend() {
        DbBackend::Postgres => &[
            "SELECT CAST(table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable
                || ' ' || COALESCE(column_default, '') || ' ' || is_identity AS TEXT)
            FROM information_schema.columns WHERE table_schema = current_schema()",
            "SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema()",
            "SELECT CAST(conrelid AS regclass)::TEXT || ' ' || conname || ' '
                || pg_get_constraintdef(oid) FROM pg_constraint
            WHERE connamespace = CAST(current_schema() AS regnamespace) AND conrelid <> 0",
        ],
        _ => &["SELECT type || ' ' || name || ' ' || COALESCE(sql, '') FROM sqlite_schema"],
    };
    let mut all = BTreeSet::new();
    for part in parts {
        let found = texts(connection, part).await.into_iter();
        // Not what the migrator made for itself: its form is not ours.
        let ours = found.filter(|text| !text.contains("seaql_migrations"));
        all.extend(ours.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")));
    }
    assert!(all.len() > 30, "{all:?}");
    all
}

#[test]
fn every_migration_has_a_fixture() {
    let known: Vec<_> = FIXTURES.iter().map(|(name, _)| (*name).to_owned()).collect();
    let migrations: Vec<_> =
        Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect();
    assert_eq!(known, migrations, "add rows for the new schema to tests/fixtures");
}

#[tokio::test]
async fn a_released_schema_stays_as_it_was() {
    let (fixed, made) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let fixed = load(fixed.path(), 1).await;
    let made = empty(made.path()).await;
    Migrator::up(&made, Some(1)).await.unwrap();
    assert_eq!(schema(&fixed).await, schema(&made).await);
}

#[tokio::test]
async fn a_fresh_and_an_upgraded_schema_are_equal() {
    let folder = tempfile::tempdir().unwrap();
    let fresh = empty(folder.path()).await;
    Migrator::up(&fresh, None).await.unwrap();
    let fresh = schema(&fresh).await;
    for migrations in 1..=FIXTURES.len() {
        let folder = tempfile::tempdir().unwrap();
        let connection = load(folder.path(), migrations).await;
        let store = open(folder.path(), &clock()).await.unwrap();
        assert_eq!(schema(&connection).await, fresh, "from {migrations}");
        store.close().await.unwrap();
    }
}

#[tokio::test]
async fn every_row_of_an_older_database_is_there_and_work_goes_on() {
    for migrations in 1..=FIXTURES.len() {
        let folder = tempfile::tempdir().unwrap();
        let connection = load(folder.path(), migrations).await;
        let before = counts(&connection).await;
        let clock = clock();
        let store = open(folder.path(), &clock).await.unwrap();
        let mut after = counts(&connection).await;
        after.retain(|table, _| before.contains_key(table));
        assert_eq!(after, before, "from {migrations}");
        assert!(before["run_events"] > 60 && before["messages"] > 10, "{before:?}");
        if store.backend() == Backend::Sqlite {
            // Free pages are given back in steps from now on.
            assert_eq!(number(&connection, "PRAGMA auto_vacuum").await, 2);
        }
        reads(&store).await;
        finds(&connection).await;
        works(&store).await;
        store.close().await.unwrap();
    }
}

/// Every run, message and event becomes a value of the product.
async fn reads(store: &Store) {
    let mut seen = BTreeSet::new();
    for name in ["ada", "grace"] {
        let user = store.user_by_name(&UserName::parse(name).unwrap()).await.unwrap().unwrap();
        let runs =
            store.runs(user.id, &RunFilter::default(), Limit::default(), None).await.unwrap();
        for run in runs.items {
            seen.insert(run.status);
            let events = store.events_of(&[], &[run.id]).await.unwrap();
            assert!(events.len() as u64 <= run.last_seq, "{run:?}");
            assert_eq!(events.last().unwrap().seq, run.last_seq, "{run:?}");
            let messages = store.messages(user.id, run.session_id, Limit::default(), None).await;
            let messages = messages.unwrap().items;
            assert!(messages.iter().any(|message| message.content == run.message), "{run:?}");
        }
    }
    assert_eq!(seen.len(), RunStatus::ALL.len(), "a run in each state: {seen:?}");
}

/// The search knows what was said before there was one.
async fn finds(connection: &DatabaseConnection) {
    let text = match connection.get_database_backend() {
        DbBackend::Postgres => {
            "SELECT content FROM messages WHERE to_tsvector('simple', left(content, 100000))
            @@ to_tsquery('simple', 'marmalade') ORDER BY id"
        }
        _ => "SELECT content FROM messages_search WHERE content MATCH 'marmalade' ORDER BY rowid",
    };
    let found = texts(connection, text).await;
    assert_eq!(found, ["Résumé the marmalade", "Marmalade it is. 🙂"]);
}

/// What the older version left at work is ended, and a new message is taken in.
async fn works(store: &Store) {
    assert_eq!(store.recover().await.unwrap(), 1);
    let grace = store.user_by_name(&UserName::parse("grace").unwrap()).await.unwrap().unwrap();
    let runs = store.runs(grace.id, &RunFilter::default(), Limit::default(), None).await.unwrap();
    let old = runs.items.iter().find(|run| run.status == RunStatus::Interrupted).unwrap();
    let new = NewRun {
        owner_id: grace.id,
        session_id: Some(old.session_id),
        agent_id: old.agent_id,
        title: String::new(),
        source: Channel::Api,
        message: "and now?".into(),
        pictures: Vec::new(),
        delivery: Delivery::Queue,
        idempotency: None,
    };
    let submitted = store.submit(new, WIDE).await.unwrap();
    assert!(matches!(submitted, Submitted::Accepted { .. }), "{submitted:?}");
}
