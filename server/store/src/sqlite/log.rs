//! The log beside the database (WAL): made long before it is needed, and folded
//! into the database before it grows.
//!
//! Both for the sake of commits that wait for the disk. A file that grows takes
//! the file system's own journal along to the disk, and this costs ten times
//! what it costs to write where something was written before. So the log gets
//! its length at once, and is written from its beginning again and again.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use sea_orm::ConnectionTrait;
use tokio::sync::Mutex;

use super::line::{closed, send};
use super::{BUSY_TIMEOUT, Readers, Writer};
use crate::Result;
use crate::row::sql;

/// After how many commits the log is made long, and how long, in bytes. A
/// process that writes next to nothing goes without.
const LONG_AFTER: u64 = 16;
pub(super) const LENGTH: u64 = 16 << 20;

/// After how many commits the log is folded into the database.
const FOLD_AFTER: u64 = 512;

/// How long the end of a fold waits for readers, in milliseconds. Where one
/// reads for longer, the log grows on until the next.
const FOLD_WAIT: u32 = 20;

/// The log, as far as it was looked after.
pub(super) struct Log {
    file: Arc<File>,
    writer: Arc<Mutex<Writer>>,
    readers: Readers,
    is_long: bool,
    /// How many commits were written when it was last folded.
    folded: u64,
}

impl Log {
    /// The log of a database that is open.
    pub(super) fn new(file: Arc<File>, writer: Arc<Mutex<Writer>>, readers: Readers) -> Self {
        Self { file, writer, readers, is_long: false, folded: 0 }
    }

    /// Does what there is to do after so many commits.
    pub(super) async fn tend(&mut self, written: u64) -> Result<()> {
        if !self.is_long && written >= LONG_AFTER {
            self.is_long = true;
            self.lengthen().await?;
        }
        if written - self.folded >= FOLD_AFTER {
            self.folded = written;
            self.fold().await?;
        }
        Ok(())
    }

    /// Writes zeros behind what is in the log. To SQLite they are no frames: it
    /// reads the log to the first that is not valid
    /// (<https://www.sqlite.org/fileformat2.html#the_write_ahead_log>). Nobody
    /// in any process writes meanwhile: the writer and its lock are away with the
    /// zeros, whatever becomes of this future.
    async fn lengthen(&self) -> Result<()> {
        let mut writer = Arc::clone(&self.writer).lock_owned().await;
        let connection = writer.as_mut().ok_or_else(closed)?;
        send(connection, "BEGIN IMMEDIATE".to_owned(), Vec::new()).await?;
        let file = Arc::clone(&self.file);
        let zeros = tokio::task::spawn_blocking(move || (write_zeros(&file), writer));
        let (written, mut writer) = zeros.await.map_err(io::Error::other)?;
        let connection = writer.as_mut().ok_or_else(closed)?;
        send(connection, "ROLLBACK".to_owned(), Vec::new()).await?;
        Ok(written?)
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

fn write_zeros(file: &File) -> io::Result<()> {
    let from = file.metadata()?.len();
    let zeros = vec![0; 1 << 20];
    for at in (from..LENGTH).step_by(zeros.len()) {
        let left = usize::try_from(LENGTH - at).unwrap_or(zeros.len());
        file.write_all_at(&zeros[..left.min(zeros.len())], at)?;
    }
    Ok(())
}
