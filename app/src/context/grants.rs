//! What was typed of a grant, and of which rows of the record are asked for, as
//! the product's own words.

use std::fmt::Display;
use std::str::FromStr;

use domain::{AgentView, AuditFilter, Fault, GrantTerms, Lasts, Reach, Scope, Timestamp, Ways};

use super::{agent_named, refused, word};
use crate::ApiError;
use crate::api::audit::AuditQuery;
use crate::api::grants::GrantForm;

/// The grant that a form describes, or what is wrong with which field.
pub(crate) fn grant_terms(form: &GrantForm) -> Result<GrantTerms, ApiError> {
    let scope = match form.covers.as_str() {
        "anything" => Scope::Anything,
        _ => Scope::only(Reach {
            read: patterns("read", &form.read)?,
            write: patterns("write", &form.write)?,
            hosts: patterns("hosts", &form.hosts)?,
            commands: patterns("commands", &form.commands)?,
            secrets: patterns("secrets", &form.secrets)?,
        })
        .map_err(|error| wrong("covers", error))?,
    };
    let lasts = match form.until.trim() {
        "" => Lasts::Always,
        day => Lasts::Until(moment("until", day, "00:00:00")?),
    };
    let ways = match form.ways.as_str() {
        "" => Ways::Both,
        ways => ways.parse().map_err(|error| wrong("ways", error))?,
    };
    Ok(GrantTerms {
        tool: form.tool.trim().parse().map_err(|error| wrong("tool", error))?,
        mode: form.mode.parse().map_err(|error| wrong("mode", error))?,
        ways,
        lasts,
        scope,
    })
}

/// The rows of the record that an address asks for.
pub(crate) fn audit_filter(
    query: &AuditQuery,
    agents: &[AgentView],
) -> Result<AuditFilter, ApiError> {
    let day = |field, day: &Option<String>, time| {
        day.as_deref().map(|day| moment(field, day, time)).transpose()
    };
    Ok(AuditFilter {
        tool: query.tool.clone(),
        agent_id: query.agent.as_deref().map(|name| agent_named(agents, name)).transpose()?,
        kind: word(query.kind.as_deref())?,
        run_id: word(query.run.as_deref())?,
        since: day("since", &query.since, "00:00:00")?,
        until: day("until", &query.until, "23:59:59.999")?,
    })
}

fn patterns<T>(field: &'static str, lines: &str) -> Result<Vec<T>, ApiError>
where
    T: FromStr,
    T::Err: Display,
{
    let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| line.parse().map_err(|error| wrong(field, error))).collect()
}

/// A time of a day in UTC, the day as browsers write it: `2026-03-24`.
fn moment(field: &'static str, day: &str, time: &str) -> Result<Timestamp, ApiError> {
    let sentence = "Write a day as year, month and day, for example 2026-03-24.";
    format!("{day}T{time}Z").parse().map_err(|_| wrong(field, sentence))
}

fn wrong(field: &'static str, error: impl Display) -> ApiError {
    refused(Fault::field(field, error.to_string()))
}
