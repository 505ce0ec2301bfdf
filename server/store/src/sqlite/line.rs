//! One way to the thread of a SQLite connection and back.

use std::time::Instant;

use futures_util::TryStreamExt;
use sea_orm::sqlx::sqlite::SqliteConnection;
use sea_orm::sqlx::{self, AssertSqlSafe, Either, Executor, SqlSafeStr};
use sea_orm::{DbErr, ExecResult, QueryResult, RuntimeErr, Value};
use sea_query_sqlx::SqlxValues;

use crate::watch;

/// What came back.
#[derive(Default)]
pub(super) struct Answer {
    /// The rows of all statements.
    pub(super) rows: Vec<QueryResult>,
    /// What the last statement changed.
    pub(super) changed: Option<ExecResult>,
}

/// Sends one or more statements, separated by semicolons, whose values are
/// numbered through. The first that fails is the last that was done.
pub(super) async fn send(
    connection: &mut SqliteConnection,
    text: String,
    values: Vec<Value>,
) -> Result<Answer, DbErr> {
    let begun = Instant::now();
    let text = AssertSqlSafe(text).into_sql_str();
    let query = sqlx::query_with(text.clone(), SqlxValues(sea_orm::sea_query::Values(values)));
    let mut answer = Answer::default();
    let mut parts = connection.fetch_many(query);
    while let Some(part) = parts.try_next().await.map_err(failed)? {
        match part {
            Either::Left(changed) => answer.changed = Some(changed.into()),
            Either::Right(row) => answer.rows.push(row.into()),
        }
    }
    watch::note(text.as_str(), begun.elapsed());
    Ok(answer)
}

impl Answer {
    /// What the last statement changed.
    pub(super) fn changed(self) -> Result<ExecResult, DbErr> {
        self.changed.ok_or_else(|| DbErr::Exec(RuntimeErr::Internal("no result".into())))
    }
}

fn failed(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}

/// The error of a connection that was closed.
pub(super) fn closed() -> DbErr {
    DbErr::Conn(RuntimeErr::Internal("the database is closed".into()))
}
