//! The settings document: one row.

use domain::{Settings, UserId};
use sea_orm::{ConnectionTrait, QueryResult};

use crate::connection::Durability;
use crate::row::{count, get, ms, sql};
use crate::{Change, Error, Result, Store};

const TABLE: &str = "settings";

/// The settings as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSettings {
    /// Counts every change to the settings and to the providers.
    pub version: u64,
    /// The document.
    pub settings: Settings,
}

impl Store {
    /// The settings.
    pub async fn settings(&self) -> Result<StoredSettings> {
        read(self.reader().query_one_raw(sql(SELECT, [])).await?)
    }

    /// How often settings or providers were changed so far.
    pub async fn settings_version(&self) -> Result<u64> {
        let text = "SELECT version FROM settings WHERE id = 1";
        let row = self.reader().query_one_raw(sql(text, [])).await?;
        let row = row.ok_or_else(missing)?;
        count(TABLE, get(&row, "version")?)
    }

    /// Stores new settings in the place of those they were made from. `false`,
    /// and nothing stored, if others were stored in the meantime.
    pub async fn save_settings(
        &self,
        from: &Settings,
        to: &Settings,
        by: Option<UserId>,
    ) -> Result<bool> {
        let document = serde_json::to_string(to)
            .map_err(|error| Error::Corrupt { table: TABLE, reason: error.to_string() })?;
        let mut write = self.write(Durability::Full).await?;
        if read(write.tx.query_one_raw(sql(SELECT, [])).await?)?.settings != *from {
            return Ok(false);
        }
        let update = "UPDATE settings SET version = version + 1, document = $1, updated_by = $2,
            updated_at = $3 WHERE id = 1";
        let values =
            [document.into(), by.map(UserId::as_uuid).into(), ms(self.clock().now()).into()];
        write.tx.execute_raw(sql(update, values)).await?;
        write.announce(Change::Anything);
        write.commit().await?;
        Ok(true)
    }
}

const SELECT: &str = "SELECT version, document FROM settings WHERE id = 1";

fn read(row: Option<QueryResult>) -> Result<StoredSettings> {
    let row = row.ok_or_else(missing)?;
    let document: String = get(&row, "document")?;
    let settings = serde_json::from_str(&document)
        .map_err(|error| Error::Corrupt { table: TABLE, reason: error.to_string() })?;
    Ok(StoredSettings { version: count(TABLE, get(&row, "version")?)?, settings })
}

fn missing() -> Error {
    Error::Corrupt { table: TABLE, reason: "its row is gone".to_owned() }
}
