//! How records get their places: at the end of the write that they are noted in,
//! under the database's write lock, with a new signature of the end.
//!
//! An end that this process did not write itself is checked before it is built
//! on, so that no forged end is ever made good by the next honest row.

use std::sync::{Mutex, PoisonError};

use domain::AuditKind;
use sea_orm::{ConnectionTrait, QueryResult, Value};

use super::key::AuditKey;
use super::record::{Actor, Record};
use super::row::{COLUMNS, NOTHING, Row, WIDTH};
use crate::Result;
use crate::link::Tx;
use crate::row::{get, sql};

/// The end of the record, as columns of any statement that reads it on the way.
pub(crate) const END: &str = "
    (SELECT p.seq FROM audit_points p WHERE p.name = 'head') AS audit_seq,
    (SELECT p.hash FROM audit_points p WHERE p.name = 'head') AS audit_hash,
    (SELECT p.signed_at FROM audit_points p WHERE p.name = 'head') AS audit_at,
    (SELECT p.signature FROM audit_points p WHERE p.name = 'head') AS audit_signature,
    (SELECT MAX(r.seq) FROM audit r) AS audit_newest";

/// How many rows one statement inserts: 18 values each, well under SQLite's
/// 32,766.
const ROWS_PER_INSERT: usize = 500;

/// A signed place in the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Point {
    /// The row's number, 0 before the first.
    pub(super) seq: i64,
    /// Its hash.
    pub(super) hash: Vec<u8>,
    /// Its time, in milliseconds.
    pub(super) at: i64,
    pub(super) signature: Vec<u8>,
}

/// Which place it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The newest row.
    Head,
    /// The last row that was removed for its age.
    Cut,
}

impl Place {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Cut => "cut",
        }
    }
}

impl Point {
    /// A place as its row tells.
    pub(super) fn read(
        row: &QueryResult,
        [seq, hash, at, signature]: [&str; 4],
    ) -> Result<Option<Self>> {
        let seq: Option<i64> = get(row, seq)?;
        let (hash, at, signature): (Option<Vec<u8>>, Option<i64>, Option<Vec<u8>>) =
            (get(row, hash)?, get(row, at)?, get(row, signature)?);
        Ok(seq.map(|seq| Self {
            seq,
            hash: hash.unwrap_or_default(),
            at: at.unwrap_or_default(),
            signature: signature.unwrap_or_default(),
        }))
    }

    /// Whether it was signed with a key.
    pub(super) fn is_signed(&self, place: Place, key: &AuditKey) -> bool {
        key.signed(&message(place, self.seq, self.at, &self.hash), &self.signature)
    }

    fn sign(place: Place, seq: i64, at: i64, hash: Vec<u8>, key: &AuditKey) -> Self {
        let signature = key.sign(&message(place, seq, at, &hash));
        Self { seq, hash, at, signature }
    }
}

/// What is signed of a place: its name, its number, its time and its hash.
fn message(place: Place, seq: i64, at: i64, hash: &[u8]) -> Vec<u8> {
    let name = format!("openclawssy audit {} 1\n", place.name());
    [name.as_bytes(), &seq.to_be_bytes(), &at.to_be_bytes(), hash].concat()
}

/// The end as a write found it.
#[derive(Debug, Clone)]
struct End {
    head: Option<Point>,
    /// The newest row that is there, signed or not.
    newest: Option<i64>,
}

impl End {
    fn read(row: &QueryResult) -> Result<Self> {
        let columns = ["audit_seq", "audit_hash", "audit_at", "audit_signature"];
        Ok(Self { head: Point::read(row, columns)?, newest: get(row, "audit_newest")? })
    }
}

/// What a write has noted.
#[derive(Default)]
pub(crate) struct Draft(Mutex<Notes>);

#[derive(Default)]
struct Notes {
    end: Option<End>,
    records: Vec<Record>,
}

impl Draft {
    /// Notes a record. It gets its place when the write is committed.
    pub(crate) fn note(&self, record: Record) {
        self.notes().records.push(record);
    }

    /// Takes the end from a row that was read on the way ([`END`]). It holds
    /// until the write is over, since nobody else can write.
    pub(crate) fn learn(&self, row: &QueryResult) -> Result<()> {
        let end = End::read(row)?;
        self.notes().end = Some(end);
        Ok(())
    }

    fn notes(&self) -> std::sync::MutexGuard<'_, Notes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The record as a process writes it.
pub(crate) struct Chain {
    pub(super) key: AuditKey,
    /// The end that this process last wrote or checked.
    known: Mutex<Option<(i64, Vec<u8>)>>,
}

/// An end that was written and not committed yet.
pub(crate) struct Written(i64, Vec<u8>);

impl Chain {
    pub(crate) fn new(key: AuditKey) -> Self {
        Self { key, known: Mutex::new(None) }
    }

