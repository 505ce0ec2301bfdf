//! What can go wrong in here, divided by what the caller can do.

use sea_orm::{DbErr, SqlErr};

/// The result of a call into the store.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a call into the store failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The row is not there, or belongs to somebody else.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// A name or key that must be unique is taken.
    #[error("that {0} is taken")]
    Taken(&'static str),
    /// What was to be changed is another by now.
    #[error("it was changed by somebody else meanwhile")]
    Stale,
    /// The run is not, or no longer, leased to this process. Whoever holds it
    /// now writes its events; the caller must stop.
    #[error("the lease on the run is lost")]
    LeaseLost,
    /// A run was to take a step between states that no run takes.
    #[error(transparent)]
    BadTransition(#[from] domain::BadTransition),
    /// A cursor that this store did not give out.
    #[error("the cursor cannot be read")]
    BadCursor,
    /// A newer version of the product has changed the database.
    #[error(
        "the database was changed by a newer version ({0}); start that version, or restore a backup"
    )]
    NewerSchema(String),
    /// A row does not hold what its table promises.
    #[error("a row of {table} does not read: {reason}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// What did not read.
        reason: String,
    },
    /// The key that signs the record of decisions cannot be used.
    #[error("the key that signs the record of decisions cannot be used")]
    AuditKey,
    /// The database itself failed.
    #[error("the database failed: {0}")]
    Database(#[source] DbErr),
    /// The database's URL is of no form that is known.
    #[error("the database's URL must begin with postgres://; without one the data folder is used")]
    DatabaseUrl,
    /// The data folder failed.
    #[error("the data folder failed: {0}")]
    Folder(#[from] std::io::Error),
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        Self::Database(error)
    }
}

impl Error {
    /// A failure of a connection that is used without sea-orm.
    pub(crate) fn connecting(error: sea_orm::sqlx::Error) -> Self {
        Self::Database(DbErr::Conn(sea_orm::RuntimeErr::SqlxError(error.into())))
    }

    /// Names what is taken, where the cause is a unique constraint.
    pub(crate) fn taken(error: DbErr, what: &'static str) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => Self::Taken(what),
            _ => Self::Database(error),
        }
    }
}
