//! Staged recovery from failing calls.
//!
//! Two failures in a row begin it. While it lasts every failure counts, also
//! those with successes between them, so that an intermittent loop ends too:
//! after three more a person is asked. Three successes in a row end it.

use domain::{Attempt, RecoveryState};

/// Failures in a row that begin the recovery.
const BEGINS: u32 = 2;

/// Failures within the recovery that exhaust it.
const EXHAUSTS: u32 = 3;

/// Successes in a row that end it.
const ENDS: u32 = 3;

/// The most attempts that are kept to be told.
const ATTEMPTS: usize = 8;

/// How a call ended, as far as the recovery cares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trial {
    /// It gave what was asked.
    Success,
    /// It failed.
    Failure(Attempt),
}

/// Where the recovery stands.
#[derive(Debug, Default)]
pub(crate) struct Recovery {
    mode: Mode,
    /// The failures since the trouble began, oldest first.
    attempts: Vec<Attempt>,
}

#[derive(Debug)]
enum Mode {
    Normal { failures_in_row: u32 },
    Recovering { failures: u32, successes_in_row: u32 },
    Exhausted,
}

impl Default for Mode {
    fn default() -> Self {
        Self::Normal { failures_in_row: 0 }
    }
}

impl Recovery {
    /// Takes in how a call ended; gives the state it brought about, if it is a
    /// new one.
    pub(crate) fn take(&mut self, trial: Trial) -> Option<RecoveryState> {
        match trial {
            Trial::Success => self.succeed(),
            Trial::Failure(attempt) => {
                if self.attempts.len() == ATTEMPTS {
                    self.attempts.remove(0);
                }
                self.attempts.push(attempt);
                self.fail()
            }
        }
    }

    /// Whether a person has to be asked now.
    pub(crate) fn is_exhausted(&self) -> bool {
        matches!(self.mode, Mode::Exhausted)
    }

    /// What was tried and failed since the trouble began, oldest first.
    pub(crate) fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// Begins anew: a person said how to go on.
    pub(crate) fn reset(&mut self) {
        *self = Self::default();
    }

    fn fail(&mut self) -> Option<RecoveryState> {
        match &mut self.mode {
            Mode::Normal { failures_in_row } => {
                *failures_in_row += 1;
                (*failures_in_row == BEGINS).then(|| {
                    self.mode = Mode::Recovering { failures: 0, successes_in_row: 0 };
                    RecoveryState::Entered
                })
            }
            Mode::Recovering { failures, successes_in_row } => {
                *failures += 1;
                *successes_in_row = 0;
                (*failures == EXHAUSTS).then(|| {
                    self.mode = Mode::Exhausted;
                    RecoveryState::Exhausted
                })
            }
            Mode::Exhausted => None,
        }
    }

    fn succeed(&mut self) -> Option<RecoveryState> {
        match &mut self.mode {
            Mode::Normal { .. } => {
                self.reset();
                None
            }
            Mode::Recovering { successes_in_row, .. } => {
                *successes_in_row += 1;
                (*successes_in_row == ENDS).then(|| {
                    self.reset();
                    RecoveryState::Left
                })
            }
            Mode::Exhausted => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use RecoveryState::{Entered, Exhausted, Left};
    use domain::ToolErrorCode;

    /// Plays `F` for a failure and `S` for a success; gives each new state with
    /// the number of the call, from 1, that brought it about.
    fn play(calls: &str) -> (Recovery, Vec<(usize, RecoveryState)>) {
        let mut recovery = Recovery::default();
        let mut states = Vec::new();
        for (n, call) in calls.chars().enumerate() {
            let attempt = Attempt {
                tool: "t".into(),
                arguments: n.to_string(),
                error_code: ToolErrorCode::InternalError,
                output: String::new(),
            };
            let trial = if call == 'F' { Trial::Failure(attempt) } else { Trial::Success };
            states.extend(recovery.take(trial).map(|state| (n + 1, state)));
        }
        (recovery, states)
    }

    #[test]
    fn every_sequence_ends_as_the_table_says() {
        let table: &[(&str, &[(usize, RecoveryState)])] = &[
            ("F", &[]),
            ("FSFSFS", &[]),
            ("FFS", &[(2, Entered)]),
            ("FFFFF", &[(2, Entered), (5, Exhausted)]),
            ("FFSFSFSF", &[(2, Entered), (8, Exhausted)]),
            ("FFSSFSSFSSF", &[(2, Entered), (11, Exhausted)]),
            ("FFSSS", &[(2, Entered), (5, Left)]),
            ("FFSSSF", &[(2, Entered), (5, Left)]),
            ("FFSSSFFFFF", &[(2, Entered), (5, Left), (7, Entered), (10, Exhausted)]),
            ("FFFFFFFS", &[(2, Entered), (5, Exhausted)]),
        ];
        for (calls, states) in table {
            assert_eq!(&play(calls).1, states, "{calls}");
        }
    }

    #[test]
    fn the_attempts_are_those_since_the_trouble_began() {
        let numbers = |calls: &str| -> Vec<String> {
            play(calls).0.attempts().iter().map(|attempt| attempt.arguments.clone()).collect()
        };
        assert_eq!(numbers("FSFFSFFF"), ["2", "3", "5", "6", "7"]);
        assert_eq!(numbers("FFSSS"), Vec::<String>::new());
        assert_eq!(numbers("FFFFFFFFFFFF").len(), ATTEMPTS);
    }

    #[test]
    fn a_person_who_answers_begins_anew() {
        let (mut recovery, _) = play("FFFFF");
        assert!(recovery.is_exhausted());
        recovery.reset();
        assert!(!recovery.is_exhausted() && recovery.attempts().is_empty());
    }
}
