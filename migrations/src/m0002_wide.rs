//! Settings and providers, the life of agents and sessions, search, and what
//! keeps the tables from growing without end.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0002_wide"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::dialect::run(manager, SCHEMA).await?;
        let search = match manager.get_database_backend() {
            DbBackend::Postgres => SEARCH_POSTGRES,
            _ => SEARCH_SQLITE,
        };
        crate::dialect::run(manager, search).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("migrations only go forward; restore a backup instead".into()))
    }
}

const SCHEMA: &str = "
-- One row: what can be changed while the server runs, as JSON. The version
-- counts every change to it and to the providers.
CREATE TABLE settings (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    version BIGINT NOT NULL,
    document TEXT NOT NULL,
    updated_by {uuid} REFERENCES users (id),
    updated_at BIGINT NOT NULL
);
INSERT INTO settings (id, version, document, updated_at) VALUES (1, 1, '{}', 0);

CREATE TABLE providers (
    id {uuid} NOT NULL PRIMARY KEY,
    owner_id {uuid} NOT NULL REFERENCES users (id),
    name TEXT NOT NULL UNIQUE,
    preset TEXT NOT NULL,
    base_url TEXT NOT NULL,
    -- Encrypted; the key is on the disk of the server, not in here.
    sealed_key {bytes},
    key_set_at BIGINT,
    -- The models it offered when it was last asked, as a JSON list of names.
    models TEXT,
    models_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- A deleted agent stays as the author of its sessions; its name is free again:
-- `name` then holds its id, and `deleted_name` what it was called.
ALTER TABLE agents ADD COLUMN status TEXT NOT NULL DEFAULT 'active'
    CHECK (status IN ('active', 'disabled', 'deleted'));
ALTER TABLE agents ADD COLUMN deleted_name TEXT;
ALTER TABLE agents ADD COLUMN folder TEXT NOT NULL DEFAULT '';
ALTER TABLE agents ADD COLUMN updated_at BIGINT NOT NULL DEFAULT 0;
UPDATE agents SET folder = name, updated_at = created_at;
-- Names differ in more than case.
CREATE UNIQUE INDEX agents_name ON agents (LOWER(name));

-- A deleted session is gone for its owner at once; its rows go in small steps.
ALTER TABLE sessions ADD COLUMN state TEXT NOT NULL DEFAULT 'active'
    CHECK (state IN ('active', 'archived', 'deleted'));
ALTER TABLE sessions ADD COLUMN title_from TEXT NOT NULL DEFAULT 'message'
    CHECK (title_from IN ('message', 'exchange', 'person'));
DROP INDEX sessions_newest;
CREATE INDEX sessions_newest ON sessions (owner_id, state, updated_at, id);
CREATE INDEX sessions_deleted ON sessions (id) WHERE state = 'deleted';
CREATE INDEX sessions_of_agent ON sessions (agent_id, state, updated_at);
CREATE INDEX sessions_by_agent ON sessions (agent_id, owner_id, state, updated_at, id);
CREATE INDEX sessions_by_age ON sessions (updated_at);

-- What was cleared from the log of an ended run. From 'clearing' on nobody
-- reads its events any more, however many are left.
ALTER TABLE runs ADD COLUMN cleared TEXT NOT NULL DEFAULT 'nothing'
    CHECK (cleared IN ('nothing', 'deltas', 'clearing', 'events'));
CREATE INDEX runs_of_agent ON runs (agent_id, created_at);
CREATE INDEX runs_to_clear ON runs (cleared, ended_at) WHERE ended_at IS NOT NULL;

-- How large each table was when it was last measured, and what was cleaned.
CREATE TABLE table_sizes (
    name TEXT NOT NULL PRIMARY KEY,
    row_count BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    measured_at BIGINT NOT NULL,
    cleaned_rows BIGINT NOT NULL DEFAULT 0,
    cleaned_at BIGINT
);

-- One row: which process cleans up, and what the last clean-up did.
CREATE TABLE cleaning (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    holder {uuid},
    held_until BIGINT,
    began_at BIGINT,
    ended_at BIGINT,
    cleaned_rows BIGINT NOT NULL DEFAULT 0,
    bytes_before BIGINT NOT NULL DEFAULT 0,
    bytes_after BIGINT NOT NULL DEFAULT 0,
    CHECK ((holder IS NULL) = (held_until IS NULL))
);
INSERT INTO cleaning (id) VALUES (1);

CREATE INDEX idempotency_keys_run ON idempotency_keys (run_id);
CREATE INDEX outbox_delivered ON outbox (delivered_at) WHERE delivered_at IS NOT NULL;
";

/// The search of SQLite refers to rows by a number that must not change, so
/// messages get one. The owner is a word of each text: a search is scoped inside
/// the index.
const SEARCH_SQLITE: &str = "
CREATE TABLE messages_numbered (
    ordinal {position},
    id {uuid} NOT NULL UNIQUE,
    owner_id {uuid} NOT NULL REFERENCES users (id),
    session_id {uuid} NOT NULL REFERENCES sessions (id),
    run_id {uuid} REFERENCES runs (id),
    role TEXT NOT NULL CHECK (role IN ('user', 'assistant')),
    content TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
INSERT INTO messages_numbered (id, owner_id, session_id, run_id, role, content, created_at)
    SELECT id, owner_id, session_id, run_id, role, content, created_at FROM messages ORDER BY id;
DROP TABLE messages;
ALTER TABLE messages_numbered RENAME TO messages;
CREATE INDEX messages_by_session ON messages (session_id, id);
CREATE INDEX messages_run ON messages (run_id);

CREATE VIEW messages_searched AS
    SELECT ordinal, content, hex(owner_id) AS owner FROM messages;
CREATE VIRTUAL TABLE messages_search USING fts5 (
    content, owner, content = 'messages_searched', content_rowid = 'ordinal',
    tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO messages_search (rowid, content, owner)
    SELECT ordinal, content, owner FROM messages_searched;
CREATE TRIGGER messages_search_added AFTER INSERT ON messages BEGIN
    INSERT INTO messages_search (rowid, content, owner)
        VALUES (new.ordinal, new.content, hex(new.owner_id));
END;
CREATE TRIGGER messages_search_removed AFTER DELETE ON messages BEGIN
    INSERT INTO messages_search (messages_search, rowid, content, owner)
        VALUES ('delete', old.ordinal, old.content, hex(old.owner_id));
END;
";

/// The text is cut for the index alone: PostgreSQL refuses one of over a
/// megabyte.
const SEARCH_POSTGRES: &str = "
CREATE INDEX messages_run ON messages (run_id);
ALTER TABLE messages ADD COLUMN ordinal BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE;
CREATE INDEX messages_search ON messages
    USING GIN (to_tsvector('simple', left(content, 100000)));
";
