//! Results of pure calls, used again within a run.
//!
//! A call counts as the same by its tool and the meaning of its arguments. What
//! is remembered holds until something has run that could change the answer, or
//! a person has had the word.

use std::collections::HashMap;

use domain::CallId;
use serde_json::Value;
use tools::Class;

/// How many results are remembered; beyond it new ones are not.
const MOST: usize = 256;

/// What pure calls gave so far.
#[derive(Debug, Default)]
pub(crate) struct Reuse {
    known: HashMap<Key, Known>,
}

/// What a call gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Known {
    /// The call that ran.
    pub(crate) call: CallId,
    /// Its line for people.
    pub(crate) summary: String,
    /// What the model was told.
    pub(crate) output: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    tool: String,
    arguments: String,
}

impl Reuse {
    /// What the same call gave before, if that still holds.
    pub(crate) fn find(&self, tool: &str, arguments: &str) -> Option<&Known> {
        self.known.get(&Key::of(tool, arguments))
    }

    /// Takes in a call that went well.
    pub(crate) fn succeeded(&mut self, class: Class, tool: &str, arguments: &str, known: Known) {
        if class.may_change_answers() {
            self.known.clear();
        } else if class == Class::Pure && self.known.len() < MOST {
            self.known.insert(Key::of(tool, arguments), known);
        }
    }

    /// Takes in a call that failed: it may have changed something all the same.
    pub(crate) fn failed(&mut self, class: Class) {
        if class.may_change_answers() {
            self.known.clear();
        }
    }

    /// Forgets everything: time has passed, or a person has acted.
    pub(crate) fn reset(&mut self) {
        self.known.clear();
    }
}

impl Key {
    /// Arguments that mean the same are the same, however they are written.
    fn of(tool: &str, arguments: &str) -> Self {
        let arguments = serde_json::from_str::<Value>(arguments).map_or_else(
            |_| arguments.to_owned(),
            |mut value| {
                value.sort_all_objects();
                value.to_string()
            },
        );
        Self { tool: tool.to_owned(), arguments }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(n: u128) -> Known {
        let call = CallId::from_uuid(uuid::Uuid::from_u128(n));
        Known { call, summary: String::new(), output: n.to_string() }
    }

    #[test]
    fn the_same_call_is_found_however_it_is_written() {
        let mut reuse = Reuse::default();
        reuse.succeeded(Class::Pure, "fs.read", r#"{"path":"a","from":1}"#, known(1));
        assert_eq!(reuse.find("fs.read", "{ \"from\": 1, \"path\": \"a\" }"), Some(&known(1)));
        assert_eq!(reuse.find("fs.read", r#"{"path":"b","from":1}"#), None);
        assert_eq!(reuse.find("fs.list", r#"{"path":"a","from":1}"#), None);
    }

    #[test]
    fn only_pure_results_are_kept_and_only_until_something_changes() {
        for (class, stays) in [
            (Class::Pure, true),
            (Class::Reads, true),
            (Class::Writes, false),
            (Class::RunsCode, false),
            (Class::Network, false),
            (Class::TalksToPeople, false),
        ] {
            let mut reuse = Reuse::default();
            reuse.succeeded(Class::Pure, "fs.read", "{}", known(1));
            reuse.succeeded(class, "other", "{}", known(2));
            assert_eq!(reuse.find("fs.read", "{}").is_some(), stays, "{class:?}");
            assert_eq!(reuse.find("other", "{}").is_some(), class == Class::Pure, "{class:?}");
            let mut reuse = Reuse::default();
            reuse.succeeded(Class::Pure, "fs.read", "{}", known(1));
            reuse.failed(class);
            assert_eq!(reuse.find("fs.read", "{}").is_some(), stays, "{class:?} failed");
        }
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut reuse = Reuse::default();
        for n in 0..MOST + 10 {
            reuse.succeeded(Class::Pure, "t", &n.to_string(), known(1));
        }
        assert!(reuse.find("t", "255").is_some() && reuse.find("t", "256").is_none());
    }
}
