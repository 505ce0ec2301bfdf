//! The figures of the first page.

use domain::{FirstSteps, Limit, Overview, SessionFilter, UserId};
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
                &of_statuses(
                    &["queued", "running", "waiting_approval", "waiting_guidance"],
                    "ORDER BY ordinal LIMIT 10",
                ),
                [id.into(), 0_i64.into()],
            )
            .await?;
        // Runs are numbered in the order of their taking in.
        let first = "SELECT ordinal FROM runs WHERE owner_id = $1 AND created_at > $2
            ORDER BY created_at LIMIT 1";
        let first = self.reader().query_one_raw(sql(first, [id.into(), since.into()])).await?;
        let first: i64 = first.map_or(Ok(i64::MAX), |row| get(&row, "ordinal"))?;
        let failed = self
            .run_views(
                &of_statuses(&["failed", "interrupted"], "ORDER BY ordinal DESC LIMIT 5"),
                [id.into(), first.into()],
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
                (SELECT COUNT(*) FROM runs WHERE owner_id = $1 AND status = 'queued') AS queued,
                (SELECT COUNT(*) FROM (SELECT 1 AS one FROM runs
                    WHERE owner_id = $1 AND status = 'done' LIMIT 1) AS few) AS ever_done,
                (SELECT COUNT(*) FROM (SELECT 1 AS one FROM runs
                    WHERE owner_id = $1 AND source = 'cli' LIMIT 1) AS few) AS ever_cli
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
            first_steps: FirstSteps {
                run_done: sum("ever_done")? > 0,
                model_connected: false,
                terminal_used: sum("ever_cli")? > 0,
            },
            at: now,
            position,
        })
    }
}

/// The first runs of a person (`$1`) in any of some states, from a number (`$2`)
/// on. Each state is read by its index as far as needed; one condition on all of
/// them would read every run that ever was in one.
fn of_statuses(statuses: &[&str], order: &str) -> String {
    let each: Vec<_> = statuses
        .iter()
        .map(|status| {
            format!(
                "SELECT ordinal FROM (SELECT ordinal FROM runs
                    WHERE owner_id = $1 AND status = '{status}' AND ordinal >= $2 {order}) AS few"
            )
        })
        .collect();
    let order = order.replace("ordinal", "r.ordinal");
    format!("r.ordinal IN ({}) AND s.state <> 'deleted' {order}", each.join(" UNION ALL "))
}
