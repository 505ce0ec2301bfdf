//! What kind of thing a tool does.

/// What a call of a tool can do: what the engine may do with it, and later what
/// a policy says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Its answer depends on its arguments and the workspace alone, and nothing
    /// changes by it: the same call gives the same until something is written.
    Pure,
    /// Nothing changes by it, but its answer may differ each time.
    Reads,
    /// It changes files or what the product keeps.
    Writes,
    /// It runs a program.
    RunsCode,
    /// It reaches another machine.
    Network,
    /// Somebody reads what it sends.
    TalksToPeople,
    /// Another agent does it. That one may change anything, and those who share
    /// out work expect it to be done side by side.
    Delegates,
}

impl Class {
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
