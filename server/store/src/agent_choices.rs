//! An agent's choices as columns of its row.

use domain::{AgentChoices, MicroDollars, Temperature};
use sea_orm::Set;

use crate::entity::agents;
use crate::row::count;
use crate::{Error, Result};

const TABLE: &str = "agents";

/// The choices in a row.
pub(crate) fn read_choices(row: &agents::Model) -> Result<AgentChoices> {
    let temperature = row.temperature.map(Temperature::try_from).transpose();
    Ok(AgentChoices {
        fallbacks: serde_json::from_str(&row.fallbacks).map_err(corrupt)?,
        temperature: temperature.map_err(corrupt)?,
        max_tokens: limit(row.max_tokens)?,
        context_window: limit(row.context_window)?,
        run_tokens: limit(row.run_tokens)?,
        run_cost: cost(row.run_cost)?,
        day_tokens: limit(row.day_tokens)?,
        day_cost: cost(row.day_cost)?,
    })
}

/// Puts choices into a row.
pub(crate) fn set_choices(row: &mut agents::ActiveModel, choices: AgentChoices) -> Result<()> {
    let fallbacks = serde_json::to_string(&choices.fallbacks).map_err(corrupt)?;
    let cost = |cost: Option<MicroDollars>| cost.map(|cost| cost.millionths().cast_signed());
    row.fallbacks = Set(fallbacks);
    row.temperature = Set(choices.temperature.map(Temperature::degrees));
    row.max_tokens = Set(choices.max_tokens.map(i64::from));
    row.context_window = Set(choices.context_window.map(i64::from));
    row.run_tokens = Set(choices.run_tokens.map(u64::cast_signed));
    row.run_cost = Set(cost(choices.run_cost));
    row.day_tokens = Set(choices.day_tokens.map(u64::cast_signed));
    row.day_cost = Set(cost(choices.day_cost));
    Ok(())
}

fn limit<T: TryFrom<i64>>(column: Option<i64>) -> Result<Option<T>> {
    column.map(|number| count(TABLE, number)).transpose()
}

fn cost(column: Option<i64>) -> Result<Option<MicroDollars>> {
    let millionths: Option<u64> = limit(column)?;
    millionths.map(MicroDollars::new).transpose().map_err(corrupt)
}

fn corrupt(error: impl std::fmt::Display) -> Error {
    Error::Corrupt { table: TABLE, reason: error.to_string() }
}
