//! The words of SQL that differ between the two databases.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Runs a script after filling in `{uuid}`, `{bytes}`, `{number}`,
/// `{position}` and `{new_uuid}`.
///
/// `{number}` is a whole number that SQLite finds rows by without an index of its
/// own, if it is the primary key. `{position}` is a primary key that counts up and
/// never gives a number twice.
pub(crate) async fn run(manager: &SchemaManager<'_>, script: &str) -> Result<(), DbErr> {
    let words = match manager.get_database_backend() {
        DbBackend::Postgres => [
            ("{uuid}", "UUID"),
            ("{bytes}", "BYTEA"),
            ("{number}", "BIGINT"),
            ("{position}", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"),
            ("{new_uuid}", "gen_random_uuid()"),
        ],
        _ => [
            ("{uuid}", "BLOB"),
            ("{bytes}", "BLOB"),
            ("{number}", "INTEGER"),
            ("{position}", "INTEGER PRIMARY KEY AUTOINCREMENT"),
            ("{new_uuid}", "randomblob(16)"),
        ],
    };
    let script =
        words.iter().fold(script.to_owned(), |script, (hole, word)| script.replace(hole, word));
    manager.get_connection().execute_unprepared(&script).await.map(drop)
}
