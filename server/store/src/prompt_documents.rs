//! Prompt documents: every version, of which the highest counts.

use domain::{AgentId, PromptName, PromptVersion, Saved, UserId, UserName};
use sea_orm::{ConnectionTrait, QueryResult, Value};

use crate::connection::Durability;
use crate::row::{at, count, get, ms, sql, word};
use crate::{Error, Result, Store};

const TABLE: &str = "prompt_documents";

/// A version of a document as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPrompt {
    /// Which document.
    pub name: PromptName,
    /// Counts its versions from 1.
    pub version: u64,
    /// Its text.
    pub content: String,
    /// Who wrote it, and when.
    pub saved: Saved,
}

/// What came of saving a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromptSaved {
    /// It is the version with this number; also where the text was so already.
    As(u64),
    /// The newest version is another than the one it was made from.
    Stale,
}

impl Store {
    /// The newest version of each document of an agent, in the order that a
    /// model reads them. One that was never written is not among them.
    pub async fn prompt_documents(&self, agent: AgentId) -> Result<Vec<StoredPrompt>> {
        let text = format!(
            "{SELECT} WHERE d.agent_id = $1 AND d.version =
                (SELECT MAX(m.version) FROM prompt_documents m
                WHERE m.agent_id = d.agent_id AND m.name = d.name)"
        );
        let rows = self.reader().query_all_raw(sql(&text, [agent.as_uuid().into()])).await?;
        let mut documents = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
        documents.sort_by_key(|document| document.name);
        Ok(documents)
    }

    /// A version of a document, or else the newest one.
    pub async fn prompt_document(
        &self,
        agent: AgentId,
        name: PromptName,
        version: Option<u64>,
    ) -> Result<Option<StoredPrompt>> {
        let text = format!(
            "{SELECT} WHERE d.agent_id = $1 AND d.name = $2 AND ($3 = 0 OR d.version = $3)
            ORDER BY d.version DESC LIMIT 1"
        );
        let version = i64::try_from(version.unwrap_or(0)).unwrap_or(i64::MAX);
        let values: [Value; 3] = [agent.as_uuid().into(), name.as_str().into(), version.into()];
        let row = self.reader().query_one_raw(sql(&text, values)).await?;
        row.as_ref().map(read).transpose()
    }

    /// The versions of a document that are kept, newest first.
    pub async fn prompt_versions(
        &self,
        agent: AgentId,
        name: PromptName,
    ) -> Result<Vec<PromptVersion>> {
        let text =
            "SELECT d.version, CAST(OCTET_LENGTH(d.content) AS BIGINT) AS bytes, d.created_at,
                u.name AS author
            FROM prompt_documents d JOIN users u ON u.id = d.created_by
            WHERE d.agent_id = $1 AND d.name = $2 ORDER BY d.version DESC LIMIT $3";
        let most = PromptName::VERSIONS.cast_signed();
        let values: [Value; 3] = [agent.as_uuid().into(), name.as_str().into(), most.into()];
        let rows = self.reader().query_all_raw(sql(text, values)).await?;
        let version = |row: &QueryResult| -> Result<PromptVersion> {
            Ok(PromptVersion {
                version: count(TABLE, get(row, "version")?)?,
                bytes: count(TABLE, get(row, "bytes")?)?,
                saved: saved(row)?,
            })
        };
        rows.iter().map(version).collect()
    }

    /// Stores a text as the next version of a document, if the newest version is
    /// still the one with this number (0 for none). Versions beyond the newest
    /// 50 go with it. `NotFound` if there is no such agent any more.
    pub async fn save_prompt_document(
        &self,
        agent: AgentId,
        name: PromptName,
        seen: u64,
        content: String,
        by: UserId,
    ) -> Result<PromptSaved> {
        let write = self.write(Durability::Full).await?;
        let there = "SELECT 1 AS there FROM agents WHERE id = $1 AND status <> 'deleted'";
        if write.tx.query_one_raw(sql(there, [agent.as_uuid().into()])).await?.is_none() {
            return Err(Error::NotFound("agent"));
        }
        let newest = "SELECT version, content FROM prompt_documents
            WHERE agent_id = $1 AND name = $2 ORDER BY version DESC LIMIT 1";
        let key: [Value; 2] = [agent.as_uuid().into(), name.as_str().into()];
        let row = write.tx.query_one_raw(sql(newest, key)).await?;
        let (version, before) = match row {
            Some(row) => (count(TABLE, get(&row, "version")?)?, get(&row, "content")?),
            None => (0, String::new()),
        };
        if version != seen {
            return Ok(PromptSaved::Stale);
        }
        if before == content {
            return Ok(PromptSaved::As(version));
        }
        let next = version + 1;
        let insert = "INSERT INTO prompt_documents
                (id, agent_id, name, version, content, created_by, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let values: [Value; 7] = [
            self.clock().uuid().into(),
            agent.as_uuid().into(),
            name.as_str().into(),
            next.cast_signed().into(),
            content.into(),
            by.as_uuid().into(),
            ms(self.clock().now()).into(),
        ];
        write.tx.execute_raw(sql(insert, values)).await?;
        let old = "DELETE FROM prompt_documents
            WHERE agent_id = $1 AND name = $2 AND version <= $3";
        let last = next.saturating_sub(PromptName::VERSIONS).cast_signed();
        let values: [Value; 3] = [agent.as_uuid().into(), name.as_str().into(), last.into()];
        write.tx.execute_raw(sql(old, values)).await?;
        write.commit().await?;
        Ok(PromptSaved::As(next))
    }
}

const SELECT: &str = "SELECT d.name, d.version, d.content, d.created_at, u.name AS author
    FROM prompt_documents d JOIN users u ON u.id = d.created_by";

fn read(row: &QueryResult) -> Result<StoredPrompt> {
    let name: String = get(row, "name")?;
    Ok(StoredPrompt {
        name: word(TABLE, &name)?,
        version: count(TABLE, get(row, "version")?)?,
        content: get(row, "content")?,
        saved: saved(row)?,
    })
}

fn saved(row: &QueryResult) -> Result<Saved> {
    let author: String = get(row, "author")?;
    let corrupt =
        |error: domain::NameError| Error::Corrupt { table: TABLE, reason: error.to_string() };
    Ok(Saved {
        by: UserName::parse(&author).map_err(corrupt)?,
        at: at(TABLE, get(row, "created_at")?)?,
    })
}
