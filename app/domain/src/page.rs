//! Lists in pages: newest first, a limit and an opaque cursor.

use serde::{Deserialize, Serialize};

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The rows of this page.
    pub items: Vec<T>,
    /// Where the next page begins; absent on the last one.
    pub next_cursor: Option<String>,
}

/// How many rows a page may hold: 1 to 200, 50 unless told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(u32);

/// A limit outside 1 to 200.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("A limit is a number from 1 to 200.")]
pub struct BadLimit;

impl Limit {
    /// The largest page, in rows.
    pub const MAX: u32 = 200;

    /// Reads a limit that a person gave.
    pub fn new(rows: u32) -> Result<Self, BadLimit> {
        if (1..=Self::MAX).contains(&rows) { Ok(Self(rows)) } else { Err(BadLimit) }
    }

    /// The number of rows.
    pub fn rows(self) -> u32 {
        self.0
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}
