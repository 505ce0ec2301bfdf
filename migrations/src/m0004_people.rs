//! What the lists of questions and of steering are read by.

use sea_orm_migration::prelude::*;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0004_people"
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
-- Why it is asked, in one sentence.
ALTER TABLE approvals ADD COLUMN reason TEXT NOT NULL DEFAULT '';
DROP INDEX approvals_newest;
CREATE INDEX approvals_newest ON approvals (owner_id, asked_at, id);
CREATE INDEX approvals_by_status ON approvals (owner_id, status, asked_at, id);
CREATE INDEX approvals_of_session ON approvals (session_id);
CREATE INDEX steers_of_session ON steers (session_id);
DROP INDEX steers_unheard;
CREATE INDEX steers_unheard ON steers (run_id, id) WHERE heard_at IS NULL;
";
