//! Ids of calls on the wire, each once in a conversation.

use std::collections::{HashMap, HashSet};

/// The longest id, in bytes: what the OpenAI forms accept.
const LONGEST: usize = 64;

/// The ids that a conversation has given out.
#[derive(Debug, Default)]
pub(super) struct WireIds {
    taken: HashSet<String>,
    /// The last number that was put behind an id that came again.
    again: HashMap<String, u32>,
}

impl WireIds {
    /// An id that nothing else in the conversation has: the model's own where
    /// that can be, else the same with a number. Many models count from
    /// `call_0` in every reply.
    pub(super) fn give(&mut self, raw: &str) -> String {
        let raw = if raw.is_empty() { "call" } else { raw };
        if raw.len() <= LONGEST && self.taken.insert(raw.to_owned()) {
            return raw.to_owned();
        }
        let stem = &raw[..raw.floor_char_boundary(LONGEST - 11)];
        let number = self.again.entry(stem.to_owned()).or_insert(1);
        loop {
            *number += 1;
            let id = format!("{stem}_{number}");
            if self.taken.insert(id.clone()) {
                return id;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_models_own_id_stays_and_a_repeated_one_is_numbered() {
        let mut ids = WireIds::default();
        let given: Vec<_> =
            ["call_0", "call_0", "call_0_2", "call_0", ""].map(|raw| ids.give(raw)).into();
        assert_eq!(given, ["call_0", "call_0_2", "call_0_2_2", "call_0_3", "call"]);
        let long = "那".repeat(100);
        let given: HashSet<_> = (0..100).map(|_| ids.give(&long)).collect();
        assert!(given.len() == 100 && given.iter().all(|id| id.len() <= LONGEST));
    }
}
