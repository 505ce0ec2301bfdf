//! The check of the whole record: from where it begins, row by row, to its
//! signed end.

use domain::{AuditCheck, AuditFault, AuditKind, BadRow};
use sea_orm::{ConnectionTrait, Value};

use super::chain::{Place, Point};
use super::hex;
use super::row::{COLUMNS, NOTHING, Row};
use crate::connection::Durability;
use crate::row::{get, sql};
use crate::{Error, Result, Store};

const TABLE: &str = "audit_checks";

/// How many rows are read at once.
const PAGE: u32 = 1_000;

/// How often the check begins anew because rows went for their age under it.
const TRIES: u32 = 3;

/// Where the record begins and ends, read at one moment.
const PLACES: &str = "SELECT h.seq AS head_seq, h.hash AS head_hash, h.signed_at AS head_at,
    h.signature AS head_signature, c.seq AS cut_seq, c.hash AS cut_hash, c.signed_at AS cut_at,
    c.signature AS cut_signature,
    (SELECT MAX(seq) FROM audit) AS newest
    FROM (SELECT 1 AS one) few LEFT JOIN audit_points h ON h.name = 'head'
    LEFT JOIN audit_points c ON c.name = 'cut'";

impl Store {
    /// Checks the whole record, and keeps what was found.
    pub async fn check_audit(&self) -> Result<AuditCheck> {
        let mut check = self.walk().await?;
        for _ in 1..TRIES {
            // Rows that went while they were read look like rows that were
            // removed; where the record begins has moved then.
            if check.bad.is_none() || self.places().await?.removed() == check.removed {
                break;
            }
            check = self.walk().await?;
        }
        let report = serde_json::to_string(&check)
            .map_err(|error| Error::Corrupt { table: TABLE, reason: error.to_string() })?;
        let text = "INSERT INTO audit_checks (id, report) VALUES (1, $1)
            ON CONFLICT (id) DO UPDATE SET report = excluded.report";
        let write = self.write(Durability::Batched).await?;
        write.tx.later(sql(text, [report.into()])).await?;
        write.commit().await?;
        Ok(check)
    }

    /// What the newest check of the record found.
    pub async fn audit_check(&self) -> Result<Option<AuditCheck>> {
        let text = "SELECT report FROM audit_checks WHERE id = 1";
        let Some(row) = self.reader().query_one_raw(sql(text, [])).await? else { return Ok(None) };
        let report: String = get(&row, "report")?;
        serde_json::from_str(&report)
            .map(Some)
            .map_err(|error| Error::Corrupt { table: TABLE, reason: error.to_string() })
    }

    async fn places(&self) -> Result<Places> {
        let row = self.reader().query_one_raw(sql(PLACES, [])).await?;
        let row = row.ok_or_else(|| Error::Corrupt { table: TABLE, reason: "no row".into() })?;
        let columns = |place: &'static str| {
            ["seq", "hash", "at", "signature"].map(|column| format!("{place}_{column}"))
        };
        let point = |place| {
            let columns = columns(place);
            Point::read(&row, columns.each_ref().map(String::as_str))
        };
        Ok(Places { head: point("head")?, cut: point("cut")?, newest: get(&row, "newest")? })
    }

    async fn walk(&self) -> Result<AuditCheck> {
        let places = self.places().await?;
        let mut walk = Walk::from(places.cut.as_ref());
        let end = places.head.as_ref().map_or(0, |head| head.seq);
        let bad = self.first_bad(&places, &mut walk, end).await?;
        let bad = bad.map(|(seq, fault)| BadRow { seq: positive(seq), fault });
        Ok(AuditCheck {
            checked_at: self.clock().now(),
            rows: positive(walk.seq) - places.removed().min(positive(walk.seq)),
            removed: places.removed(),
            head: positive(end),
            head_hash: places.head.map(|head| hex(&head.hash)).unwrap_or_default(),
            public_key: hex(self.chain().key.public()),
            bad,
        })
    }

    async fn first_bad(
        &self,
        places: &Places,
        walk: &mut Walk,
        end: i64,
    ) -> Result<Option<(i64, AuditFault)>> {
        let key = &self.chain().key;
        if places.cut.as_ref().is_some_and(|cut| !cut.is_signed(Place::Cut, key)) {
            return Ok(Some((walk.seq + 1, AuditFault::Beginning)));
        }
        let text = format!(
            "SELECT {COLUMNS} FROM audit WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT {PAGE}"
        );
        while walk.seq < end {
            let values: [Value; 2] = [walk.seq.into(), end.into()];
            let rows = self.reader().query_all_raw(sql(&text, values)).await?;
            if rows.is_empty() {
                return Ok(Some((walk.seq + 1, AuditFault::Missing)));
            }
            for row in &rows {
                // Columns that do not even hold their own kind of value were not
                // written by the product.
                let (seq, row) = (get(row, "seq")?, Row::read(row).ok());
                let broken = row.as_ref().is_some_and(|row| row.kind == AuditKind::Broken.as_str());
                if let Some(bad) = walk.step(seq, row) {
                    return Ok(Some(bad));
                }
                if broken {
                    return Ok(Some((seq, AuditFault::Broken)));
                }
            }
        }
        if let Some(head) = &places.head {
            if walk.hash != head.hash {
                return Ok(Some((end, AuditFault::Replaced)));
            }
            if !head.is_signed(Place::Head, key) {
                return Ok(Some((end, AuditFault::End)));
            }
        }
        if places.newest.is_none_or(|newest| newest <= end) {
            return Ok(None);
        }
        let text = "SELECT MIN(seq) AS seq FROM audit WHERE seq > $1";
        let row = self.reader().query_one_raw(sql(text, [end.into()])).await?;
        let seq: Option<i64> = row.map_or(Ok(None), |row| get(&row, "seq"))?;
        Ok(seq.map(|seq| (seq, AuditFault::Unsigned)))
    }
}

/// The signed places of the record, and the newest row that is there.
struct Places {
    head: Option<Point>,
    cut: Option<Point>,
    newest: Option<i64>,
}

impl Places {
    /// How many rows went for their age.
    fn removed(&self) -> u64 {
        self.cut.as_ref().map_or(0, |cut| positive(cut.seq))
    }
}

/// A walk along the rows: the last one that was as it was written.
pub(super) struct Walk {
    begin: i64,
    pub(super) seq: i64,
    pub(super) hash: Vec<u8>,
}

impl Walk {
    pub(super) fn from(cut: Option<&Point>) -> Self {
        let (seq, hash) = cut.map_or((0, NOTHING.to_vec()), |cut| (cut.seq, cut.hash.clone()));
        Self { begin: seq, seq, hash }
    }

    /// Steps on a row; tells which one is bad, if one is.
    pub(super) fn step(&mut self, seq: i64, row: Option<Row>) -> Option<(i64, AuditFault)> {
        if seq != self.seq + 1 {
            return Some((self.seq + 1, AuditFault::Missing));
        }
        let Some(row) = row.filter(|row| row.digest() == row.hash) else {
            return Some((seq, AuditFault::Changed));
        };
        if row.prev != self.hash {
            // What this row was built on was there when it was written. Where
            // that is gone for its age, only the row itself can be another.
            let bad = if self.seq == self.begin { seq } else { self.seq };
            return Some((bad, AuditFault::Replaced));
        }
        (self.seq, self.hash) = (seq, row.hash);
        None
    }
}

fn positive(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
