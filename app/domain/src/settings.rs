//! What can be changed while the server runs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::choices::{MOST_TOKENS, NO_COST};
use crate::text_enum::text_enum;
use crate::{AgentChoices, Fault, MicroDollars};

text_enum! {
    /// What becomes of the thinking that a provider marks as such. It is never
    /// sent back to a model and never part of an answer.
    pub enum ThinkingMode("thinking mode") {
        /// It is dropped.
        Never = "never",
        /// The newest 64 KiB of a step are stored, if the step fails.
        OnError = "on_error",
        /// It is stored and shown, folded away.
        Always = "always",
    }
}

/// What can be changed while the server runs. What a document leaves out has
/// its default; a field nobody knows is refused by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The model that agents use unless they name another, as `provider/model`;
    /// `None` leaves it to the built-in guide.
    pub default_model: Option<String>,
    /// What one run may use.
    pub limits: RunLimits,
    /// The zone that times are meant in unless something names another, by its
    /// IANA name.
    pub time_zone: String,
    /// What becomes of a model's thinking.
    pub thinking_mode: ThinkingMode,
    /// How long things are kept.
    pub retention: Retention,
}

/// What one run may use. Counts for runs that begin after a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RunLimits {
    /// Exchanges with the model.
    pub max_steps: u32,
    /// Seconds that one tool call may take.
    pub tool_timeout_seconds: u32,
    /// Tokens that the model may write in one step.
    pub max_tokens: u32,
    /// Tokens sent and written by all steps together.
    pub run_tokens: u64,
    /// Seconds that a run may be at work; what it waits for people does not
    /// count.
    pub run_seconds: u32,
    /// What a run may cost; `None` sets no limit, here and in the next two.
    pub run_cost: Option<MicroDollars>,
    /// Tokens sent and written by all runs of an agent on a day in UTC.
    pub day_tokens: Option<u64>,
    /// What all runs of an agent on a day in UTC may cost.
    pub day_cost: Option<MicroDollars>,
}

/// How long things are kept, in days after they ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// The pieces in which text came; the whole text of each step stays.
    pub deltas_days: u32,
    /// The events of ended runs; messages and answers stay.
    pub events_days: u32,
    /// Sessions in which nothing happens any more, with all that is theirs;
    /// `None` keeps them.
    pub sessions_days: Option<u32>,
    /// Answers that were delivered elsewhere.
    pub outbox_days: u32,
}

text_enum! {
    /// Where a value comes from. A word further down wins over those above it.
    pub enum Origin("origin of a value") {
        /// Nobody said anything else.
        Default = "default",
        /// It is stored and can be changed in the dashboard.
        Setting = "setting",
        /// The server's configuration file.
        File = "file",
        /// A variable of the server's environment.
        Environment = "environment",
        /// An argument that the server was started with.
        Flag = "flag",
    }
}

/// A value that the server was started with, for people to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerFact {
    /// What it is called in the configuration file.
    pub name: String,
    /// The value; never a secret.
    pub value: String,
    /// Where it comes from.
    pub origin: Origin,
}

/// The settings as pages and the API show them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsView {
    /// What is stored.
    pub settings: Settings,
    /// Names this state of the settings; a change has to bring it back.
    pub etag: String,
    /// The model that agents without one of their own use now.
    pub model_in_use: String,
    /// What the server was started with. A value in here that is also a setting
    /// wins over it.
    pub server: Vec<ServerFact>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            default_model: None,
            limits: RunLimits::default(),
            time_zone: "UTC".to_owned(),
            thinking_mode: ThinkingMode::Never,
            retention: Retention::default(),
        }
    }
}

impl Default for RunLimits {
    fn default() -> Self {
        Self {
            max_steps: 120,
            tool_timeout_seconds: 900,
            max_tokens: 20_000,
            run_tokens: 5_000_000,
            run_seconds: 4 * 60 * 60,
            run_cost: None,
            day_tokens: None,
            day_cost: None,
        }
    }
}

impl Default for Retention {
    fn default() -> Self {
        Self { deltas_days: 1, events_days: 90, sessions_days: None, outbox_days: 30 }
    }
}

impl Settings {
    /// The most bytes of a model's name with its provider.
    pub const MAX_MODEL: usize = 300;

