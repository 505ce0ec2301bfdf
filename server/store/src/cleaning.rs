//! Who cleans up: one process at a time, told by one row. The row also keeps
//! what the last clean-up did.

use std::time::Duration;

use domain::{CleaningHealth, CleaningState};
use sea_orm::{ConnectionTrait, Value};

use crate::connection::Durability;
use crate::row::{at, count, get, ms, sql};
use crate::{Cleaned, Error, Result, Store};

const TABLE: &str = "cleaning";

impl Store {
    /// Takes the clean-up for a while; false if another process has it.
    pub async fn begin_cleaning(&self, hold: Duration) -> Result<bool> {
        let bytes = self.used_bytes().await?;
        let text = "UPDATE cleaning SET holder = $1, held_until = $2, began_at = $3,
                bytes_before = $4
            WHERE id = 1 AND (holder IS NULL OR held_until <= $3 OR holder = $1)";
        let now = ms(self.clock().now());
        let until = now + i64::try_from(hold.as_millis()).unwrap_or(i64::MAX / 2);
        let values: [Value; 4] =
            [self.process().0.into(), until.into(), now.into(), bytes.cast_signed().into()];
        let write = self.write(Durability::Batched).await?;
        let taken = write.tx.execute_raw(sql(text, values)).await?.rows_affected();
        write.commit().await?;
        Ok(taken == 1)
    }

    /// Keeps the clean-up for another while; false if it was lost.
    pub async fn keep_cleaning(&self, hold: Duration) -> Result<bool> {
        let text = "UPDATE cleaning SET held_until = $2 WHERE id = 1 AND holder = $1";
        let until = ms(self.clock().now()) + i64::try_from(hold.as_millis()).unwrap_or(0);
        let write = self.write(Durability::Batched).await?;
        let values: [Value; 2] = [self.process().0.into(), until.into()];
        let kept = write.tx.execute_raw(sql(text, values)).await?.rows_affected();
        write.commit().await?;
        Ok(kept == 1)
    }

    /// Lets go of the clean-up and notes what it did.
    pub async fn end_cleaning(&self, cleaned: &Cleaned) -> Result<()> {
        let bytes = self.used_bytes().await?;
        let now = ms(self.clock().now());
        let write = self.write(Durability::Batched).await?;
        let text = "UPDATE cleaning SET holder = NULL, held_until = NULL, ended_at = $2,
                cleaned_rows = $3, bytes_after = $4
            WHERE id = 1 AND holder = $1";
        let values: [Value; 4] = [
            self.process().0.into(),
            now.into(),
            cleaned.total().cast_signed().into(),
            bytes.cast_signed().into(),
        ];
        write.tx.execute_raw(sql(text, values)).await?;
        let table = "UPDATE table_sizes SET cleaned_rows = $2, cleaned_at = $3 WHERE name = $1";
        for (name, rows) in &cleaned.rows {
            let values: [Value; 3] = [(*name).into(), rows.cast_signed().into(), now.into()];
            write.tx.execute_raw(sql(table, values)).await?;
        }
        write.commit().await
    }

    /// What the last clean-up did, or that one works.
    pub async fn cleaning(&self) -> Result<CleaningHealth> {
        let text = "SELECT holder IS NOT NULL AND held_until > $1 AS held, began_at, ended_at,
            cleaned_rows, bytes_before, bytes_after FROM cleaning WHERE id = 1";
        let now = ms(self.clock().now());
        let row = self.reader().query_one_raw(sql(text, [now.into()])).await?;
        let row = row.ok_or_else(|| Error::Corrupt { table: TABLE, reason: "no row".into() })?;
        let moment = |column: &str| {
            let ms: Option<i64> = get(&row, column)?;
            ms.map(|ms| at(TABLE, ms)).transpose()
        };
        let ended_at = moment("ended_at")?;
        let state = match (get::<bool>(&row, "held")?, ended_at) {
            (true, _) => CleaningState::Working,
            (false, Some(_)) => CleaningState::Done,
            (false, None) => CleaningState::Never,
        };
        Ok(CleaningHealth {
            state,
            began_at: moment("began_at")?,
            ended_at,
            rows: count(TABLE, get(&row, "cleaned_rows")?)?,
            bytes_before: count(TABLE, get(&row, "bytes_before")?)?,
            bytes_after: count(TABLE, get(&row, "bytes_after")?)?,
        })
    }
}
