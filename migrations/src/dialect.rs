//! The words of SQL that differ between the two databases.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Runs a script after filling in `{uuid}`, `{bytes}`, `{number}` and `{position}`.
///
/// `{number}` is a whole number that SQLite finds rows by without an index of its
/// own, if it is the primary key. `{position}` is a primary key that counts up and
/// never gives a number twice.
pub(crate) async fn run(manager: &SchemaManager<'_>, script: &str) -> Result<(), DbErr> {
    let (uuid, bytes, number, position) = match manager.get_database_backend() {
        DbBackend::Postgres => {
            ("UUID", "BYTEA", "BIGINT", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY")
        }
        _ => ("BLOB", "BLOB", "INTEGER", "INTEGER PRIMARY KEY AUTOINCREMENT"),
    };
    let words =
        [("{uuid}", uuid), ("{bytes}", bytes), ("{number}", number), ("{position}", position)];
    let script =
        words.iter().fold(script.to_owned(), |script, (hole, word)| script.replace(hole, word));
    manager.get_connection().execute_unprepared(&script).await.map(drop)
}
