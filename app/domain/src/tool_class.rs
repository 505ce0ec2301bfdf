//! What kind of thing a tool does.

use crate::text_enum::text_enum;

text_enum! {
    /// What a call of a tool can do: what the engine may do with it, and what
    /// the policy says of it.
    pub enum ToolClass("tool class") {
        /// Its answer depends on its arguments and the workspace alone, and
        /// nothing changes by it: the same call gives the same until something
        /// is written.
        Pure = "pure",
        /// Nothing changes by it, but its answer may differ each time.
        Reads = "reads",
        /// It changes files or what the product keeps.
        Writes = "writes",
        /// It runs a program.
        RunsCode = "runs_code",
        /// It reaches another machine.
        Network = "network",
        /// Somebody reads what it sends.
        TalksToPeople = "talks_to_people",
        /// Another agent does it. That one may change anything, and those who
        /// share out work expect it to be done side by side.
        Delegates = "delegates",
    }
}

impl ToolClass {
    /// Whether it may change what a pure call answers.
    pub const fn may_change_answers(self) -> bool {
        match self {
            Self::Pure | Self::Reads => false,
            Self::Writes
            | Self::RunsCode
            | Self::Network
            | Self::TalksToPeople
            | Self::Delegates => true,
        }
    }

    /// Whether a call may run at the same time as one of another class: neither
    /// changes anything, or both are work that was shared out.
    pub const fn runs_beside(self, other: Self) -> bool {
        match (self, other) {
            (Self::Delegates, Self::Delegates) => true,
            _ => !self.may_change_answers() && !other.may_change_answers(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_reads_back_from_its_word() {
        for class in ToolClass::ALL {
            assert_eq!(class.as_str().parse(), Ok(*class));
        }
    }
}
