//! What happens with a call where nobody said otherwise.

use crate::Class;

/// What happens with a call of a tool where no rule of the agent's says
/// otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// It runs.
    Allow,
    /// A person is asked.
    Ask,
    /// It is refused.
    Deny,
}

impl Mode {
    /// What fits a class of tools: work inside the workspace runs, and what
    /// reaches out of it is asked about.
    pub const fn of(class: Class) -> Self {
        match class {
            Class::Pure | Class::Reads | Class::Writes | Class::Delegates => Self::Allow,
            Class::RunsCode | Class::Network | Class::TalksToPeople => Self::Ask,
        }
    }
}
