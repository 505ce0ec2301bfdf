//! Providers. Their keys come and go sealed.

use domain::{ProviderForm, ProviderId, Timestamp, UserId};
use sea_orm::{ConnectionTrait, QueryResult, Value};

use crate::connection::Durability;
use crate::link::Tx;
use crate::row::{at, get, ms, sql, word};
use crate::{Change, Error, Result, Store};

const TABLE: &str = "providers";

/// How many are read. The engine lets no more be added.
const LISTED: u32 = 100;

/// A provider to be stored.
pub struct NewProvider {
    /// Its id; the key is sealed for it.
    pub id: ProviderId,
    /// Who adds it.
    pub owner_id: UserId,
    /// Its unique name.
    pub name: String,
    /// The id of the preset it was made from.
    pub preset: String,
    /// The form that it speaks.
    pub form: ProviderForm,
    /// Where it is.
    pub base_url: String,
    /// Its key, sealed; `None` if it has none.
    pub sealed_key: Option<Vec<u8>>,
}

/// A key, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedKey {
    /// The key, sealed.
    pub bytes: Vec<u8>,
    /// When it was set.
    pub set_at: Timestamp,
}

/// A provider as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Which provider.
    pub id: ProviderId,
    /// Its unique name.
    pub name: String,
    /// The id of the preset it was made from.
    pub preset: String,
    /// The form that it speaks.
    pub form: ProviderForm,
    /// Where it is.
    pub base_url: String,
    /// Its key.
    pub key: Option<SealedKey>,
    /// The models it offered when it was last asked.
    pub models: Vec<String>,
    /// When it was last asked.
    pub models_at: Option<Timestamp>,
}

/// What is to be another about a provider.
pub struct ProviderChange {
    /// The preset.
    pub preset: String,
    /// The form that it speaks.
    pub form: ProviderForm,
    /// Where it is.
    pub base_url: String,
    /// The key: `None` leaves it, `Some(None)` takes it away.
    pub sealed_key: Option<Option<Vec<u8>>>,
}

const COLUMNS: &str =
    "id, name, preset, form, base_url, sealed_key, key_set_at, models, models_at FROM providers";

impl Store {
    /// All providers, by name.
    pub async fn providers(&self) -> Result<Vec<Provider>> {
        let text = format!("SELECT {COLUMNS} ORDER BY name LIMIT $1");
        let rows = self.reader().query_all_raw(sql(&text, [LISTED.into()])).await?;
        rows.iter().map(read).collect()
    }

    /// One provider.
    pub async fn provider(&self, name: &str) -> Result<Provider> {
        let text = format!("SELECT {COLUMNS} WHERE name = $1");
        let row = self.reader().query_one_raw(sql(&text, [name.into()])).await?;
        read(&row.ok_or(Error::NotFound("provider"))?)
    }

    /// Stores a provider; `Taken` if its name is.
    pub async fn add_provider(&self, new: NewProvider) -> Result<()> {
        let now = ms(self.clock().now());
        let text = "INSERT INTO providers (id, owner_id, name, preset, form, base_url, sealed_key,
                key_set_at, created_at, updated_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)";
        let set_at = new.sealed_key.is_some().then_some(now);
        let values: [Value; 9] = [
            new.id.as_uuid().into(),
            new.owner_id.as_uuid().into(),
            new.name.into(),
            new.preset.into(),
            new.form.as_str().into(),
            new.base_url.into(),
            new.sealed_key.into(),
            set_at.into(),
            now.into(),
        ];
        let mut write = self.write(Durability::Full).await?;
        let added = write.tx.execute_raw(sql(text, values)).await;
        added.map_err(|error| Error::taken(error, "name"))?;
        count_change(&write.tx).await?;
        write.announce(Change::Anything);
        write.commit().await
    }

    /// Changes a provider.
    pub async fn change_provider(&self, id: ProviderId, change: ProviderChange) -> Result<()> {
        let now = ms(self.clock().now());
        let mut write = self.write(Durability::Full).await?;
        let text = "UPDATE providers SET preset = $2, form = $3, base_url = $4, updated_at = $5
            WHERE id = $1";
        let values: [Value; 5] = [
            id.as_uuid().into(),
            change.preset.into(),
            change.form.as_str().into(),
            change.base_url.into(),
            now.into(),
        ];
        if write.tx.execute_raw(sql(text, values)).await?.rows_affected() == 0 {
            return Err(Error::NotFound("provider"));
        }
        if let Some(key) = change.sealed_key {
            let text = "UPDATE providers SET sealed_key = $2, key_set_at = $3 WHERE id = $1";
            let set_at = key.is_some().then_some(now);
            let values: [Value; 3] = [id.as_uuid().into(), key.into(), set_at.into()];
            write.tx.execute_raw(sql(text, values)).await?;
        }
        count_change(&write.tx).await?;
        write.announce(Change::Anything);
        write.commit().await
    }

    /// Stores which models a provider offers.
    pub async fn set_models(&self, id: ProviderId, models: &[String]) -> Result<()> {
        let list = serde_json::to_string(models)
            .map_err(|error| Error::Corrupt { table: TABLE, reason: error.to_string() })?;
        let text = "UPDATE providers SET models = $2, models_at = $3 WHERE id = $1";
        let values: [Value; 3] = [id.as_uuid().into(), list.into(), ms(self.clock().now()).into()];
        let write = self.write(Durability::Batched).await?;
        write.tx.execute_raw(sql(text, values)).await?;
        write.commit().await
    }

    /// Removes a provider, and its key with it.
    pub async fn remove_provider(&self, id: ProviderId) -> Result<()> {
        let mut write = self.write(Durability::Full).await?;
        let text = "DELETE FROM providers WHERE id = $1";
        if write.tx.execute_raw(sql(text, [id.as_uuid().into()])).await?.rows_affected() == 0 {
            return Err(Error::NotFound("provider"));
        }
        count_change(&write.tx).await?;
        write.announce(Change::Anything);
        write.commit().await
    }
}

/// Tells every process that the providers it knows are old.
async fn count_change(tx: &Tx) -> Result<()> {
    tx.execute_raw(sql("UPDATE settings SET version = version + 1 WHERE id = 1", [])).await?;
    Ok(())
}

fn read(row: &QueryResult) -> Result<Provider> {
    let sealed: Option<Vec<u8>> = get(row, "sealed_key")?;
    let set_at: Option<i64> = get(row, "key_set_at")?;
    let models: Option<String> = get(row, "models")?;
    let models_at: Option<i64> = get(row, "models_at")?;
    let key = match (sealed, set_at) {
        (Some(bytes), Some(set_at)) => Some(SealedKey { bytes, set_at: at(TABLE, set_at)? }),
        _ => None,
    };
    Ok(Provider {
        id: ProviderId::from_uuid(get(row, "id")?),
        name: get(row, "name")?,
        preset: get(row, "preset")?,
        form: word(TABLE, &get::<String>(row, "form")?)?,
        base_url: get(row, "base_url")?,
        key,
        models: match models {
            Some(list) => serde_json::from_str(&list)
                .map_err(|error| Error::Corrupt { table: TABLE, reason: error.to_string() })?,
            None => Vec::new(),
        },
        models_at: models_at.map(|ms| at(TABLE, ms)).transpose()?,
    })
}
