//! How a message reaches a session in which something is at work.

use crate::text_enum::text_enum;

text_enum! {
    /// When a message is heard. Where nothing is at work all of these are one:
    /// the message begins a run.
    pub enum Delivery("delivery") {
        /// After what is at work, as a run of its own.
        Queue = "queue",
        /// By what is at work, before its next step.
        Steer = "steer",
        /// In place of what is at work, which is stopped.
        Interrupt = "interrupt",
    }
}

#[allow(clippy::derivable_impls, reason = "the macro that makes the enum marks no default")]
impl Default for Delivery {
    fn default() -> Self {
        Self::Queue
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back() {
        for delivery in Delivery::ALL {
            assert_eq!(delivery.as_str().parse(), Ok(*delivery));
        }
    }
}
