//! What a run may use, checked before each step.

use domain::{AgentId, MicroDollars, RunErrorCode, RunId, RunLimits};
use store::{Ending, Store, TreeUse};

use crate::work::Halt;
use crate::work::course::Course;

/// What a run may use. Costs are in millionths of a US dollar.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    pub(crate) steps: u32,
    pub(crate) run_tokens: u64,
    pub(crate) run_cost: Option<u64>,
    pub(crate) day_tokens: Option<u64>,
    pub(crate) day_cost: Option<u64>,
    pub(crate) family: Family,
}

/// What a run at the top may use together with all that stand below it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Family {
    root: RunId,
    tokens: u64,
    cost: Option<u64>,
}

impl Family {
    /// The family of a run at the top that is allowed so much itself.
    pub(crate) fn of(root: RunId, allowed: &RunLimits) -> Self {
        let cost = allowed.run_cost.map(MicroDollars::millionths);
        Self { root, tokens: allowed.run_tokens, cost }
    }
}

impl Budget {
    /// Whether another step may begin.
    pub(crate) async fn check(
        &self,
        store: &Store,
        agent: AgentId,
        course: &Course,
    ) -> Result<(), Halt> {
        self.of_run(course)?;
        if self.day_tokens.is_none() && self.day_cost.is_none() {
            return Ok(());
        }
        let used = store.used_on_day(agent, store.clock().now()).await?;
        let until = "It may work again tomorrow (days begin at 00:00 UTC), or with a higher limit on the agent's page.";
        if let Some(limit) = self.day_tokens.filter(|limit| used.tokens >= *limit) {
            let message = format!(
                "The agent has used {} tokens today, and its limit is {limit}. {until}",
                used.tokens
            );
            return Err(Ending::failed(RunErrorCode::DayLimit, message).into());
        }
        if let Some(limit) = self.day_cost.filter(|limit| used.cost >= *limit) {
            let message = format!(
                "The agent has cost {} today, and its limit is {}. {until}",
                dollars(used.cost),
                dollars(limit)
            );
            return Err(Ending::failed(RunErrorCode::DayLimit, message).into());
        }
        Ok(())
    }

    /// Whether another step of a run that has others above or below it may
    /// begin, by what all of them used together.
    pub(crate) async fn check_family(&self, store: &Store) -> Result<(), Halt> {
        let Family { root, tokens, cost } = self.family;
        let used: TreeUse = store.tree_use(root).await?;
        if used.tokens > tokens {
            let message = format!(
                "The run at the top and those below it used {} tokens, and its limit is {tokens}.",
                used.tokens
            );
            return Err(Ending::failed(RunErrorCode::TokenLimit, message).into());
        }
        if let Some(limit) = cost.filter(|limit| used.cost > *limit) {
            let message = format!(
                "The run at the top and those below it cost {}, and its limit is {}.",
                dollars(used.cost),
                dollars(limit)
            );
            return Err(Ending::failed(RunErrorCode::CostLimit, message).into());
        }
        Ok(())
    }

    fn of_run(&self, course: &Course) -> Result<(), Ending> {
        if course.step >= self.steps {
            let message = format!("The run was ended at its limit of {} steps.", self.steps);
            return Err(Ending::failed(RunErrorCode::StepLimit, message));
        }
        if course.tokens > self.run_tokens {
            let message = format!(
                "The run used {} tokens and was ended at its limit of {}.",
                course.tokens, self.run_tokens
            );
            return Err(Ending::failed(RunErrorCode::TokenLimit, message));
        }
        if let Some(limit) = self.run_cost.filter(|limit| course.cost > *limit) {
            let message = format!(
                "The run cost {} and was ended at its limit of {}.",
                dollars(course.cost),
                dollars(limit)
            );
            return Err(Ending::failed(RunErrorCode::CostLimit, message));
        }
        Ok(())
    }
}

/// An amount with as many digits as it takes to tell it from nothing.
fn dollars(millionths: u64) -> String {
    let (whole, rest) = (millionths / 1_000_000, millionths % 1_000_000);
    let digits = format!("{rest:06}");
    let digits = digits.trim_end_matches('0');
    format!("US$ {whole}.{digits:0<2}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_told_whole() {
        assert_eq!(dollars(0), "US$ 0.00");
        assert_eq!(dollars(1_500_000), "US$ 1.50");
        assert_eq!(dollars(12), "US$ 0.000012");
    }
}
