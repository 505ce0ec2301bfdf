//! The connections that read. Not a pool of sqlx: that one asks each connection
//! which comes back whether it still lives, in a task of its own, and this is
//! more work than most of the statements.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use sea_orm::sqlx::Connection;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::flush::Flush;
use super::line::{Answer, closed, send};
use crate::Error;

/// Connections that read. A clone is the same connections.
#[derive(Clone)]
pub(crate) struct Readers {
    pool: Arc<Pool>,
    /// What an answer waits for, before anybody gets it.
    flush: Option<Flush>,
}

struct Pool {
    options: SqliteConnectOptions,
    most: u32,
    room: Semaphore,
    // The one that came back last goes out first: what it read is still warm.
    free: Mutex<Vec<SqliteConnection>>,
}

/// A connection that is out. It comes back when this is dropped, also in the
/// middle of a statement: its thread gives that up when nobody wants the rows.
struct Out<'a> {
    pool: &'a Pool,
    connection: Option<SqliteConnection>,
    _permit: SemaphorePermit<'a>,
}

impl Readers {
    /// Up to so many connections, each made when it is needed. Nobody gets to
    /// read what was promised and is not on the disk yet.
    pub(super) fn new(options: SqliteConnectOptions, most: u32, flush: Flush) -> Self {
        let room = Semaphore::new(most as usize);
        let pool = Arc::new(Pool { options, most, room, free: Mutex::default() });
        Self { pool, flush: Some(flush) }
    }

    /// The same connections, whose answers do not wait for the disk.
    pub(super) fn unsettled(&self) -> Self {
        Self { pool: Arc::clone(&self.pool), flush: None }
    }

    /// Closes all, once each has come back. Nothing can be read from then on.
    pub(super) async fn close(&self) -> crate::Result<()> {
        let all = self.pool.room.acquire_many(self.pool.most).await;
        self.pool.room.close();
        drop(all);
        let free = std::mem::take(&mut *self.pool.free());
        for connection in free {
            connection.close().await.map_err(Error::connecting)?;
        }
        Ok(())
    }

    async fn send(&self, statement: Statement) -> Result<Answer, DbErr> {
        let values = statement.values.map(|values| values.0).unwrap_or_default();
        let mut out = self.pool.take().await?;
        let connection = out.connection.as_mut().ok_or_else(closed)?;
        let answer = send(connection, statement.sql, values).await?;
        drop(out);
        if let Some(flush) = &self.flush {
            flush.settle().await.map_err(not_on_disk)?;
        }
        Ok(answer)
    }
}

impl Pool {
    async fn take(&self) -> Result<Out<'_>, DbErr> {
        let permit = self.room.acquire().await.map_err(|_| closed())?;
        let free = self.free().pop();
        let connection = match free {
            Some(connection) => connection,
            None => SqliteConnection::connect_with(&self.options)
                .await
                .map_err(|error| DbErr::Conn(sea_orm::RuntimeErr::SqlxError(error.into())))?,
        };
        Ok(Out { pool: self, connection: Some(connection), _permit: permit })
    }

    fn free(&self) -> std::sync::MutexGuard<'_, Vec<SqliteConnection>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Out<'_> {
    fn drop(&mut self) {
        self.pool.free().extend(self.connection.take());
    }
}

#[async_trait]
impl ConnectionTrait for Readers {
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

fn not_on_disk(error: std::io::Error) -> DbErr {
    DbErr::Conn(sea_orm::RuntimeErr::Internal(error.to_string()))
}
