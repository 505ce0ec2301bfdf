//! People, agents, sessions, runs and the event log.
//!
//! Times are Unix milliseconds in UTC. Ids are UUIDv7, so an index on an id is
//! an index on the time of making. Every row that belongs to somebody names
//! its owner.

use sea_orm_migration::prelude::*;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0001_first"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::dialect::run(manager, SCHEMA).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("migrations only go forward; restore a backup instead".into()))
    }
}

const SCHEMA: &str = "
CREATE TABLE users (
    id {uuid} NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('owner', 'member')),
    created_at BIGINT NOT NULL
);

CREATE TABLE login_sessions (
    token_hash {bytes} NOT NULL PRIMARY KEY,
    user_id {uuid} NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX login_sessions_user ON login_sessions (user_id, created_at);
CREATE INDEX login_sessions_expiry ON login_sessions (expires_at);

CREATE TABLE tokens (
    id {uuid} NOT NULL PRIMARY KEY,
    user_id {uuid} NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    token_hash {bytes} NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);
CREATE INDEX tokens_user ON tokens (user_id);

CREATE TABLE form_notes (
    id_hash {bytes} NOT NULL PRIMARY KEY,
    note TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX form_notes_expiry ON form_notes (expires_at);

CREATE TABLE agents (
    id {uuid} NOT NULL PRIMARY KEY,
    owner_id {uuid} NOT NULL REFERENCES users (id),
    name TEXT NOT NULL UNIQUE,
    instructions TEXT NOT NULL,
    model TEXT,
    created_at BIGINT NOT NULL
);

CREATE TABLE sessions (
    id {uuid} NOT NULL PRIMARY KEY,
    owner_id {uuid} NOT NULL REFERENCES users (id),
    agent_id {uuid} NOT NULL REFERENCES agents (id),
    channel TEXT NOT NULL
        CHECK (channel IN ('dashboard', 'api', 'cli', 'scheduler', 'discord')),
    title TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX sessions_newest ON sessions (owner_id, updated_at, id);

CREATE TABLE runs (
    ordinal {position},
    id {uuid} NOT NULL UNIQUE,
    owner_id {uuid} NOT NULL REFERENCES users (id),
    session_id {uuid} NOT NULL REFERENCES sessions (id),
    agent_id {uuid} NOT NULL REFERENCES agents (id),
    source TEXT NOT NULL
        CHECK (source IN ('dashboard', 'api', 'cli', 'scheduler', 'discord')),
    status TEXT NOT NULL
        CHECK (status IN ('queued', 'running', 'waiting_approval', 'waiting_guidance',
                          'done', 'failed', 'cancelled', 'interrupted')),
    message TEXT NOT NULL,
    answer TEXT,
    lease_owner {uuid},
    lease_until BIGINT,
    cancel_requested_at BIGINT,
    last_seq BIGINT NOT NULL DEFAULT 0,
    model TEXT,
    steps BIGINT NOT NULL DEFAULT 0,
    calls BIGINT NOT NULL DEFAULT 0,
    failed_calls BIGINT NOT NULL DEFAULT 0,
    input_tokens BIGINT NOT NULL DEFAULT 0,
    output_tokens BIGINT NOT NULL DEFAULT 0,
    last_summary TEXT,
    error_code TEXT,
    error_message TEXT,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    ended_at BIGINT,
    CHECK ((status = 'running') = (lease_owner IS NOT NULL))
);
CREATE INDEX runs_newest ON runs (owner_id, ordinal);
CREATE INDEX runs_by_status ON runs (owner_id, status, ordinal);
CREATE INDEX runs_by_agent ON runs (owner_id, agent_id, ordinal);
CREATE INDEX runs_by_source ON runs (owner_id, source, ordinal);
CREATE INDEX runs_by_session ON runs (session_id, ordinal);
CREATE INDEX runs_by_day ON runs (owner_id, created_at);
CREATE INDEX runs_queue ON runs (ordinal) WHERE status = 'queued';
CREATE INDEX runs_leased ON runs (lease_until) WHERE status = 'running';
CREATE UNIQUE INDEX runs_one_at_a_time ON runs (session_id)
    WHERE status IN ('running', 'waiting_approval', 'waiting_guidance');

CREATE TABLE messages (
    id {uuid} NOT NULL PRIMARY KEY,
    owner_id {uuid} NOT NULL REFERENCES users (id),
    session_id {uuid} NOT NULL REFERENCES sessions (id),
    run_id {uuid} REFERENCES runs (id),
    role TEXT NOT NULL CHECK (role IN ('user', 'assistant')),
    content TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX messages_by_session ON messages (session_id, id);

CREATE TABLE run_events (
    position {position},
    run_id {uuid} NOT NULL REFERENCES runs (id),
    seq BIGINT NOT NULL,
    session_id {uuid} NOT NULL,
    owner_id {uuid} NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (run_id, seq)
);
CREATE INDEX run_events_by_session ON run_events (session_id, position);
CREATE INDEX run_events_without_deltas ON run_events (run_id, seq)
    WHERE kind NOT IN ('text.delta', 'thinking.delta');

CREATE TABLE idempotency_keys (
    owner_id {uuid} NOT NULL REFERENCES users (id),
    route TEXT NOT NULL,
    key TEXT NOT NULL,
    body_hash {bytes} NOT NULL,
    run_id {uuid} NOT NULL REFERENCES runs (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (owner_id, route, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

CREATE TABLE outbox (
    id {uuid} NOT NULL PRIMARY KEY,
    owner_id {uuid} NOT NULL REFERENCES users (id),
    run_id {uuid} NOT NULL REFERENCES runs (id),
    channel TEXT NOT NULL
        CHECK (channel IN ('dashboard', 'api', 'cli', 'scheduler', 'discord')),
    destination TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('waiting', 'delivered', 'retrying', 'failed')),
    attempts BIGINT NOT NULL DEFAULT 0,
    next_attempt_at BIGINT,
    created_at BIGINT NOT NULL,
    delivered_at BIGINT,
    UNIQUE (run_id, channel, destination)
);
CREATE INDEX outbox_due ON outbox (next_attempt_at) WHERE status IN ('waiting', 'retrying');
";
