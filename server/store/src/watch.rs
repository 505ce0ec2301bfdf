//! Statements as they are sent: all of them in the log on request
//! (`RUST_LOG=store::sql=trace`), slow ones always. Never a value: the text of a
//! statement has none.

use std::time::Duration;

use sea_orm::DatabaseConnection;

/// From when on a statement is slow.
const SLOW: Duration = Duration::from_secs(1);

/// The connection, with its statements watched.
pub(crate) fn watched(mut connection: DatabaseConnection) -> DatabaseConnection {
    connection.set_metric_callback(|info| note(&info.statement.sql, info.elapsed));
    connection
}

/// Notes a statement that was answered.
pub(crate) fn note(statement: &str, elapsed: Duration) {
    let milliseconds = elapsed.as_millis();
    if elapsed >= SLOW {
        tracing::info!(target: "store::sql", milliseconds, statement, "a slow statement");
    } else {
        tracing::trace!(target: "store::sql", milliseconds, statement);
    }
}
