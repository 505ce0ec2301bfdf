//! What each agent used on each day, counted as it happens.

use domain::{AgentId, Event, RunId, Timestamp};
use sea_orm::{ConnectionTrait, Value};

use crate::link::Tx;
use crate::row::{count, get, ms, sql};
use crate::{Result, Store};

const TABLE: &str = "usage_days";

/// Milliseconds of a day.
const DAY: i64 = 24 * 60 * 60 * 1000;

/// What an agent used on a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Used {
    /// Tokens sent and written.
    pub tokens: u64,
    /// What they cost, in millionths of a US dollar, as far as prices are known.
    pub cost: u64,
}

impl Store {
    /// What an agent used on the day of a moment; days begin at 00:00 UTC.
    pub async fn used_on_day(&self, agent: AgentId, at: Timestamp) -> Result<Used> {
        let text = "SELECT input_tokens + output_tokens AS tokens, cost FROM usage_days
            WHERE agent_id = $1 AND day = $2";
        let values: [Value; 2] = [agent.as_uuid().into(), day(ms(at)).into()];
        let Some(row) = self.reader().query_one_raw(sql(text, values)).await? else {
            return Ok(Used::default());
        };
        Ok(Used {
            tokens: count(TABLE, get(&row, "tokens")?)?,
            cost: count(TABLE, get(&row, "cost")?)?,
        })
    }
}

/// Adds what events of a run used to the day of its agent, inside a write.
pub(crate) async fn use_on_day(tx: &Tx, run: RunId, now: i64, events: &[Event]) -> Result<()> {
    let (mut used, mut is_used) = ([0_u64; 4], false);
    for event in events {
        if let Event::Usage { input_tokens, output_tokens, cached_tokens, cost, .. } = event {
            let new = [*input_tokens, *output_tokens, *cached_tokens, cost.unwrap_or_default()];
            used.iter_mut().zip(new).for_each(|(sum, new)| *sum = sum.saturating_add(new));
            is_used = true;
        }
    }
    if !is_used {
        return Ok(());
    }
    let text = "INSERT INTO usage_days
            (agent_id, day, input_tokens, output_tokens, cached_tokens, cost)
        SELECT r.agent_id, $2, $3, $4, $5, $6 FROM runs r WHERE r.id = $1
        ON CONFLICT (agent_id, day) DO UPDATE SET
            input_tokens = usage_days.input_tokens + excluded.input_tokens,
            output_tokens = usage_days.output_tokens + excluded.output_tokens,
            cached_tokens = usage_days.cached_tokens + excluded.cached_tokens,
            cost = usage_days.cost + excluded.cost";
    let [input, output, cached, cost] = used.map(|sum| i64::try_from(sum).unwrap_or(i64::MAX));
    let values: [Value; 6] = [
        run.as_uuid().into(),
        day(now).into(),
        input.into(),
        output.into(),
        cached.into(),
        cost.into(),
    ];
    Ok(tx.later(sql(text, values)).await?)
}

/// The day of a moment in milliseconds, counted from 1970 in UTC.
const fn day(ms: i64) -> i64 {
    ms.div_euclid(DAY)
}
