//! Notices a run that goes round in a circle.
//!
//! Two signs: the same batch of calls three steps running with the same
//! results, and six steps running that brought nothing which was not known
//! before. Either is told to the model once, so that it can end honestly; a
//! model that goes on calling is stopped.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// How often the same batch may come in a row.
const SAME_BATCH: u32 = 3;

/// How many steps in a row may bring nothing new.
const NOTHING_NEW: u32 = 6;

/// How many facts are remembered; beyond it everything counts as new, and the
/// limit on steps ends the run.
const FACTS: usize = 4096;

/// A sign of going round in a circle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Circle {
    /// The same batch of calls gave the same results three times in a row.
    SameBatch,
    /// Six steps in a row brought nothing new.
    NothingNew,
}

/// What a run has seen so far.
#[derive(Debug, Default)]
pub(crate) struct Guard {
    facts: HashSet<u64>,
    /// The batch of the step that is being taken in.
    open: Vec<u64>,
    is_open_new: bool,
    last: Option<u64>,
    same: u32,
    nothing_new: u32,
}

impl Guard {
    /// Takes in one result of the present step.
    pub(crate) fn result(&mut self, tool: &str, arguments: &str, output: &str) {
        let fact = hash(&(tool, arguments, output));
        self.open.push(fact);
        if self.facts.len() < FACTS {
            self.is_open_new |= self.facts.insert(fact);
        } else {
            self.is_open_new |= !self.facts.contains(&fact);
        }
    }

    /// The step is over, with all its results; a step without calls is none.
    pub(crate) fn step(&mut self) -> Option<Circle> {
        if self.open.is_empty() {
            return None;
        }
        let mut batch = std::mem::take(&mut self.open);
        // Calls made at once may come back in any order.
        batch.sort_unstable();
        let batch = hash(&batch);
        self.same = if self.last == Some(batch) { self.same + 1 } else { 1 };
        self.last = Some(batch);
        let is_new = std::mem::take(&mut self.is_open_new);
        self.nothing_new = if is_new { 0 } else { self.nothing_new + 1 };
        if self.same >= SAME_BATCH {
            Some(Circle::SameBatch)
        } else if self.nothing_new >= NOTHING_NEW {
            Some(Circle::NothingNew)
        } else {
            None
        }
    }

    /// Forgets the circle: a person said something, and the same steps may have
    /// a meaning now.
    pub(crate) fn reset(&mut self) {
        *self = Self::default();
    }
}

impl Circle {
    /// What the model is told.
    pub(crate) const fn nudge(self) -> &'static str {
        match self {
            Self::SameBatch => {
                "The same calls gave the same results three times. Call no more tools. Tell the person honestly what is done, what is not, and why."
            }
            Self::NothingNew => {
                "The last six steps brought nothing new. Call no more tools. Tell the person honestly what is done, what is not, and why."
            }
        }
    }

    /// What the person is told if the model goes on calling.
    pub(crate) const fn sentence(self) -> &'static str {
        match self {
            Self::SameBatch => {
                "The agent made the same calls with the same results again and again and was stopped."
            }
            Self::NothingNew => "The agent's last steps brought nothing new, and it was stopped.",
        }
    }
}

/// Equal within one process, which is as long as a guard lives.
fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(guard: &mut Guard, results: &[(&str, &str)], times: u32) -> Option<Circle> {
        (0..times).fold(None, |_, _| {
            for (arguments, output) in results {
                guard.result("t", arguments, output);
            }
            guard.step()
        })
    }

    #[test]
    fn the_third_equal_batch_is_a_circle_in_any_order() {
        let mut guard = Guard::default();
        assert_eq!(steps(&mut guard, &[("a", "1"), ("b", "2")], 2), None);
        assert_eq!(steps(&mut guard, &[("b", "2"), ("a", "1")], 1), Some(Circle::SameBatch));
        guard.reset();
        assert_eq!(steps(&mut guard, &[("a", "1")], 2), None);
    }

    #[test]
    fn a_call_that_answers_anew_is_no_circle() {
        let mut guard = Guard::default();
        for n in 0..20 {
            assert_eq!(steps(&mut guard, &[("poll", &n.to_string())], 1), None);
        }
    }

    #[test]
    fn six_steps_without_news_are_a_circle() {
        let mut guard = Guard::default();
        steps(&mut guard, &[("a", "1")], 1);
        steps(&mut guard, &[("b", "2")], 1);
        for n in 0..6 {
            let known = if n % 2 == 0 { ("a", "1") } else { ("b", "2") };
            let expected = (n == 5).then_some(Circle::NothingNew);
            assert_eq!(steps(&mut guard, &[known], 1), expected, "{n}");
        }
        assert_eq!(steps(&mut guard, &[("c", "3")], 1), None, "something new");
    }

    #[test]
    fn steps_without_calls_do_not_count() {
        let mut guard = Guard::default();
        steps(&mut guard, &[("a", "1")], 2);
        assert_eq!(guard.step(), None);
    }
}
