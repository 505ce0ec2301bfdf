//! Prompts: instructions and tools as a model was sent them, by the SHA-256 of
//! the content. Most runs of an agent share one row.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use sea_orm::{ConnectionTrait, Value};
use sha2::{Digest, Sha256};

use crate::connection::Durability;
use crate::row::{get, ms, sql};
use crate::{Result, Store};

type Hash = [u8; 32];

/// How often the time of a prompt's use is noted, in milliseconds: once a day.
/// Whoever removes prompts by their age allows for that.
pub(crate) const NOTED_MS: i64 = 24 * 60 * 60 * 1000;

/// How many prompts a process remembers having stored; then it begins anew.
const REMEMBERED: usize = 1024;

/// Which prompts this process has stored, and when it last wrote that down.
#[derive(Default)]
pub(crate) struct KnownPrompts(Mutex<HashMap<Hash, i64>>);

impl KnownPrompts {
    fn is_fresh(&self, hash: &Hash, now: i64) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(hash).is_some_and(|used_at| now - used_at < NOTED_MS)
    }

    fn remember(&self, hash: Hash, now: i64) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(hash, now);
    }
}

impl Store {
    /// Keeps a prompt, and gives back its hash in hex. A prompt that this process
    /// has kept within a day costs no write.
    pub async fn keep_prompt(&self, content: &str) -> Result<String> {
        let hash: Hash = Sha256::digest(content).into();
        let now = ms(self.clock().now());
        if !self.known_prompts().is_fresh(&hash, now) {
            let write = self.write(Durability::Batched).await?;
            let text = "INSERT INTO prompts (hash, content, used_at) VALUES ($1, $2, $3)
                ON CONFLICT (hash) DO UPDATE SET used_at = excluded.used_at";
            let values: [Value; 3] = [hash.to_vec().into(), content.into(), now.into()];
            write.tx.execute_raw(sql(text, values)).await?;
            write.commit().await?;
            self.known_prompts().remember(hash, now);
        }
        Ok(hash.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The prompt with a hash, if it was not cleared. What is no hash names none.
    pub async fn prompt(&self, hash: &str) -> Result<Option<String>> {
        let Some(hash) = bytes(hash) else { return Ok(None) };
        let text = "SELECT content FROM prompts WHERE hash = $1";
        let row = self.reader().query_one_raw(sql(text, [hash.to_vec().into()])).await?;
        row.map(|row| get(&row, "content")).transpose()
    }
}

fn bytes(hex: &str) -> Option<Hash> {
    let mut hash = Hash::default();
    if !hex.is_ascii() || hex.len() != 2 * hash.len() {
        return None;
    }
    for (place, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(hex.get(2 * place..2 * place + 2)?, 16).ok()?;
    }
    Some(hash)
}
