//! Login sessions, tokens and one-time form notes. Of each secret only the
//! SHA-256 is stored: whoever reads the database cannot sign in with it.

use domain::{FormNote, Timestamp, UserId};
use sea_orm::{ActiveModelTrait, EntityTrait, Set};
use sha2::{Digest, Sha256};

use crate::connection::Durability;
use crate::entity::{form_notes, login_sessions, tokens, users};
use crate::row::{ms, sql};
use crate::users::read;
use crate::{Error, Result, Store, User};
use sea_orm::ConnectionTrait;

/// How many login sessions a person may have; the oldest end beyond it.
const LOGINS_PER_USER: i64 = 32;

/// How many form notes are kept in all; the oldest go beyond it.
const NOTES: i64 = 1000;

impl Store {
    /// Stores a login session under its secret.
    pub async fn add_login(&self, secret: &str, user: UserId, expires_at: Timestamp) -> Result<()> {
        let now = ms(self.clock().now());
        let write = self.write(Durability::Full).await?;
        let row = login_sessions::ActiveModel {
            token_hash: Set(hash(secret)),
            user_id: Set(user.as_uuid()),
            created_at: Set(now),
            expires_at: Set(ms(expires_at)),
        };
        row.insert(&write.tx).await?;
        let expired = "DELETE FROM login_sessions WHERE expires_at <= $1";
        write.tx.execute_raw(sql(expired, [now.into()])).await?;
        let surplus = "DELETE FROM login_sessions WHERE token_hash IN (
            SELECT token_hash FROM login_sessions WHERE user_id = $1
            ORDER BY created_at DESC LIMIT 1000 OFFSET $2)";
        let values = [user.as_uuid().into(), LOGINS_PER_USER.into()];
        write.tx.execute_raw(sql(surplus, values)).await?;
        write.commit().await
    }

    /// Whose login session this is, if it has not expired.
    pub async fn login(&self, secret: &str) -> Result<Option<User>> {
        let text = "SELECT u.* FROM login_sessions l JOIN users u ON u.id = l.user_id
            WHERE l.token_hash = $1 AND l.expires_at > $2";
        let values = [hash(secret).into(), ms(self.clock().now()).into()];
        let found = users::Entity::find().from_raw_sql(sql(text, values));
        found.one(self.reader()).await?.map(read).transpose()
    }

    /// Ends a login session.
    pub async fn end_login(&self, secret: &str) -> Result<()> {
        let write = self.write(Durability::Full).await?;
        login_sessions::Entity::delete_by_id(hash(secret)).exec(&write.tx).await?;
        write.commit().await
    }

    /// Stores an API token under its secret.
    pub async fn add_token(&self, secret: &str, user: UserId, name: &str) -> Result<()> {
        let write = self.write(Durability::Full).await?;
        let row = tokens::ActiveModel {
            id: Set(self.clock().uuid()),
            user_id: Set(user.as_uuid()),
            name: Set(name.to_owned()),
            token_hash: Set(hash(secret)),
            created_at: Set(ms(self.clock().now())),
        };
        row.insert(&write.tx).await?;
        write.commit().await
    }

    /// Whose API token this is.
    pub async fn token(&self, secret: &str) -> Result<Option<User>> {
        let text = "SELECT u.* FROM tokens t JOIN users u ON u.id = t.user_id
            WHERE t.token_hash = $1";
        let found = users::Entity::find().from_raw_sql(sql(text, [hash(secret).into()]));
        found.one(self.reader()).await?.map(read).transpose()
    }

    /// Keeps a refused form for one reading.
    pub async fn add_note(
        &self,
        secret: &str,
        note: &FormNote,
        expires_at: Timestamp,
    ) -> Result<()> {
        let text = serde_json::to_string(note)
            .map_err(|error| Error::Corrupt { table: "form_notes", reason: error.to_string() })?;
        let write = self.write(Durability::Batched).await?;
        let row = form_notes::ActiveModel {
            id_hash: Set(hash(secret)),
            note: Set(text),
            expires_at: Set(ms(expires_at)),
        };
        row.insert(&write.tx).await?;
        let old = "DELETE FROM form_notes WHERE expires_at <= $1 OR id_hash IN (
            SELECT id_hash FROM form_notes ORDER BY expires_at DESC LIMIT 1000 OFFSET $2)";
        let values = [ms(self.clock().now()).into(), NOTES.into()];
        write.tx.execute_raw(sql(old, values)).await?;
        write.commit().await
    }

    /// Hands a kept form out, once.
    pub async fn take_note(&self, secret: &str) -> Result<Option<FormNote>> {
        let write = self.write(Durability::Batched).await?;
        let Some(row) = form_notes::Entity::find_by_id(hash(secret)).one(&write.tx).await? else {
            return Ok(None);
        };
        form_notes::Entity::delete_by_id(row.id_hash).exec(&write.tx).await?;
        write.commit().await?;
        if row.expires_at <= ms(self.clock().now()) {
            return Ok(None);
        }
        serde_json::from_str(&row.note)
            .map(Some)
            .map_err(|error| Error::Corrupt { table: "form_notes", reason: error.to_string() })
    }
}

fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}
