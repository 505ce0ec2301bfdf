//! The pictures that a run's requests show.

use std::collections::HashMap;

use domain::RunId;
use llm::Image;

/// The pictures of a conversation: those of the present message, and of earlier
/// ones by the runs that they began.
#[derive(Debug, Default)]
pub(crate) struct Pictures {
    pub(crate) earlier: HashMap<RunId, Shown>,
    pub(crate) present: Shown,
}

/// The pictures of one message.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    /// Those that are shown, in order.
    pub(crate) images: Vec<Image>,
    /// How many others there are.
    pub(crate) left_out: usize,
}
