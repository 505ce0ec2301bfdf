//! How large everything is, and how SQLite gives back what it no longer needs.
//! PostgreSQL looks after itself.

use std::collections::BTreeMap;
use std::path::Path;

use domain::{DatabaseHealth, DatabaseKind, Retention, TableHealth, TableSize};
use sea_orm::{ConnectionTrait, Value};

use crate::connection::Durability;
use crate::retention::tables;
use crate::row::{at, count, get, ms, sql};
use crate::{Backend, Error, Result, Store};

const TABLE: &str = "table_sizes";

/// SQLite gives pages back to the system while more than this many are free, and
/// more than one in ten: a database that shrinks and grows all day keeps some.
const FREE_PAGES: u64 = 1_000;

/// How many pages it gives back in one step.
const PAGES_PER_STEP: u32 = 200;

impl Store {
    /// Measures every table. That reads all of the database, so it is done now
    /// and then and never for a page.
    pub async fn measure(&self) -> Result<()> {
        let bytes = self.table_bytes().await?;
        let mut sizes = Vec::new();
        for table in tables(self.backend()) {
            let rows = self.count_rows(table.name).await?;
            sizes.push((table.name, rows, bytes.get(table.name).copied().unwrap_or(0)));
        }
        let now = ms(self.clock().now());
        let text = "INSERT INTO table_sizes (name, row_count, bytes, measured_at)
            VALUES ($1, $2, $3, $4)
            ON CONFLICT (name) DO UPDATE SET row_count = excluded.row_count,
                bytes = excluded.bytes, measured_at = excluded.measured_at";
        let write = self.write(Durability::Batched).await?;
        for (name, rows, bytes) in sizes {
            let values: [Value; 4] = [name.into(), rows.into(), bytes.into(), now.into()];
            write.tx.execute_raw(sql(text, values)).await?;
        }
        write.commit().await
    }

    /// Every table with its age limit and the size that was last measured, the
    /// largest first.
    pub async fn tables(&self, kept: &Retention) -> Result<Vec<TableHealth>> {
        let text = "SELECT name, row_count, bytes, measured_at, cleaned_rows, cleaned_at
            FROM table_sizes";
        let rows = self.reader().query_all_raw(sql(text, [])).await?;
        let mut found = BTreeMap::new();
        for row in &rows {
            let size = TableSize {
                rows: count(TABLE, get(row, "row_count")?)?,
                bytes: count(TABLE, get(row, "bytes")?)?,
                measured_at: at(TABLE, get(row, "measured_at")?)?,
            };
            let cleaned_at: Option<i64> = get(row, "cleaned_at")?;
            let cleaned_at = cleaned_at.map(|ms| at(TABLE, ms)).transpose()?;
            let cleaned: u64 = count(TABLE, get(row, "cleaned_rows")?)?;
            found.insert(get::<String>(row, "name")?, (size, cleaned, cleaned_at));
        }
        let mut list: Vec<_> = tables(self.backend())
            .map(|table| {
                let known = found.remove(table.name);
                TableHealth {
                    name: table.name.to_owned(),
                    owner: table.owner.to_owned(),
                    kept: table.kept.words(kept),
                    size: known.map(|(size, ..)| size),
                    cleaned_rows: known.map_or(0, |(_, rows, _)| rows),
                    cleaned_at: known.and_then(|(.., at)| at),
                }
            })
            .collect();
        list.sort_by_key(|table| std::cmp::Reverse(table.size.map_or(0, |size| size.bytes)));
        Ok(list)
    }

    /// The database as a whole.
    pub async fn database(&self) -> Result<DatabaseHealth> {
        let text = "SELECT version FROM seaql_migrations ORDER BY version DESC LIMIT 1";
        let row = self.reader().query_one_raw(sql(text, [])).await?;
        let schema = row.map(|row| get(&row, "version")).transpose()?.unwrap_or_default();
        Ok(match self.backend() {
            Backend::Sqlite => {
                let pages = self.pages().await?;
                let file = self.folder().join("openclawssy.db");
                DatabaseHealth {
                    kind: DatabaseKind::Sqlite,
                    place: file.display().to_string(),
                    schema,
                    bytes: pages.all * pages.size,
                    free_bytes: Some(pages.free * pages.size),
                    log_bytes: Some(log_bytes(&file)),
                }
            }
            Backend::Postgres => DatabaseHealth {
                kind: DatabaseKind::Postgres,
                place: self.database_url().map(crate::postgres::place).unwrap_or_default(),
                schema,
                bytes: self.used_bytes().await?,
                free_bytes: None,
                log_bytes: None,
            },
        })
    }

