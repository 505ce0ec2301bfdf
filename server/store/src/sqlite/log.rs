//! The log beside the database (WAL): folded into the database before it grows.
//!
//! For the sake of commits that wait for the disk. A file that grows takes the
//! file system's own journal along to the disk, and this costs ten times what it
//! costs to write where something was written before. So the log is written from
//! its beginning again and again.

use std::sync::Arc;

use sea_orm::ConnectionTrait;
use tokio::sync::Mutex;

use super::line::{closed, send};
use super::{BUSY_TIMEOUT, Readers, Writer};
use crate::Result;
use crate::row::sql;

/// After how many commits the log is folded into the database.
pub(super) const FOLD_AFTER: u64 = 512;

/// How long the end of a fold waits for readers, in milliseconds. Where one
/// reads for longer, the log grows on until the next.
const FOLD_WAIT: u32 = 20;

/// The log, as far as it was looked after.
pub(super) struct Log {
    writer: Arc<Mutex<Writer>>,
    readers: Readers,
    /// How many commits were written when it was last folded.
    folded: u64,
}

impl Log {
    /// The log of a database that is open.
    pub(super) fn new(writer: Arc<Mutex<Writer>>, readers: Readers) -> Self {
        Self { writer, readers, folded: 0 }
    }

    /// Does what there is to do after so many commits.
    pub(super) async fn tend(&mut self, written: u64) -> Result<()> {
        if written - self.folded >= FOLD_AFTER {
            self.folded = written;
            self.fold().await?;
        }
        Ok(())
    }

    /// Folds the log into the database: most of it beside the writer, since that
    /// takes as long as many writes; what came meanwhile in the writer's turn,
    /// so that the next write begins the log anew.
    async fn fold(&self) -> Result<()> {
        self.readers.query_one_raw(sql("PRAGMA wal_checkpoint(PASSIVE)", [])).await?;
        let mut writer = self.writer.lock().await;
        let connection = writer.as_mut().ok_or_else(closed)?;
        let rest = format!(
            "PRAGMA busy_timeout = {FOLD_WAIT};
            PRAGMA wal_checkpoint(RESTART);
            PRAGMA busy_timeout = {}",
            BUSY_TIMEOUT.as_millis()
        );
        send(connection, rest, Vec::new()).await?;
        Ok(())
    }
}