    /// Refuses values out of their range, each by the path of its field. Whether
    /// a model and a zone exist, others know.
    pub fn check(&self) -> Result<(), Fault> {
        let RunLimits {
            max_steps,
            tool_timeout_seconds,
            max_tokens,
            run_tokens,
            run_seconds,
            run_cost,
            day_tokens,
            day_cost,
        } = self.limits;
        let Retention { deltas_days, events_days, sessions_days, outbox_days } = self.retention;
        let days = 36_500;
        let ranges = [
            ("limits.max_steps", u64::from(max_steps), 1, 10_000),
            ("limits.tool_timeout_seconds", u64::from(tool_timeout_seconds), 1, 86_400),
            ("limits.max_tokens", u64::from(max_tokens), 1, 10_000_000),
            ("limits.run_tokens", run_tokens, 1, MOST_TOKENS),
            ("limits.run_seconds", u64::from(run_seconds), 1, 2_592_000),
            ("limits.day_tokens", day_tokens.unwrap_or(1), 1, MOST_TOKENS),
            ("retention.deltas_days", u64::from(deltas_days), 0, days),
            ("retention.events_days", u64::from(events_days), 1, days),
            ("retention.sessions_days", u64::from(sessions_days.unwrap_or(1)), 1, days),
            ("retention.outbox_days", u64::from(outbox_days), 1, days),
        ];
        let wrong = ranges.into_iter().filter(|(_, value, low, high)| value < low || value > high);
        let sentence = |low, high| format!("Give a number from {low} to {high}.");
        let mut fields: BTreeMap<String, String> =
            wrong.map(|(path, _, low, high)| (path.to_owned(), sentence(low, high))).collect();
        for (path, cost) in [("limits.run_cost", run_cost), ("limits.day_cost", day_cost)] {
            if cost == Some(MicroDollars::default()) {
                fields.insert(path.to_owned(), NO_COST.to_owned());
            }
        }
        let Some((path, sentence)) = fields.first_key_value() else { return Ok(()) };
        let mut fault = Fault::field(path, sentence);
        fault.fields = fields;
        Err(fault)
    }
}

impl RunLimits {
    /// What a run of an agent may use: its own choices, and these where it has
    /// none.
    pub fn of_agent(self, own: &AgentChoices) -> Self {
        Self {
            max_tokens: own.max_tokens.unwrap_or(self.max_tokens),
            run_tokens: own.run_tokens.unwrap_or(self.run_tokens),
            run_cost: own.run_cost.or(self.run_cost),
            day_tokens: own.day_tokens.or(self.day_tokens),
            day_cost: own.day_cost.or(self.day_cost),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_has_its_default_and_what_nobody_knows_is_refused() {
        let read = |text: &str| serde_json::from_str::<Settings>(text);
        assert_eq!(read("{}").unwrap(), Settings::default());
        let some = read(r#"{"limits":{"max_steps":3}}"#).unwrap();
        assert_eq!(some.limits, RunLimits { max_steps: 3, ..RunLimits::default() });
        assert!(read(r#"{"limits":{"steps":3}}"#).is_err());
        assert!(read(r#"{"limit":{}}"#).is_err());
    }

    #[test]
    fn each_value_out_of_range_is_named() {
        let mut settings = Settings::default();
        assert_eq!(settings.check(), Ok(()));
        settings.limits.max_steps = 0;
        settings.retention.sessions_days = Some(0);
        settings.limits.day_cost = Some(MicroDollars::default());
        let fault = settings.check().unwrap_err();
        let named: Vec<_> = fault.fields.keys().map(String::as_str).collect();
        assert_eq!(named, ["limits.day_cost", "limits.max_steps", "retention.sessions_days"]);
    }

    #[test]
    fn an_agents_own_limits_win_over_those_of_all() {
        let one = MicroDollars::new(1).ok();
        let all = RunLimits { day_cost: one, day_tokens: Some(9), ..RunLimits::default() };
        let own = AgentChoices { run_tokens: Some(5), day_tokens: Some(1), ..Default::default() };
        let limits = all.of_agent(&own);
        assert_eq!((limits.run_tokens, limits.day_tokens, limits.day_cost), (5, Some(1), one));
        assert_eq!(limits.max_tokens, all.max_tokens);
    }
}
