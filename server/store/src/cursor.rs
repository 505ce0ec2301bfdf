//! Opaque cursors of lists: what the last row was sorted by, as text.

use uuid::Uuid;

use crate::{Error, Result};

/// Writes the cursor of a list that is sorted by one number.
pub(crate) fn number(value: i64) -> String {
    format!("{value:x}")
}

/// Reads one back.
pub(crate) fn read_number(cursor: &str) -> Result<i64> {
    i64::from_str_radix(cursor, 16).map_err(|_| Error::BadCursor)
}

/// Writes the cursor of a list that is sorted by two numbers.
pub(crate) fn two_numbers(first: i64, second: i64) -> String {
    format!("{first:x}-{second:x}")
}

/// Reads one back.
pub(crate) fn read_two_numbers(cursor: &str) -> Result<(i64, i64)> {
    let (first, second) = cursor.split_once('-').ok_or(Error::BadCursor)?;
    Ok((read_number(first)?, read_number(second)?))
}

/// Writes the cursor of a list that is sorted by a time and an id.
pub(crate) fn time_and_id(ms: i64, id: Uuid) -> String {
    format!("{ms:x}-{}", id.simple())
}

/// Reads one back.
pub(crate) fn read_time_and_id(cursor: &str) -> Result<(i64, Uuid)> {
    let (ms, id) = cursor.split_once('-').ok_or(Error::BadCursor)?;
    let ms = i64::from_str_radix(ms, 16).map_err(|_| Error::BadCursor)?;
    Ok((ms, Uuid::try_parse(id).map_err(|_| Error::BadCursor)?))
}
