//! Secrets that a call refers to by name: `{{secret:name}}`.
//!
//! A model writes the name and never sees the value. It is filled in when the
//! request is made, and taken out of whatever comes back.

use std::collections::{BTreeMap, BTreeSet};

use domain::{SecretName, ToolErrorCode};
use network::{Reach, Target};
use secrets::{Masker, SecretText};
use serde_json::Value;

use crate::{Network, NoSecret, ToolError, text};

/// How a reference begins and ends.
const BEGIN: &str = "{{secret:";
const END: &str = "}}";

/// The longest name, in bytes.
const LONGEST: usize = 128;

/// The most different secrets of one call.
const MOST: usize = 8;

/// The names of the secrets that texts refer to, each once. What is no name
/// finds no secret either.
pub(crate) fn names<'t>(texts: impl IntoIterator<Item = &'t str>) -> Vec<SecretName> {
    let pieces = texts.into_iter().flat_map(|text| text.split(BEGIN).skip(1));
    let names = pieces.filter_map(|piece| piece.split_once(END)?.0.trim().parse().ok());
    let names: BTreeSet<SecretName> = names.collect();
    names.into_iter().collect()
}

/// The secrets of one call, for one host.
pub(crate) struct References<'r> {
    network: &'r Network,
    target: &'r Target,
    reach: Reach,
    values: BTreeMap<String, SecretText>,
}

/// A text with its secrets filled in.
pub(crate) struct Filled {
    pub(crate) text: String,
    pub(crate) secrecy: network::Secrecy,
}

impl<'r> References<'r> {
    /// For a call to a target that may be reached.
    pub(crate) fn new(network: &'r Network, target: &'r Target, reach: Reach) -> Self {
        Self { network, target, reach, values: BTreeMap::new() }
    }

    /// Fills in a text.
    pub(crate) async fn fill(&mut self, text: &str) -> Result<Filled, ToolError> {
        let (mut filled, mut rest) = (String::with_capacity(text.len()), text);
        let mut secrecy = network::Secrecy::Plain;
        while let Some((before, after)) = rest.split_once(BEGIN) {
            let (name, after) = after.split_once(END).ok_or_else(not_a_name)?;
            filled.push_str(before);
            filled.push_str(self.value(name.trim()).await?.reveal());
            secrecy = network::Secrecy::Secret;
            rest = after;
        }
        filled.push_str(rest);
        Ok(Filled { text: filled, secrecy })
    }

    /// Fills in every text inside of a value.
    pub(crate) async fn fill_json(
        &mut self,
        value: &mut Value,
    ) -> Result<network::Secrecy, ToolError> {
        let mut secrecy = network::Secrecy::Plain;
        let mut left = vec![value];
        while let Some(value) = left.pop() {
            match value {
                Value::String(text) if text.contains(BEGIN) => {
                    *text = self.fill(text).await?.text;
                    secrecy = network::Secrecy::Secret;
                }
                Value::Array(items) => left.extend(items),
                Value::Object(fields) => left.extend(fields.values_mut()),
                _ => {}
            }
        }
        Ok(secrecy)
    }

    /// What takes the secrets out of an answer.
    pub(crate) fn masker(&self) -> Result<Masker, ToolError> {
        let named = self.values.iter().map(|(name, value)| (name.as_str(), value));
        Masker::new(named).map_err(|_| {
            let message = "The answer could not be cleared of secrets, so it is not shown.";
            ToolError::new(ToolErrorCode::InternalError, message)
        })
    }

    async fn value(&mut self, name: &str) -> Result<&SecretText, ToolError> {
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"-_./".contains(&b);
        if name.is_empty() || name.len() > LONGEST || !name.bytes().all(fits) {
            return Err(not_a_name());
        }
        if !self.values.contains_key(name) {
            let value = self.ask(name).await?;
            self.values.insert(name.to_owned(), value);
        }
        self.values.get(name).ok_or_else(not_a_name)
    }

    async fn ask(&self, name: &str) -> Result<SecretText, ToolError> {
        if self.values.len() == MOST {
            let message = format!("A call refers to at most {MOST} secrets.");
            return Err(ToolError::input_invalid(message));
        }
        let (host, port) = (self.target.host().to_string(), self.target.port());
        if !self.target.is_https() && self.reach == Reach::Public {
            let message =
                format!("A secret is not sent to `{host}` without encryption: use https.");
            return Err(ToolError::new(ToolErrorCode::PolicyDenied, message));
        }
        let denied = |message| Err(ToolError::new(ToolErrorCode::PolicyDenied, message));
        match self.network.secrets.value(name, &host, port).await {
            Ok(value) => Ok(value),
            Err(NoSecret::Unknown) => {
                denied(format!("There is no secret `{name}` for this agent."))
            }
            Err(NoSecret::NotForHost) => {
                denied(format!("The secret `{name}` may not be sent to `{host}` at port {port}."))
            }
            Err(NoSecret::Broken) => {
                let message = format!("The secret `{name}` cannot be read at the moment.");
                Err(ToolError::new(ToolErrorCode::InternalError, message))
            }
        }
    }
}

/// Refuses a reference where none is filled in.
pub(crate) fn none_in(what: &str, value: &str) -> Result<(), ToolError> {
    if !value.contains(BEGIN) {
        return Ok(());
    }
    let message = format!(
        "No secret is filled into {what}: refer to `{}` in a header's value or in the body.",
        text::shown(
            value.split_once(BEGIN).map_or("", |(_, rest)| rest.split('}').next().unwrap_or(""))
        )
    );
    Err(ToolError::input_invalid(message))
}

fn not_a_name() -> ToolError {
    let message = "A secret is referred to as {{secret:name}}, with a name of letters, digits and \
                   `-_./`.";
    ToolError::input_invalid(message)
}
