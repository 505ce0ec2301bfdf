//! A call as it is judged.

use domain::ToolClass;

use crate::Touches;

/// A tool call, by what matters to a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The tool's name.
    pub tool: String,
    /// What kind of thing it does.
    pub class: ToolClass,
    /// What it touches.
    pub touches: Touches,
}
