//! What the whole engine needs: agents' choices, prompt documents, budgets by
//! the day, questions to people, steering, and runs that begin other runs.

use sea_orm_migration::prelude::*;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0003_engine"
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
-- The form that a provider speaks.
ALTER TABLE providers ADD COLUMN form TEXT NOT NULL DEFAULT 'openai_chat'
    CHECK (form IN ('openai_chat', 'openai_responses', 'anthropic', 'gemini', 'ollama'));

-- What an agent's owner chose for it; NULL leaves it to the settings, or to
-- what is known of the model. Costs are in millionths of a US dollar.
ALTER TABLE agents ADD COLUMN fallbacks TEXT NOT NULL DEFAULT '[]';
ALTER TABLE agents ADD COLUMN temperature DOUBLE PRECISION;
ALTER TABLE agents ADD COLUMN max_tokens BIGINT;
ALTER TABLE agents ADD COLUMN context_window BIGINT;
ALTER TABLE agents ADD COLUMN run_tokens BIGINT;
ALTER TABLE agents ADD COLUMN run_cost BIGINT;
ALTER TABLE agents ADD COLUMN day_tokens BIGINT;
ALTER TABLE agents ADD COLUMN day_cost BIGINT;

-- Every version of every prompt document; the highest one counts.
CREATE TABLE prompt_documents (
    id {uuid} NOT NULL PRIMARY KEY,
    agent_id {uuid} NOT NULL REFERENCES agents (id),
    name TEXT NOT NULL,
    version BIGINT NOT NULL,
    content TEXT NOT NULL,
    created_by {uuid} NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    UNIQUE (agent_id, name, version)
);

-- Instructions and tools as a model was sent them, by the SHA-256 of the
-- content: most runs of an agent share one row.
CREATE TABLE prompts (
    hash {bytes} NOT NULL PRIMARY KEY,
    content TEXT NOT NULL,
    used_at BIGINT NOT NULL
);
CREATE INDEX prompts_age ON prompts (used_at);

-- What an agent used on a day, counted in days since 1970 in UTC.
CREATE TABLE usage_days (
    agent_id {uuid} NOT NULL REFERENCES agents (id),
    day BIGINT NOT NULL,
    input_tokens BIGINT NOT NULL DEFAULT 0,
    output_tokens BIGINT NOT NULL DEFAULT 0,
    cached_tokens BIGINT NOT NULL DEFAULT 0,
    cost BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (agent_id, day)
);
CREATE INDEX usage_days_age ON usage_days (day);

ALTER TABLE runs ADD COLUMN cached_tokens BIGINT NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN cost BIGINT NOT NULL DEFAULT 0;
-- The run whose call began this one, and how many stand above it.
ALTER TABLE runs ADD COLUMN parent_id {uuid} REFERENCES runs (id);
ALTER TABLE runs ADD COLUMN depth BIGINT NOT NULL DEFAULT 0;
CREATE INDEX runs_children ON runs (parent_id) WHERE parent_id IS NOT NULL;
ALTER TABLE sessions ADD COLUMN parent_run_id {uuid} REFERENCES runs (id);
CREATE INDEX sessions_of_run ON sessions (parent_run_id) WHERE parent_run_id IS NOT NULL;

-- A question to a person about one exact call, answered once.
CREATE TABLE approvals (
    id {uuid} NOT NULL PRIMARY KEY,
    run_id {uuid} NOT NULL REFERENCES runs (id),
    session_id {uuid} NOT NULL REFERENCES sessions (id),
    owner_id {uuid} NOT NULL REFERENCES users (id),
    agent_id {uuid} NOT NULL REFERENCES agents (id),
    step BIGINT NOT NULL,
    tool_call_id {uuid} NOT NULL UNIQUE,
    tool TEXT NOT NULL,
    arguments TEXT NOT NULL,
    -- SHA-256 over tool and arguments: what was approved, and nothing else.
    call_hash {bytes} NOT NULL,
    status TEXT NOT NULL
        CHECK (status IN ('waiting', 'approved', 'denied', 'expired', 'withdrawn')),
    note TEXT,
    asked_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    answered_at BIGINT,
    answered_by {uuid} REFERENCES users (id),
    CHECK ((status IN ('approved', 'denied')) = (answered_by IS NOT NULL))
);
CREATE INDEX approvals_of_run ON approvals (run_id);
CREATE INDEX approvals_newest ON approvals (owner_id, status, asked_at, id);
CREATE INDEX approvals_due ON approvals (expires_at) WHERE status = 'waiting';

-- What a person said to a run at work; its next step hears it.
CREATE TABLE steers (
    id {uuid} NOT NULL PRIMARY KEY,
    run_id {uuid} NOT NULL REFERENCES runs (id),
    session_id {uuid} NOT NULL REFERENCES sessions (id),
    owner_id {uuid} NOT NULL REFERENCES users (id),
    message TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    heard_at BIGINT
);
CREATE INDEX steers_of_run ON steers (run_id, id);
CREATE INDEX steers_unheard ON steers (run_id) WHERE heard_at IS NULL;
";
