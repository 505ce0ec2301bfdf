//! The words of SQL that differ between the two databases.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Runs a script after filling in `{uuid}`, `{bytes}` and `{position}`.
///
/// `{position}` is a primary key that counts up and never gives a number twice.
pub(crate) async fn run(manager: &SchemaManager<'_>, script: &str) -> Result<(), DbErr> {
    let (uuid, bytes, position) = match manager.get_database_backend() {
        DbBackend::Postgres => ("UUID", "BYTEA", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"),
        _ => ("BLOB", "BLOB", "INTEGER PRIMARY KEY AUTOINCREMENT"),
    };
    let script =
        script.replace("{uuid}", uuid).replace("{bytes}", bytes).replace("{position}", position);
    manager.get_connection().execute_unprepared(&script).await.map(drop)
}
