//! What statements are sent over, on either database: to sea-orm one
//! connection, underneath the shortest way that each database has.

use async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    QueryResult, Statement,
};

use crate::audit::Draft;
use crate::sqlite;

/// Connections that read.
pub(crate) enum Readers {
    Sqlite(sqlite::Readers),
    Postgres(DatabaseConnection),
}

/// The transaction of a write, and what it has to say to the record of decisions.
pub(crate) struct Tx {
    pub(crate) link: Link,
    pub(crate) audit: Draft,
}

/// What a transaction's statements are sent over.
pub(crate) enum Link {
    Sqlite(sqlite::Transaction),
    Postgres(DatabaseTransaction),
}

impl Tx {
    /// A transaction that has said nothing yet.
    pub(crate) fn new(link: Link) -> Self {
        Self { link, audit: Draft::default() }
    }

    /// Sends a statement whose result nobody needs. On SQLite it goes together
    /// with the next one that is sent, or with the end: every way to the
    /// connection's thread and back costs more than most statements. What is
    /// wrong with it is told there.
    pub(crate) async fn later(&self, statement: Statement) -> Result<(), DbErr> {
        match &self.link {
            Link::Sqlite(tx) => tx.later(statement).await,
            Link::Postgres(tx) => tx.execute_raw(statement).await.map(drop),
        }
    }
}

#[async_trait]
impl ConnectionTrait for Readers {
    fn get_database_backend(&self) -> DbBackend {
        match self {
            Self::Sqlite(readers) => readers.get_database_backend(),
            Self::Postgres(pool) => pool.get_database_backend(),
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match self {
            Self::Sqlite(readers) => readers.execute_raw(statement).await,
            Self::Postgres(pool) => pool.execute_raw(statement).await,
        }
    }

    async fn execute_unprepared(&self, text: &str) -> Result<ExecResult, DbErr> {
        match self {
            Self::Sqlite(readers) => readers.execute_unprepared(text).await,
            Self::Postgres(pool) => pool.execute_unprepared(text).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match self {
            Self::Sqlite(readers) => readers.query_one_raw(statement).await,
            Self::Postgres(pool) => pool.query_one_raw(statement).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match self {
            Self::Sqlite(readers) => readers.query_all_raw(statement).await,
            Self::Postgres(pool) => pool.query_all_raw(statement).await,
        }
    }
}

#[async_trait]
impl ConnectionTrait for Tx {
    fn get_database_backend(&self) -> DbBackend {
        match &self.link {
            Link::Sqlite(tx) => tx.get_database_backend(),
            Link::Postgres(tx) => tx.get_database_backend(),
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match &self.link {
            Link::Sqlite(tx) => tx.execute_raw(statement).await,
            Link::Postgres(tx) => tx.execute_raw(statement).await,
        }
    }

    async fn execute_unprepared(&self, text: &str) -> Result<ExecResult, DbErr> {
        match &self.link {
            Link::Sqlite(tx) => tx.execute_unprepared(text).await,
            Link::Postgres(tx) => tx.execute_unprepared(text).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match &self.link {
            Link::Sqlite(tx) => tx.query_one_raw(statement).await,
            Link::Postgres(tx) => tx.query_one_raw(statement).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match &self.link {
            Link::Sqlite(tx) => tx.query_all_raw(statement).await,
            Link::Postgres(tx) => tx.query_all_raw(statement).await,
        }
    }
}
