//! What agents may do, and the record of what was decided and done.

use sea_orm_migration::prelude::*;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0006_policy"
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
-- What an agent may do. A grant with a run holds for that run alone.
CREATE TABLE grants (
    id {uuid} NOT NULL PRIMARY KEY,
    agent_id {uuid} NOT NULL REFERENCES agents (id),
    tool TEXT NOT NULL,
    scope TEXT NOT NULL,
    mode TEXT NOT NULL CHECK (mode IN ('allow', 'ask', 'deny')),
    ways TEXT NOT NULL CHECK (ways IN ('attended', 'unattended', 'both')),
    origin TEXT NOT NULL,
    run_id {uuid} REFERENCES runs (id),
    created_by {uuid} NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    removed_at BIGINT,
    removed_by {uuid} REFERENCES users (id),
    CHECK ((removed_at IS NULL) = (removed_by IS NULL)),
    CHECK (run_id IS NULL OR expires_at IS NULL)
);
CREATE INDEX grants_of_agent ON grants (agent_id, created_at, id) WHERE removed_at IS NULL;
CREATE INDEX grants_of_run ON grants (run_id) WHERE run_id IS NOT NULL;
CREATE INDEX grants_expired ON grants (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX grants_removed ON grants (removed_at) WHERE removed_at IS NOT NULL;

-- The record: each row holds the hash of the one before it. It outlives what it
-- tells of, so it refers to nothing.
CREATE TABLE audit (
    seq {number} PRIMARY KEY,
    created_at BIGINT NOT NULL,
    kind TEXT NOT NULL
        CHECK (kind IN ('asked', 'allowed', 'denied', 'ran', 'reused', 'failed', 'timed_out',
                        'cut_off', 'blocked', 'approved', 'refused', 'expired', 'granted',
                        'removed', 'sandbox', 'broken')),
    actor TEXT NOT NULL CHECK (actor IN ('user', 'agent', 'system')),
    actor_id {uuid},
    owner_id {uuid},
    session_id {uuid},
    run_id {uuid},
    tool_call_id {uuid},
    agent_id {uuid},
    tool TEXT,
    class TEXT,
    rule TEXT,
    detail TEXT,
    -- SHA-256 over tool and arguments, as questions to people have it.
    arguments_hash {bytes},
    -- SHA-256 of what the model was told.
    result_hash {bytes},
    prev_hash {bytes} NOT NULL,
    hash {bytes} NOT NULL,
    CHECK ((actor = 'user') = (actor_id IS NOT NULL))
);
CREATE INDEX audit_newest ON audit (created_at, seq);
CREATE INDEX audit_by_owner ON audit (owner_id, created_at, seq);
CREATE INDEX audit_by_kind ON audit (kind, created_at, seq);
CREATE INDEX audit_by_tool ON audit (tool, created_at, seq) WHERE tool IS NOT NULL;
CREATE INDEX audit_by_agent ON audit (agent_id, created_at, seq) WHERE agent_id IS NOT NULL;
CREATE INDEX audit_by_run ON audit (run_id, created_at, seq) WHERE run_id IS NOT NULL;

-- Where the record begins and ends, signed. There is one of each at most, so an
-- older end cannot be put in the place of the newest.
CREATE TABLE audit_points (
    name TEXT NOT NULL PRIMARY KEY CHECK (name IN ('head', 'cut')),
    seq BIGINT NOT NULL,
    hash {bytes} NOT NULL,
    signed_at BIGINT NOT NULL,
    public_key {bytes} NOT NULL,
    signature {bytes} NOT NULL
);

-- What the newest check of the record found.
CREATE TABLE audit_checks (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    report TEXT NOT NULL
);

-- Calls of the past by their time.
CREATE INDEX run_events_calls ON run_events (created_at, position) WHERE kind = 'tool.start';

-- Agents that are there keep what they could do, and ask before they do what
-- they could not.
INSERT INTO grants (id, agent_id, tool, scope, mode, ways, origin, created_by, created_at)
SELECT {new_uuid}, a.id, t.tool, '\"anything\"', t.mode, 'both', '{\"profile\":\"workspace\"}',
    a.owner_id, a.created_at
FROM agents a CROSS JOIN (
    SELECT 'fs.*' AS tool, 'allow' AS mode
    UNION ALL SELECT 'code.search', 'allow'
    UNION ALL SELECT 'time.now', 'allow'
    UNION ALL SELECT 'skill.list', 'allow'
    UNION ALL SELECT 'skill.read', 'allow'
    UNION ALL SELECT 'metrics.get', 'allow'
    UNION ALL SELECT 'tool.search', 'allow'
    UNION ALL SELECT 'agent.run', 'allow'
    UNION ALL SELECT 'agent.message', 'allow'
    UNION ALL SELECT 'shell.exec', 'ask'
    UNION ALL SELECT 'http.request', 'ask'
    UNION ALL SELECT 'web.fetch', 'ask') t
WHERE a.status <> 'deleted';
";
