//! Much data, quickly: written by the database itself, for a bench and for the
//! plans of statements. Not a part of the product.

#![allow(clippy::unwrap_used, reason = "this is how a test fails")]
#![allow(dead_code, reason = "each user takes its own part")]

use domain::{CallId, Event, FinishReason, RunStatus};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use uuid::Uuid;

/// How much there is to be.
#[derive(Clone, Copy)]
pub(crate) struct Amount {
    /// Sessions, spread over all people; the first holds a tenth of all runs.
    pub(crate) sessions: u32,
    /// Runs, one a minute until now.
    pub(crate) runs: u32,
    /// Messages of each run.
    pub(crate) messages: u32,
    /// Steps of each run, of ten events each.
    pub(crate) steps: u32,
}

/// 100,000 messages, 20,000 runs, and about a million events.
pub(crate) const BUSY_TEAM: Amount =
    Amount { sessions: 2_000, runs: 20_000, messages: 5, steps: 5 };

/// Enough that a plan which reads all of a table would show.
pub(crate) const SMALL: Amount = Amount { sessions: 40, runs: 1_000, messages: 2, steps: 1 };

/// Writes sessions, runs, messages and events for the people and the first agent
/// that are there, and three people more.
pub(crate) async fn seed(connection: &DatabaseConnection, amount: Amount, now: i64) {
    let words = Words(connection.get_database_backend());
    let run = async |text: String| {
        connection.execute_unprepared(&text).await.unwrap();
    };
    let Amount { sessions, runs, messages, .. } = amount;
    let start = now - i64::from(runs) * 60_000;
    run(format!(
        "{} INSERT INTO users (id, name, password_hash, role, created_at)
        SELECT {}, 'person-' || i, 'x', 'member', {start} + i FROM n",
        Words::numbers(3),
        words.uuid(start, 1),
    ))
    .await;
    run("CREATE TABLE seed_people AS
        SELECT ROW_NUMBER() OVER (ORDER BY created_at, id) - 1 AS place, id FROM users"
        .to_owned())
    .await;
    run(format!(
        "{} INSERT INTO sessions (id, owner_id, agent_id, channel, title, created_at, updated_at)
        SELECT {}, p.id, (SELECT id FROM agents ORDER BY created_at LIMIT 1),
            CASE i % 3 WHEN 0 THEN 'api' ELSE 'dashboard' END, 'Session ' || i || ' on 那🙂é',
            {start} + i, {start} + i * 60000
        FROM n JOIN seed_people p ON p.place = (i - 1) % (SELECT COUNT(*) FROM seed_people)",
        Words::numbers(sessions),
        words.uuid(start, 2),
    ))
    .await;
    run("CREATE TABLE seed_sessions AS
        SELECT ROW_NUMBER() OVER (ORDER BY created_at, id) - 1 AS place, id, owner_id, agent_id
        FROM sessions WHERE title LIKE 'Session %'"
        .to_owned())
    .await;
    run("CREATE INDEX seed_places ON seed_sessions (place)".to_owned()).await;
    let events = events(amount.steps);
    run(format!(
        "{} INSERT INTO runs (id, owner_id, session_id, agent_id, source, status, message, answer,
            last_seq, model, steps, calls, input_tokens, output_tokens, last_summary,
            error_code, error_message, created_at, started_at, ended_at)
        SELECT {}, s.owner_id, s.id, s.agent_id, CASE i % 3 WHEN 0 THEN 'api' ELSE 'dashboard' END,
            CASE i % 50 WHEN 0 THEN 'failed' WHEN 1 THEN 'cancelled' ELSE 'done' END,
            'Question ' || i || ': where did the zebra go?', 'Answer ' || i || ': to the river.',
            {}, 'demo/guide', {}, {}, 1200, 80, '2 entries',
            CASE i % 50 WHEN 0 THEN 'provider.error' END,
            CASE i % 50 WHEN 0 THEN 'The provider did not answer.' END,
            {start} + i * 60000, {start} + i * 60000 + 10, {start} + i * 60000 + 900
        FROM n JOIN seed_sessions s
            ON s.place = CASE i % 10 WHEN 0 THEN 0 ELSE i % {sessions} END",
        Words::numbers(runs),
        words.uuid(start, 3),
        events.len(),
        amount.steps,
        amount.steps,
    ))
    .await;
    run(format!(
        "{} INSERT INTO messages (id, owner_id, session_id, run_id, role, content, created_at)
        SELECT {}, r.owner_id, r.session_id, r.id,
            CASE n.i % 2 WHEN 1 THEN 'user' ELSE 'assistant' END,
            'The ' || CASE r.ordinal % 7 WHEN 0 THEN 'zebra' WHEN 1 THEN 'marmalade'
                WHEN 2 THEN 'naïve café' ELSE 'river' END
                || ' of run ' || r.ordinal || ', said ' || n.i || ' times, 那🙂é.',
            r.created_at + n.i
        FROM runs r CROSS JOIN n",
        Words::numbers(messages),
        words.uuid_of(&format!("{start} + r.ordinal"), 4, &format!("r.ordinal * {messages} + n.i")),
    ))
    .await;
    run(
        "CREATE TABLE seed_events (seq BIGINT NOT NULL, kind TEXT NOT NULL, payload TEXT NOT NULL)"
            .to_owned(),
    )
    .await;
    for (seq, event) in events.iter().enumerate() {
        let payload = serde_json::to_string(event).unwrap().replace('\'', "''");
        let kind = event.kind().as_str();
        run(format!("INSERT INTO seed_events VALUES ({}, '{kind}', '{payload}')", seq + 1)).await;
    }
    run("INSERT INTO run_events (run_id, seq, session_id, owner_id, kind, payload, created_at)
        SELECT r.id, e.seq, r.session_id, r.owner_id, e.kind, e.payload, r.created_at + e.seq
        FROM runs r CROSS JOIN seed_events e WHERE r.last_seq = (SELECT COUNT(*) FROM seed_events)
        ORDER BY r.ordinal, e.seq"
        .to_owned())
    .await;
    run("UPDATE sessions SET updated_at = COALESCE(
        (SELECT MAX(ended_at) FROM runs WHERE session_id = sessions.id), updated_at)"
        .to_owned())
    .await;
    for table in ["seed_people", "seed_sessions", "seed_events"] {
        run(format!("DROP TABLE {table}")).await;
    }
}

