//! What an agent's owner chose for it beside its model.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::text_enum::text_enum;
use crate::{Fault, MicroDollars, Temperature};

/// The choices of an agent. `None` leaves one to the settings, or to what is
/// known of the model.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentChoices {
    /// Models that stand in for its own, in this order, each as
    /// `provider/model`: at most 5.
    pub fallbacks: Vec<String>,
    /// How freely the model chooses its words; `None` leaves it to the model.
    pub temperature: Option<Temperature>,
    /// Tokens that the model may write in one step.
    pub max_tokens: Option<u32>,
    /// Tokens that fit before the model; `None` takes what is known of it.
    pub context_window: Option<u32>,
    /// Tokens sent and written by all steps of a run together.
    pub run_tokens: Option<u64>,
    /// What a run may cost.
    pub run_cost: Option<MicroDollars>,
    /// Tokens sent and written by all runs of a day in UTC.
    pub day_tokens: Option<u64>,
    /// What all runs of a day in UTC may cost.
    pub day_cost: Option<MicroDollars>,
}

/// A change of choices. The outer `None` leaves one as it is; the inner one
/// takes it back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChoicesEdit {
    /// Other models to stand in; nothing or none for no such models.
    pub fallbacks: Option<Option<Vec<String>>>,
    /// Another temperature.
    pub temperature: Option<Option<Temperature>>,
    /// Another limit of a step's tokens.
    pub max_tokens: Option<Option<u32>>,
    /// Another size of the model's window.
    pub context_window: Option<Option<u32>>,
    /// Another limit of a run's tokens.
    pub run_tokens: Option<Option<u64>>,
    /// Another limit of a run's cost.
    pub run_cost: Option<Option<MicroDollars>>,
    /// Another limit of a day's tokens.
    pub day_tokens: Option<Option<u64>>,
    /// Another limit of a day's cost.
    pub day_cost: Option<Option<MicroDollars>>,
}

text_enum! {
    /// One of the choices, as forms call its field.
    pub enum ChoiceName("choice of an agent") {
        /// Models that stand in.
        Fallbacks = "fallbacks",
        /// The temperature.
        Temperature = "temperature",
        /// Tokens of a step.
        MaxTokens = "max_tokens",
        /// The window.
        ContextWindow = "context_window",
        /// Tokens of a run.
        RunTokens = "run_tokens",
        /// Cost of a run.
        RunCost = "run_cost",
        /// Tokens of a day.
        DayTokens = "day_tokens",
        /// Cost of a day.
        DayCost = "day_cost",
    }
}

impl AgentChoices {
    /// The most models that may stand in.
    pub const MAX_FALLBACKS: usize = 5;

    /// A choice as a form shows it; empty where none was made.
    pub fn text(&self, name: ChoiceName) -> String {
        fn shown<T: ToString>(value: Option<T>) -> String {
            value.map(|value| value.to_string()).unwrap_or_default()
        }
        match name {
            ChoiceName::Fallbacks => self.fallbacks.join("\n"),
            ChoiceName::Temperature => shown(self.temperature),
            ChoiceName::MaxTokens => shown(self.max_tokens),
            ChoiceName::ContextWindow => shown(self.context_window),
            ChoiceName::RunTokens => shown(self.run_tokens),
            ChoiceName::RunCost => shown(self.run_cost),
            ChoiceName::DayTokens => shown(self.day_tokens),
            ChoiceName::DayCost => shown(self.day_cost),
        }
    }
}

impl ChoicesEdit {
    /// Whether nothing would change.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Sets a choice to what a person typed; nothing takes it back. What does
    /// not read gets a sentence.
    pub fn set(&mut self, name: ChoiceName, text: &str) -> Result<(), String> {
        let text = text.trim();
        match name {
            ChoiceName::Fallbacks => {
                let models = text.split(['\n', ',']).map(str::trim);
                let models = models.filter(|model| !model.is_empty()).map(str::to_owned);
                self.fallbacks = Some(Some(models.collect()));
            }
            ChoiceName::Temperature => self.temperature = Some(typed(text)?),
            ChoiceName::MaxTokens => self.max_tokens = Some(number(text)?),
            ChoiceName::ContextWindow => self.context_window = Some(number(text)?),
            ChoiceName::RunTokens => self.run_tokens = Some(number(text)?),
            ChoiceName::RunCost => self.run_cost = Some(typed(text)?),
            ChoiceName::DayTokens => self.day_tokens = Some(number(text)?),
            ChoiceName::DayCost => self.day_cost = Some(typed(text)?),
        }
        Ok(())
    }

    /// Refuses values out of their range, each by its field. Whether a model
    /// exists, others know.
    pub fn check(&self) -> Result<(), Fault> {
        fn told<T: Into<u64>>(edit: Option<Option<T>>) -> Option<u64> {
            edit.flatten().map(Into::into)
        }
        let ranges = [
            ("max_tokens", told(self.max_tokens), 1, 10_000_000),
            ("context_window", told(self.context_window), 1_000, 100_000_000),
            ("run_tokens", told(self.run_tokens), 1, MOST_TOKENS),
            ("day_tokens", told(self.day_tokens), 1, MOST_TOKENS),
        ];
        let wrong = ranges.into_iter().filter_map(|(field, value, low, high)| {
            let outside = value.is_some_and(|value| value < low || value > high);
            outside.then(|| (field, format!("Give a number from {low} to {high}.")))
        });
        let mut fields: BTreeMap<String, String> =
            wrong.map(|(field, sentence)| (field.to_owned(), sentence)).collect();
        for (field, cost) in [("run_cost", self.run_cost), ("day_cost", self.day_cost)] {
            if cost.flatten() == Some(MicroDollars::default()) {
                fields.insert(field.to_owned(), NO_COST.to_owned());
            }
        }
        let fallbacks = self.fallbacks.iter().flatten().flatten();
        if fallbacks.count() > AgentChoices::MAX_FALLBACKS {
            let sentence = "At most 5 models stand in for the agent's own.";
            fields.insert(ChoiceName::Fallbacks.to_string(), sentence.to_owned());
        }
        let Some((field, sentence)) = fields.first_key_value() else { return Ok(()) };
        let mut fault = Fault::field(field, sentence);
        fault.fields = fields;
        Err(fault)
    }

