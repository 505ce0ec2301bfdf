//! Between rows and `domain` values.

use std::fmt::Display;
use std::str::FromStr;

use domain::Timestamp;
use sea_orm::{DbBackend, QueryResult, Statement, TryGetable, Value};

use crate::{Error, Result};

/// A statement with its values, `$1` onwards, which both databases read.
pub(crate) fn sql<V: IntoIterator<Item = Value>>(text: &str, values: V) -> Statement {
    Statement::from_sql_and_values(DbBackend::Sqlite, text, values)
}

/// A time as it is stored: Unix milliseconds.
pub(crate) fn ms(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// A stored time.
pub(crate) fn at(table: &'static str, ms: i64) -> Result<Timestamp> {
    Timestamp::from_millisecond(ms)
        .map_err(|error| Error::Corrupt { table, reason: error.to_string() })
}

/// A stored word of an enum.
pub(crate) fn word<T>(table: &'static str, text: &str) -> Result<T>
where
    T: FromStr,
    T::Err: Display,
{
    text.parse().map_err(|error: T::Err| Error::Corrupt { table, reason: error.to_string() })
}

/// A stored count.
pub(crate) fn count<T: TryFrom<i64>>(table: &'static str, number: i64) -> Result<T> {
    T::try_from(number)
        .map_err(|_| Error::Corrupt { table, reason: format!("{number} is out of range") })
}

/// A column of a raw row, by name.
pub(crate) fn get<T: TryGetable>(row: &QueryResult, column: &str) -> Result<T> {
    Ok(row.try_get("", column)?)
}
