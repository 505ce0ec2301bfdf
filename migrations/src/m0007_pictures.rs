//! Pictures that people send with a message.

use sea_orm_migration::prelude::*;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0007_pictures"
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

// The bytes stand last: what comes before them is read without them.
const SCHEMA: &str = "
CREATE TABLE pictures (
    id {uuid} NOT NULL PRIMARY KEY,
    owner_id {uuid} NOT NULL REFERENCES users (id),
    session_id {uuid} NOT NULL REFERENCES sessions (id),
    run_id {uuid} NOT NULL REFERENCES runs (id),
    message_id {uuid} NOT NULL REFERENCES messages (id),
    number BIGINT NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL
        CHECK (media_type IN ('image/png', 'image/jpeg', 'image/webp', 'image/gif')),
    width BIGINT NOT NULL,
    height BIGINT NOT NULL,
    size BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    bytes {bytes} NOT NULL
);
CREATE UNIQUE INDEX pictures_by_run ON pictures (run_id, number);
CREATE INDEX pictures_by_session ON pictures (session_id);
CREATE INDEX pictures_by_message ON pictures (message_id);
";
