//! What a provider wants back unread: its own blocks of an answer, signed or
//! encrypted thinking among them.
//!
//! They are of use to the model that wrote them and to no other, so they carry
//! the form and the model, and are left out where either is another one now.

use std::collections::HashSet;

use domain::ProviderForm;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ToolCall;

/// The most bytes that are carried for one answer. More is not carried at all,
/// since half of it would be refused.
const MOST: usize = 1 << 20;

/// Whose blocks are carried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Carried {
    form: ProviderForm,
    model: String,
}

#[derive(Serialize, Deserialize)]
struct Packed {
    form: ProviderForm,
    model: String,
    items: Vec<Value>,
}

impl Carried {
    pub(crate) fn new(form: ProviderForm, model: &str) -> Self {
        Self { form, model: model.to_owned() }
    }

    /// The blocks as text to be kept.
    pub(crate) fn pack(&self, items: Vec<Value>) -> Option<String> {
        if items.is_empty() {
            return None;
        }
        let packed = Packed { form: self.form, model: self.model.clone(), items };
        serde_json::to_string(&packed).ok().filter(|text| text.len() <= MOST)
    }

    /// The blocks that were kept, where they are this model's own.
    pub(crate) fn unpack(&self, kept: Option<&str>) -> Option<Vec<Value>> {
        let packed: Packed = serde_json::from_str(kept?).ok()?;
        let own = packed.form == self.form && packed.model == self.model;
        own.then_some(packed.items)
    }
}

/// Whether blocks hold exactly the calls of a message: those that do not would
/// leave a call without its result.
pub(crate) fn agree<'a>(blocks: impl Iterator<Item = &'a str>, calls: &[ToolCall]) -> bool {
    let ids: HashSet<&str> = calls.iter().map(|call| call.id.as_str()).collect();
    let held: Vec<&str> = blocks.collect();
    held.len() == calls.len() && held.into_iter().collect::<HashSet<_>>() == ids
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn blocks_come_back_to_their_own_model_alone() {
        let own = Carried::new(ProviderForm::Anthropic, "m");
        let items = vec![json!({ "type": "thinking", "signature": "a+b/==" })];
        let kept = own.pack(items.clone()).unwrap();
        assert_eq!(own.unpack(Some(&kept)), Some(items));
        for other in
            [Carried::new(ProviderForm::Gemini, "m"), Carried::new(ProviderForm::Anthropic, "n")]
        {
            assert_eq!(other.unpack(Some(&kept)), None);
        }
        assert_eq!(own.unpack(Some("{")), None);
        assert_eq!(own.unpack(None), None);
        assert_eq!(own.pack(vec![]), None);
        assert_eq!(own.pack(vec![json!("x".repeat(MOST))]), None);
    }
}
