//! Pictures that people sent with a message: rows with their bytes, so that any
//! server that works on a run has them, and they go with what they belong to.

use domain::{PictureId, PictureKind, PictureView, RunId, SessionId, Timestamp, UserId};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use uuid::Uuid;

use crate::events::placeholders;
use crate::link::Tx;
use crate::row::{count, get, ms, sql, word};
use crate::{Error, Result, Store};

const TABLE: &str = "pictures";

/// Everything but the bytes.
const COLUMNS: &str = "p.id, p.run_id, p.message_id, p.number, p.name, p.media_type, p.width,
    p.height, p.size";

/// A picture to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPicture {
    /// What its file is called.
    pub name: String,
    /// What its file is.
    pub media_type: PictureKind,
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
    /// The file.
    pub bytes: Vec<u8>,
}

/// Whose a message with pictures is.
pub(crate) struct Sent {
    pub(crate) owner: UserId,
    pub(crate) session: SessionId,
    pub(crate) run: RunId,
    pub(crate) message: Uuid,
}

impl Store {
    /// The pictures that runs were begun with, each with its run, in the order in
    /// which they were sent.
    pub async fn pictures_of(&self, runs: &[RunId]) -> Result<Vec<(RunId, PictureView)>> {
        let found = self.pictures("p.run_id", runs.iter().map(|run| run.as_uuid())).await?;
        found.iter().map(|row| Ok((RunId::from_uuid(get(row, "run_id")?), read(row)?))).collect()
    }

    /// The pictures of messages, each with the id of its message.
    pub(crate) async fn pictures_of_messages(
        &self,
        messages: impl Iterator<Item = Uuid>,
    ) -> Result<Vec<(Uuid, PictureView)>> {
        let found = self.pictures("p.message_id", messages).await?;
        found.iter().map(|row| Ok((get(row, "message_id")?, read(row)?))).collect()
    }

    /// A person's picture, with its bytes.
    pub async fn picture(&self, owner: UserId, id: PictureId) -> Result<(PictureView, Vec<u8>)> {
        let text = format!(
            "SELECT {COLUMNS}, p.bytes FROM pictures p JOIN sessions s ON s.id = p.session_id
            WHERE p.id = $1 AND p.owner_id = $2 AND s.state <> 'deleted'"
        );
        let values: [Value; 2] = [id.as_uuid().into(), owner.as_uuid().into()];
        let row = self.reader().query_one_raw(sql(&text, values)).await?;
        let row = row.ok_or(Error::NotFound("picture"))?;
        Ok((read(&row)?, get(&row, "bytes")?))
    }

    /// The bytes of a picture, whoever sent it; `None` where it is gone.
    pub async fn picture_bytes(&self, id: PictureId) -> Result<Option<Vec<u8>>> {
        let text = "SELECT bytes FROM pictures WHERE id = $1";
        let row = self.reader().query_one_raw(sql(text, [id.as_uuid().into()])).await?;
        row.map(|row| get(&row, "bytes")).transpose()
    }

    async fn pictures(
        &self,
        column: &str,
        ids: impl Iterator<Item = Uuid>,
    ) -> Result<Vec<QueryResult>> {
        let ids: Vec<Value> = ids.map(Value::from).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let text = format!(
            "SELECT {COLUMNS} FROM pictures p WHERE {column} IN ({})",
            placeholders(1, ids.len())
        );
        let mut rows = self.reader().query_all_raw(sql(&text, ids)).await?;
        // In the order in which they were sent. There are few.
        rows.sort_by_cached_key(|row| get::<i64>(row, "number").unwrap_or_default());
        Ok(rows)
    }

    /// Stores the pictures of a message, inside the write that stores it.
    pub(crate) async fn keep_pictures(
        &self,
        tx: &Tx,
        sent: &Sent,
        pictures: Vec<NewPicture>,
        now: Timestamp,
    ) -> Result<()> {
        for (number, picture) in (1_i64..).zip(pictures) {
            let text = "INSERT INTO pictures (id, owner_id, session_id, run_id, message_id, number,
                    name, media_type, width, height, size, created_at, bytes)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
            let NewPicture { name, media_type, width, height, bytes } = picture;
            let values: [Value; 13] = [
                self.clock().uuid().into(),
                sent.owner.as_uuid().into(),
                sent.session.as_uuid().into(),
                sent.run.as_uuid().into(),
                sent.message.into(),
                number.into(),
                name.into(),
                media_type.as_str().into(),
                i64::from(width).into(),
                i64::from(height).into(),
                i64::try_from(bytes.len()).unwrap_or(i64::MAX).into(),
                ms(now).into(),
                bytes.into(),
            ];
            tx.execute_raw(sql(text, values)).await?;
        }
        Ok(())
    }
}

fn read(row: &QueryResult) -> Result<PictureView> {
    let media_type: String = get(row, "media_type")?;
    Ok(PictureView {
        id: PictureId::from_uuid(get(row, "id")?),
        name: get(row, "name")?,
        media_type: word(TABLE, &media_type)?,
        width: count(TABLE, get(row, "width")?)?,
        height: count(TABLE, get(row, "height")?)?,
        bytes: count(TABLE, get(row, "size")?)?,
    })
}
