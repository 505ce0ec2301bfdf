//! A form of the settings page: a part of the settings, as it was typed.

use std::collections::BTreeMap;
use std::str::FromStr;

use domain::{BadAmount, Fault, MicroDollars, Settings};

use super::{Posted, engine, refused, signed_in, stay};
use crate::{ApiError, routes};

/// Reads what was typed, and gathers what does not read.
pub(crate) struct SettingsForm {
    posted: Posted,
    typed: BTreeMap<&'static str, String>,
    wrong: BTreeMap<String, String>,
}

impl SettingsForm {
    pub(crate) fn new(form: &'static str) -> Self {
        let posted = Posted::new(form, routes::SETTINGS);
        Self { posted, typed: BTreeMap::new(), wrong: BTreeMap::new() }
    }

    pub(crate) fn typed(mut self, field: &'static str, value: &str) -> Self {
        self.posted = self.posted.typed(field, value);
        self.typed.insert(field, value.trim().to_owned());
        self
    }

    /// A number as people write it, with commas or spaces between its digits.
    pub(crate) fn number<T: FromStr>(&mut self, field: &'static str, otherwise: T) -> T {
        let digits: String = self.text(field).chars().filter(|c| !", _".contains(*c)).collect();
        self.read(field, &digits, otherwise, "Give a whole number.")
    }

    /// A number that may be left out.
    pub(crate) fn optional_number<T: FromStr>(
        &mut self,
        field: &'static str,
        otherwise: T,
    ) -> Option<T> {
        (!self.text(field).is_empty()).then(|| self.number(field, otherwise))
    }

    /// An amount of dollars that may be left out.
    pub(crate) fn amount(&mut self, field: &'static str) -> Option<MicroDollars> {
        let text = self.text(field);
        let sentence = BadAmount.to_string();
        (!text.is_empty()).then(|| self.read(field, &text, MicroDollars::default(), &sentence))
    }

    /// A word out of a list.
    pub(crate) fn word<T: FromStr>(&mut self, field: &'static str, otherwise: T) -> T {
        let text = self.text(field);
        self.read(field, &text, otherwise, "Choose one from the list.")
    }

    /// Changes the settings that the etag names, if all was understood.
    pub(crate) async fn save(
        mut self,
        etag: &str,
        change: impl FnOnce(&mut Self, &mut Settings),
    ) -> Result<(), ApiError> {
        let answer = async {
            let who = signed_in().await?;
            let engine = engine()?;
            let mut settings = engine.settings(&who).await.map_err(refused)?.settings;
            change(&mut self, &mut settings);
            if let Some((field, sentence)) = self.wrong.first_key_value() {
                let mut fault = Fault::field(field, sentence.clone());
                fault.fields = std::mem::take(&mut self.wrong);
                return Err(refused(fault));
            }
            let changed = engine.change_settings(&who, etag, settings).await;
            changed.map(drop).map_err(|error| {
                let mut fault = Fault::from(error);
                // The form calls its fields by their last word.
                let short = |name: String| name.rsplit('.').next().unwrap_or_default().to_owned();
                let fields = std::mem::take(&mut fault.fields).into_iter();
                fault.fields = fields.map(|(name, what)| (short(name), what)).collect();
                refused(fault)
            })
        };
        let answer = answer.await;
        self.posted.settle(answer).await?;
        stay(routes::SETTINGS);
        Ok(())
    }

    fn text(&self, field: &'static str) -> String {
        self.typed.get(field).cloned().unwrap_or_default()
    }

    fn read<T: FromStr>(
        &mut self,
        field: &'static str,
        text: &str,
        otherwise: T,
        sentence: &str,
    ) -> T {
        text.parse().unwrap_or_else(|_| {
            self.wrong.insert(field.to_owned(), sentence.to_owned());
            otherwise
        })
    }
}