    /// Gives what was noted in a write its places, and signs the new end.
    pub(crate) async fn seal(&self, tx: &Tx) -> Result<Option<Written>> {
        let Notes { end, mut records } = std::mem::take(&mut *tx.audit.notes());
        let Some(first) = records.first() else { return Ok(None) };
        let end = match end {
            Some(end) => end,
            None => read_end(tx).await?,
        };
        if let Some(doubt) = self.doubt(&end) {
            tracing::error!(doubt, "the record of decisions was tampered with");
            let mut record = Record::new(first.at, AuditKind::Broken, Actor::System);
            record.detail = Some(doubt.to_owned());
            records.insert(0, record);
        }
        let (mut seq, mut hash) = basis(tx, end).await?;
        let mut at = 0;
        let mut rows = Vec::with_capacity(records.len());
        for record in records {
            let row = Row::after(seq, hash, record);
            (seq, at, hash) = (row.seq, row.at, row.hash.clone());
            rows.push(row);
        }
        for rows in rows.chunks(ROWS_PER_INSERT) {
            insert(tx, rows).await?;
        }
        self.sign(tx, Place::Head, seq, at, &hash).await?;
        Ok(Some(Written(seq, hash)))
    }

    /// Remembers an end that was committed.
    pub(crate) fn remember(&self, Written(seq, hash): Written) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some((seq, hash));
    }

    /// Signs a place inside a write.
    pub(super) async fn sign(
        &self,
        tx: &Tx,
        place: Place,
        seq: i64,
        at: i64,
        hash: &[u8],
    ) -> Result<()> {
        let point = Point::sign(place, seq, at, hash.to_vec(), &self.key);
        let text = "INSERT INTO audit_points (name, seq, hash, signed_at, public_key, signature)
            VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (name) DO UPDATE SET seq = excluded.seq, hash = excluded.hash,
                signed_at = excluded.signed_at, public_key = excluded.public_key,
                signature = excluded.signature";
        let values: [Value; 6] = [
            place.name().into(),
            point.seq.into(),
            point.hash.into(),
            point.at.into(),
            self.key.public().to_vec().into(),
            point.signature.into(),
        ];
        Ok(tx.later(sql(text, values)).await?)
    }

    /// Why an end must not be built on as if nothing were wrong.
    fn doubt(&self, End { head, newest }: &End) -> Option<&'static str> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let seq = head.as_ref().map_or(0, |head| head.seq);
        if newest.unwrap_or(0) > seq {
            return Some("rows stood behind the signed end");
        }
        let Some(head) = head else {
            return known.map(|_| "the signed end was removed");
        };
        match known {
            Some((seq, hash)) if (seq, &hash) == (head.seq, &head.hash) => None,
            Some((seq, _)) if seq > head.seq => Some("the signed end was set back"),
            _ if head.is_signed(Place::Head, &self.key) => None,
            _ => Some("the signature of the end was not by this installation's key"),
        }
    }
}

/// What the next row is built on: the signed end, or what stands behind it.
async fn basis(tx: &Tx, end: End) -> Result<(i64, Vec<u8>)> {
    let head = end.head.map_or((0, NOTHING.to_vec()), |head| (head.seq, head.hash));
    let Some(newest) = end.newest.filter(|newest| *newest > head.0) else { return Ok(head) };
    let text = "SELECT hash FROM audit WHERE seq = $1";
    match tx.query_one_raw(sql(text, [newest.into()])).await? {
        Some(row) => Ok((newest, get(&row, "hash")?)),
        None => Ok(head),
    }
}

async fn read_end(tx: &Tx) -> Result<End> {
    let row = tx.query_one_raw(sql(&format!("SELECT {END}"), [])).await?;
    row.map_or(Ok(End { head: None, newest: None }), |row| End::read(&row))
}

async fn insert(tx: &Tx, rows: &[Row]) -> Result<()> {
    let places: Vec<_> = (0..rows.len())
        .map(|row| {
            let holes = (1..=WIDTH).map(|column| format!("${}", row * WIDTH + column));
            format!("({})", holes.collect::<Vec<_>>().join(", "))
        })
        .collect();
    let text = format!("INSERT INTO audit ({COLUMNS}) VALUES {}", places.join(", "));
    let values: Vec<Value> = rows.iter().flat_map(Row::values).collect();
    Ok(tx.later(sql(&text, values)).await?)
}
