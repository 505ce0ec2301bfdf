//! What a refused form hands back to its page.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::CommandReply;

/// The outcome of a refused form that was sent without scripts: kept by the
/// server for one reading, shown by the page that the person is sent back to.
/// It never holds a password or any other secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormNote {
    /// Which form, by the last part of its path, for example `login`.
    pub form: String,
    /// The sentence above the form.
    pub message: String,
    /// The sentence for each field that is wrong, by field name.
    pub fields: BTreeMap<String, String>,
    /// What was typed, by field name.
    pub values: BTreeMap<String, String>,
    /// What a command answered, where nothing was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<CommandReply>,
}