    /// The bytes that hold something.
    pub(crate) async fn used_bytes(&self) -> Result<u64> {
        match self.backend() {
            Backend::Sqlite => {
                let pages = self.pages().await?;
                Ok(pages.all.saturating_sub(pages.free) * pages.size)
            }
            Backend::Postgres => {
                self.number("SELECT pg_database_size(current_database()) AS number").await
            }
        }
    }

    /// Gives some free pages back to the system; false if there is no need.
    pub async fn free_step(&self) -> Result<bool> {
        if self.backend() == Backend::Postgres {
            return Ok(false);
        }
        let pages = self.pages().await?;
        if pages.free <= FREE_PAGES || pages.free * 10 <= pages.all {
            return Ok(false);
        }
        let write = self.write(Durability::Batched).await?;
        let text = format!("PRAGMA incremental_vacuum({PAGES_PER_STEP})");
        write.tx.execute_unprepared(&text).await?;
        write.commit().await?;
        Ok(self.pages().await?.free < pages.free)
    }

    /// Folds SQLite's write-ahead log into the database as far as no reader
    /// needs it.
    pub async fn checkpoint(&self) -> Result<()> {
        if self.backend() == Backend::Sqlite {
            self.reader().query_one_raw(sql("PRAGMA wal_checkpoint(PASSIVE)", [])).await?;
        }
        Ok(())
    }

    /// What is broken in SQLite's file: pages, indexes, references. Reads all of
    /// it. PostgreSQL looks after itself.
    pub async fn integrity(&self) -> Result<Vec<String>> {
        if self.backend() == Backend::Postgres {
            return Ok(Vec::new());
        }
        let text = "SELECT integrity_check AS trouble FROM pragma_integrity_check
            WHERE integrity_check <> 'ok'
            UNION ALL SELECT 'a row of ' || \"table\" || ' refers to none of ' || parent
            FROM pragma_foreign_key_check";
        let rows = self.reader().query_all_raw(sql(text, [])).await?;
        rows.iter().map(|row| get(row, "trouble")).collect()
    }

    async fn table_bytes(&self) -> Result<BTreeMap<String, i64>> {
        let text = match self.backend() {
            // An index counts for its table, and the parts of the search for it.
            Backend::Sqlite => {
                "SELECT CASE WHEN s.tbl_name LIKE 'messages\\_search\\_%' ESCAPE '\\'
                        THEN 'messages_search' ELSE s.tbl_name END AS name,
                    CAST(SUM(d.pgsize) AS BIGINT) AS bytes
                FROM dbstat d JOIN sqlite_schema s ON s.name = d.name
                WHERE d.aggregate = TRUE GROUP BY 1"
            }
            Backend::Postgres => {
                "SELECT CAST(c.relname AS TEXT) AS name, pg_total_relation_size(c.oid) AS bytes
                FROM pg_class c WHERE c.relkind = 'r'
                AND c.relnamespace = CAST(current_schema() AS regnamespace)"
            }
        };
        let rows = self.reader().query_all_raw(sql(text, [])).await?;
        rows.iter().map(|row| Ok((get(row, "name")?, get(row, "bytes")?))).collect()
    }

    async fn count_rows(&self, table: &str) -> Result<i64> {
        if self.backend() == Backend::Postgres {
            // What the database itself last counted; -1 before it ever did.
            let text = "SELECT CAST(reltuples AS BIGINT) AS number FROM pg_class
                WHERE relname = $1 AND relnamespace = CAST(current_schema() AS regnamespace)";
            let row = self.reader().query_one_raw(sql(text, [table.into()])).await?;
            let known: i64 = row.map_or(Ok(-1), |row| get(&row, "number"))?;
            if known > 0 {
                return Ok(known);
            }
        }
        let text = format!("SELECT COUNT(*) AS number FROM {table}");
        let row = self.reader().query_one_raw(sql(&text, [])).await?;
        row.map_or(Ok(0), |row| get(&row, "number"))
    }

    async fn pages(&self) -> Result<Pages> {
        Ok(Pages {
            all: self.number("SELECT page_count AS number FROM pragma_page_count").await?,
            free: self.number("SELECT freelist_count AS number FROM pragma_freelist_count").await?,
            size: self.number("SELECT page_size AS number FROM pragma_page_size").await?,
        })
    }

    async fn number(&self, text: &str) -> Result<u64> {
        let row = self.reader().query_one_raw(sql(text, [])).await?;
        let row = row.ok_or_else(|| Error::Corrupt { table: TABLE, reason: "no number".into() })?;
        count(TABLE, get(&row, "number")?)
    }
}

/// SQLite's pages: all of them, those that hold nothing, and the bytes of one.
struct Pages {
    all: u64,
    free: u64,
    size: u64,
}

fn log_bytes(file: &Path) -> u64 {
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    std::fs::metadata(log).map_or(0, |found| found.len())
}
