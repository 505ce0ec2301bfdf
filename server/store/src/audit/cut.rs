//! How old rows go: from the beginning, after they were checked, and up to a
//! place that is signed.

use domain::AuditFault;
use sea_orm::{ConnectionTrait, Value};

use super::chain::{Chain, Place, Point};
use super::check::Walk;
use super::row::{COLUMNS, Row};
use crate::Result;
use crate::link::Tx;
use crate::row::{get, sql};

/// Removes rows that are as old as `before`, at most `most`; returns how many
/// those were. Times are in milliseconds. A row that is not as it was written
/// stays, and all behind it: nothing covers the tracks of a change.
pub(crate) async fn cut(chain: &Chain, tx: &Tx, before: i64, now: i64, most: u64) -> Result<u64> {
    let text = "SELECT seq, hash, signed_at, signature FROM audit_points WHERE name = 'cut'";
    let row = tx.query_one_raw(sql(text, [])).await?;
    let columns = ["seq", "hash", "signed_at", "signature"];
    let cut = row.map_or(Ok(None), |row| Point::read(&row, columns))?;
    let mut walk = Walk::from(cut.as_ref());
    let from = walk.seq;
    // A clock that once ran ahead must not keep rows for ever.
    let is_old = |at: i64| at <= before || at > now;
    let text = "SELECT created_at FROM audit WHERE seq > $1 ORDER BY seq LIMIT 1";
    match tx.query_one_raw(sql(text, [from.into()])).await? {
        Some(first) if is_old(get(&first, "created_at")?) => {}
        _ => return Ok(0),
    }
    let mut bad = None;
    if cut.is_some_and(|cut| !cut.is_signed(Place::Cut, &chain.key)) {
        bad = Some((from + 1, AuditFault::Beginning));
    }
    let text = format!("SELECT {COLUMNS} FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2");
    let values: [Value; 2] = [from.into(), most.cast_signed().into()];
    let mut at = 0;
    for row in &tx.query_all_raw(sql(&text, values)).await? {
        let row_at = get(row, "created_at")?;
        if !is_old(row_at) {
            break;
        }
        bad = bad.or_else(|| walk.step(get(row, "seq").unwrap_or_default(), Row::read(row).ok()));
        if bad.is_some() {
            break;
        }
        at = row_at;
    }
    if let Some((seq, fault)) = bad {
        tracing::error!(seq, %fault, "a bad row keeps the record of decisions from being cut");
    }
    if walk.seq == from {
        return Ok(0);
    }
    chain.sign(tx, Place::Cut, walk.seq, at, &walk.hash).await?;
    let gone = "DELETE FROM audit WHERE seq <= $1";
    tx.later(sql(gone, [walk.seq.into()])).await?;
    Ok(u64::try_from(walk.seq - from).unwrap_or(0))
}
