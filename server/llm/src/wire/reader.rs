//! What a form reads in its own way.

use serde_json::Value;

use super::Answer;
use crate::LlmError;

/// Reads what providers of one form send.
pub(crate) trait Reader: Send {
    /// Takes in the data of one event, or a whole answer; errors that stand in
    /// it were taken out before.
    fn read(&mut self, value: Value, answer: &mut Answer) -> Result<(), LlmError>;

    /// What the provider wants back unread with the next request; asked once,
    /// at the end. Nothing where the answer holds nothing of the kind.
    fn carried(&mut self, answer: &Answer) -> Vec<Value>;
}
