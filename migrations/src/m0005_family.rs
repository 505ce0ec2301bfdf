//! Runs that runs begin: the call that each answers, and lists without their
//! sessions.

use sea_orm_migration::prelude::*;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0005_family"
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
-- The call of the run above that this run answers.
ALTER TABLE runs ADD COLUMN parent_call_id {uuid};

-- Sessions that runs began are reached through those runs, not through lists.
DROP INDEX sessions_newest;
CREATE INDEX sessions_newest ON sessions (owner_id, state, updated_at, id)
    WHERE parent_run_id IS NULL;
DROP INDEX sessions_by_agent;
CREATE INDEX sessions_by_agent ON sessions (agent_id, owner_id, state, updated_at, id)
    WHERE parent_run_id IS NULL;
";
