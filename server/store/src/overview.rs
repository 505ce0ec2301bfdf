//! The figures of the first page.

use domain::{Limit, Overview, SessionFilter, UserId};
use sea_orm::{ConnectionTrait, Value};

use crate::row::{count, get, ms, sql};
use crate::{Admission, Error, Result, Store};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

impl Store {
    /// What a person has at work and what came of the last 24 hours.
    pub async fn overview(&self, owner: UserId, admission: Admission) -> Result<Overview> {
        // The position comes first: what is committed while we read is told
        // again by the stream rather than missed.
        let position = self.position().await?;
        let now = self.clock().now();
        let since = ms(now) - DAY_MS;
        let id = owner.as_uuid();
        let active = self
            .run_views(
                "r.owner_id = $1 AND s.state <> 'deleted' AND r.status IN
                    ('queued', 'running', 'waiting_approval', 'waiting_guidance')
                 ORDER BY r.ordinal LIMIT 10",
                [id.into()],
            )
            .await?;
        let failed = self
            .run_views(
                "r.owner_id = $1 AND s.state <> 'deleted'
                 AND r.status IN ('failed', 'interrupted') AND r.created_at > $2
                 ORDER BY r.ordinal DESC LIMIT 5",
                [id.into(), since.into()],
            )
            .await?;
        let six = Limit::new(6).unwrap_or_default();
        let sessions = self.sessions(owner, SessionFilter::default(), six, None).await?.items;
        let text = "SELECT COUNT(*) AS total,
                COUNT(*) FILTER (WHERE status = 'done') AS done,
                COUNT(*) FILTER (WHERE status IN ('failed', 'interrupted')) AS failed,
                COUNT(*) FILTER (WHERE status = 'cancelled') AS cancelled,
                CAST(COALESCE(SUM(input_tokens + output_tokens), 0) AS BIGINT) AS tokens,
                (SELECT COUNT(*) FROM runs WHERE owner_id = $1 AND status = 'running') AS running,
                (SELECT COUNT(*) FROM runs WHERE owner_id = $1 AND status = 'queued') AS queued
            FROM runs WHERE owner_id = $1 AND created_at > $2";
        let values: [Value; 2] = [id.into(), since.into()];
        let row = self.reader().query_one_raw(sql(text, values)).await?;
        let row = row.ok_or_else(|| Error::Corrupt { table: "runs", reason: "no sums".into() })?;
        let sum = |column: &str| count("runs", get(&row, column)?);
        Ok(Overview {
            active,
            failed,
            sessions,
            running: sum("running")?,
            queued: sum("queued")?,
            workers: admission.workers,
            waiting_places: admission.waiting_places,
            day_total: sum("total")?,
            day_done: sum("done")?,
            day_failed: sum("failed")?,
            day_cancelled: sum("cancelled")?,
            day_tokens: sum("tokens")?,
            demo: false,
            at: now,
            position,
        })
    }
}