    /// Makes the change.
    pub fn apply(self, to: &mut AgentChoices) {
        fn put<T>(place: &mut T, edit: Option<T>) {
            if let Some(value) = edit {
                *place = value;
            }
        }
        put(&mut to.fallbacks, self.fallbacks.map(Option::unwrap_or_default));
        put(&mut to.temperature, self.temperature);
        put(&mut to.max_tokens, self.max_tokens);
        put(&mut to.context_window, self.context_window);
        put(&mut to.run_tokens, self.run_tokens);
        put(&mut to.run_cost, self.run_cost);
        put(&mut to.day_tokens, self.day_tokens);
        put(&mut to.day_cost, self.day_cost);
    }
}

/// The largest limit of tokens.
pub(crate) const MOST_TOKENS: u64 = 1_000_000_000_000;

/// What is said of a limit that nothing could keep.
pub(crate) const NO_COST: &str =
    "Give an amount from 0.000001 to 1,000,000 US dollars, or leave it empty for no limit.";

fn typed<T: std::str::FromStr>(text: &str) -> Result<Option<T>, String>
where
    T::Err: std::fmt::Display,
{
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|error: T::Err| error.to_string())
}

/// A number as people write it, with commas or spaces between its digits.
fn number<T: std::str::FromStr>(text: &str) -> Result<Option<T>, String> {
    let digits: String = text.chars().filter(|c| !", _".contains(*c)).collect();
    if digits.is_empty() {
        return Ok(None);
    }
    digits.parse().map(Some).map_err(|_| "Give a whole number, or nothing.".to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "this is how a test fails")]

    use super::*;

    fn set(pairs: &[(ChoiceName, &str)]) -> ChoicesEdit {
        let mut edit = ChoicesEdit::default();
        pairs.iter().for_each(|(name, text)| edit.set(*name, text).unwrap());
        edit
    }

    #[test]
    fn what_is_shown_reads_back() {
        let edit = set(&[
            (ChoiceName::Fallbacks, "a/b\r\nc/d, e/f/g\n\n"),
            (ChoiceName::Temperature, "0.7"),
            (ChoiceName::MaxTokens, "4,000"),
            (ChoiceName::ContextWindow, "32768"),
            (ChoiceName::RunTokens, "100 000"),
            (ChoiceName::RunCost, "$0.25"),
            (ChoiceName::DayTokens, ""),
            (ChoiceName::DayCost, "5"),
        ]);
        let mut choices = AgentChoices { day_tokens: Some(7), ..AgentChoices::default() };
        edit.apply(&mut choices);
        assert_eq!(choices.fallbacks, ["a/b", "c/d", "e/f/g"]);
        assert_eq!((choices.max_tokens, choices.day_tokens), (Some(4000), None));
        let mut again = ChoicesEdit::default();
        for name in ChoiceName::ALL {
            again.set(*name, &choices.text(*name)).unwrap();
        }
        let mut copy = AgentChoices::default();
        again.apply(&mut copy);
        assert_eq!(copy, choices);
    }

    #[test]
    fn an_edit_of_one_choice_leaves_the_others() {
        let mut choices = AgentChoices { run_tokens: Some(7), ..AgentChoices::default() };
        let before = choices.clone();
        ChoicesEdit::default().apply(&mut choices);
        assert_eq!(choices, before);
        let edit = set(&[(ChoiceName::RunTokens, " "), (ChoiceName::DayCost, "1.5")]);
        edit.apply(&mut choices);
        assert_eq!(choices.run_tokens, None);
        assert_eq!(choices.day_cost.unwrap().to_string(), "1.50");
    }

    #[test]
    fn each_value_out_of_range_is_named() {
        let edit = set(&[
            (ChoiceName::Fallbacks, "1/a,2/a,3/a,4/a,5/a,6/a"),
            (ChoiceName::MaxTokens, "0"),
            (ChoiceName::ContextWindow, "999"),
            (ChoiceName::RunTokens, "1000000000001"),
            (ChoiceName::RunCost, "0"),
            (ChoiceName::DayTokens, "0"),
            (ChoiceName::DayCost, "0.00"),
        ]);
        let named: Vec<_> = edit.check().unwrap_err().fields.into_keys().collect();
        let mut all: Vec<_> = ChoiceName::ALL.iter().map(ToString::to_string).collect();
        all.retain(|name| name != "temperature");
        all.sort();
        assert_eq!(named, all);
        assert!(ChoicesEdit::default().set(ChoiceName::MaxTokens, "many").is_err());
        assert_eq!(ChoicesEdit::default().check(), Ok(()));
    }
}
