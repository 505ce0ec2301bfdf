//! A write transaction in as few ways to the connection's thread as can be: its
//! beginning goes with the first statement, its end with the last.

use async_trait::async_trait;
use sea_orm::sqlx::sqlite::SqliteConnection;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement, Value};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::flush::Flush;
use super::line::{Answer, closed, send};
use crate::connection::Durability;
use crate::{Change, Feed};

/// The one connection that writes; `None` once it is closed.
pub(crate) type Writer = Option<SqliteConnection>;

/// A write transaction. It takes the database's write lock with its first
/// statement (`IMMEDIATE`), so it never fails half-way for being late. Dropping
/// it undoes it.
pub(crate) struct Transaction(Mutex<State>);

struct State {
    /// Held to the end, by whichever task undoes it if need be.
    writer: Option<OwnedMutexGuard<Writer>>,
    stage: Stage,
    later: Vec<Statement>,
    flush: Flush,
    feed: Feed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing was sent.
    Ahead,
    Begun,
    /// The end was sent; whether it came to be is not known yet.
    Ending,
    Over,
}

impl Transaction {
    /// A transaction on the writer, whose turn it is. The feed is told of a
    /// commit that nobody waited for.
    pub(super) fn new(writer: OwnedMutexGuard<Writer>, flush: Flush, feed: Feed) -> Self {
        let (writer, later) = (Some(writer), Vec::new());
        Self(Mutex::new(State { writer, stage: Stage::Ahead, later, flush, feed }))
    }

    /// Keeps a statement for the next way.
    pub(crate) async fn later(&self, statement: Statement) -> Result<(), DbErr> {
        self.0.lock().await.later.push(statement);
        Ok(())
    }

    /// Makes it count; gives the number of the commit.
    pub(crate) async fn commit(self, durability: Durability) -> Result<u64, DbErr> {
        let mut state = self.0.into_inner();
        match durability {
            Durability::Full | Durability::Prompt => state.flush.promise(),
            Durability::Batched => {}
        }
        if state.stage == Stage::Begun || !state.later.is_empty() {
            let commit = Statement::from_string(DbBackend::Sqlite, "COMMIT");
            state.send(commit, Stage::Ending).await?;
        }
        state.stage = Stage::Over;
        // Before the next writer's turn, so that the numbers are in order.
        Ok(state.flush.count())
    }

    async fn send(&self, statement: Statement) -> Result<Answer, DbErr> {
        self.0.lock().await.send(statement, Stage::Begun).await
    }
}

impl State {
    async fn send(&mut self, statement: Statement, stage: Stage) -> Result<Answer, DbErr> {
        let mut text = String::new();
        let mut values = Vec::new();
        if self.stage == Stage::Ahead {
            text.push_str("BEGIN IMMEDIATE");
        }
        for statement in self.later.drain(..).chain([statement]) {
            join(&mut text, &mut values, statement);
        }
        // From here on there may be something to undo.
        self.stage = stage;
        let writer = self.writer.as_mut().and_then(|writer| writer.as_mut());
        send(writer.ok_or_else(closed)?, text, values).await
    }
}

/// Adds a statement to others, its values numbered after theirs.
fn join(text: &mut String, values: &mut Vec<Value>, statement: Statement) {
    if !text.is_empty() {
        text.push_str(";\n");
    }
    let before = values.len();
    let mut rest = statement.sql.as_str();
    while before > 0
        && let Some(at) = rest.find('$')
    {
        let (head, tail) = rest.split_at(at + 1);
        let digits = tail.bytes().take_while(u8::is_ascii_digit).count();
        text.push_str(head);
        match tail[..digits].parse::<usize>() {
            Ok(number) => text.push_str(&(number + before).to_string()),
            Err(_) => text.push_str(&tail[..digits]),
        }
        rest = &tail[digits..];
    }
    text.push_str(rest);
    values.extend(statement.values.into_iter().flat_map(|values| values.0));
}

impl Drop for State {
    fn drop(&mut self) {
        let stage = self.stage;
        if matches!(stage, Stage::Ahead | Stage::Over) {
            return;
        }
        let (Some(mut writer), Ok(runtime)) = (self.writer.take(), Handle::try_current()) else {
            return;
        };
        let (flush, feed) = (self.flush.clone(), self.feed.clone());
        runtime.spawn(async move {
            if let Some(connection) = writer.as_mut() {
                // An error says that there is nothing to undo any more.
                let _ = send(connection, "ROLLBACK".to_owned(), Vec::new()).await;
            }
            if stage == Stage::Ending {
                flush.count();
                feed.announce(Change::Anything);
            }
            drop(writer);
        });
    }
}

#[async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Sqlite
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.send(statement).await?.changed()
    }

    async fn execute_unprepared(&self, text: &str) -> Result<ExecResult, DbErr> {
        self.execute_raw(Statement::from_string(DbBackend::Sqlite, text)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        Ok(self.send(statement).await?.rows.into_iter().next())
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        Ok(self.send(statement).await?.rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::sql;

    #[test]
    fn values_are_numbered_through() {
        let (mut text, mut values) = ("BEGIN IMMEDIATE".to_owned(), Vec::new());
        join(&mut text, &mut values, sql("UPDATE a SET b = $1 WHERE c = $2", [1.into(), 2.into()]));
        join(&mut text, &mut values, sql("DELETE FROM d WHERE e = $1", [3.into()]));
        join(&mut text, &mut values, sql("COMMIT", []));
        let expected = "BEGIN IMMEDIATE;\nUPDATE a SET b = $1 WHERE c = $2;\n\
            DELETE FROM d WHERE e = $3;\nCOMMIT";
        assert_eq!((text.as_str(), values), (expected, vec![1.into(), 2.into(), 3.into()]));
    }
}