/// The log of a run with so many steps.
fn events(steps: u32) -> Vec<Event> {
    let mut events = vec![
        Event::RunStatus { status: RunStatus::Queued },
        Event::RunStatus { status: RunStatus::Running },
    ];
    for step in 1..=steps {
        let text = |text: &str| Event::TextDelta { step, text: text.into() };
        let id = CallId::from_uuid(Uuid::from_u128(u128::from(step)));
        events.push(Event::StepStart { step, model: "demo/guide".into() });
        events.extend([text("I look "), text("into "), text("the **folder** "), text("那🙂é.")]);
        events.push(Event::Usage {
            step,
            input_tokens: 240,
            output_tokens: 16,
            cached_tokens: 0,
            cost: None,
        });
        events.push(Event::StepEnd {
            step,
            text: "I look into the **folder** 那🙂é.".into(),
            finish: FinishReason::ToolCalls,
            thinking: None,
            raw: None,
            carried: None,
            duration_ms: 80,
        });
        events.push(Event::ToolStart {
            step,
            tool_call_id: id,
            wire_id: format!("c{step}"),
            tool: "fs.list".into(),
            arguments: r#"{"path":"."}"#.into(),
            repair: None,
            allowed_by: None,
        });
        events.push(Event::ToolEnd {
            step,
            tool_call_id: id,
            tool: "fs.list".into(),
            summary: "2 entries".into(),
            output: "notes.txt\nnaïve café.md".into(),
            error_code: None,
            duration_ms: 3,
            reused_from: None,
            taint: None,
        });
    }
    events.push(Event::RunEnd { status: RunStatus::Done, error: None });
    events
}

/// What the two databases say differently.
struct Words(DbBackend);

impl Words {
    fn numbers(to: u32) -> String {
        format!("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {to})")
    }

    /// An id of version 7 for each `i`, a millisecond apart.
    fn uuid(&self, start: i64, kind: u32) -> String {
        self.uuid_of(&format!("{start} + i"), kind, "i")
    }

    fn uuid_of(&self, ms: &str, kind: u32, number: &str) -> String {
        match self.0 {
            DbBackend::Postgres => format!(
                "CAST(LPAD(TO_HEX({ms}), 12, '0') || '7{kind:03}8' || LPAD(TO_HEX({number}), 15, '0') AS UUID)"
            ),
            _ => format!("UNHEX(PRINTF('%012x7{kind:03}8%015x', {ms}, {number}))"),
        }
    }
}

/// One number out of the database.
pub(crate) async fn number(connection: &DatabaseConnection, text: &str) -> i64 {
    let statement = Statement::from_string(connection.get_database_backend(), text);
    let row = connection.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}
