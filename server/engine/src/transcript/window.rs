//! How much a model reads, and how that is divided.

use llm::{DEFAULT_WINDOW, known};

/// What a model reads at most, and writes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window<'a> {
    /// The model in use, as `provider/model`.
    pub(crate) model: &'a str,
    /// What it reads, its answer included, in tokens.
    pub(crate) tokens: u32,
    /// What it may write in one answer, in tokens.
    pub(crate) response: u32,
}

/// What the models of a run read.
#[derive(Debug, Clone)]
pub(crate) struct Windows {
    /// The agent's own model, as `provider/model`.
    pub(crate) own: String,
    /// What its owner says that this one reads, in tokens.
    pub(crate) chosen: Option<u32>,
    /// What any of them may write in one answer, in tokens.
    pub(crate) response: u32,
}

impl Windows {
    /// The window of a model: what was chosen for it, else what is known of it,
    /// else what a present model reads at the least.
    pub(crate) fn of<'m>(&self, model: &'m str) -> Window<'m> {
        let known = || known(model).map_or(DEFAULT_WINDOW, |known| known.context_window);
        let tokens = self.chosen.filter(|_| model == self.own).unwrap_or_else(known);
        Window { model, tokens, response: self.response }
    }
}

/// What instructions, tools and messages may take together, in tokens.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budget {
    /// Beyond this, room is made.
    pub(super) soft: u32,
    /// Beyond this, nothing is sent.
    pub(super) hard: u32,
    /// The whole window that it was made for.
    pub(super) window: u32,
}

impl Window<'_> {
    /// Kept free because tokens are counted about: 5% of the window.
    pub(super) fn margin(self) -> u32 {
        self.tokens / 20
    }

    /// At most four fifths of the window, and what the answer may take is free;
    /// but a long answer that is allowed does not take more than a quarter of
    /// the window away from what is read.
    pub(super) fn budget(self) -> Budget {
        let free = self.tokens - self.margin();
        let soft = (free - self.response.min(self.tokens / 4)).min(self.tokens / 5 * 4);
        let hard = free - self.response.min(self.tokens / 16);
        Budget { soft, hard, window: self.tokens }
    }
}

impl Budget {
    /// The same, but no more than so much: what a provider was found to accept.
    pub(super) fn under(self, ceiling: u32) -> Self {
        let Self { soft, hard, window } = self;
        Self { soft: soft.min(ceiling), hard: hard.min(ceiling), window: window.min(ceiling) }
    }
}

/// How far a step is shortened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// Only what is very long is cut.
    Fresh,
    /// A page or two of each output stay.
    Aged,
    /// Some lines stay.
    Old,
    /// What it was about can be seen.
    Stub,
}

/// The most tokens that a piece of a step takes: the text, the arguments of a
/// call, its output.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caps {
    /// By stage.
    sizes: [u32; 4],
    /// What the outputs of one step take together.
    step: u32,
}

impl Caps {
    /// The sizes where messages have so much room.
    pub(super) fn of(room: u32) -> Self {
        let old = (room / 48).min(500);
        let sizes = [(room / 5).min(12_000), (room / 16).min(2_000), old, old.min(100)];
        Self { sizes, step: room / 4 }
    }

    /// For the arguments and for the output of a call, one of so many.
    pub(super) fn piece(&self, stage: Stage, calls: usize) -> u32 {
        let calls = u32::try_from(calls).unwrap_or(u32::MAX).max(1);
        self.sizes[stage as usize].min(self.step / calls)
    }

    /// For what a model said: it is not cut to a stub.
    pub(super) fn text(&self, stage: Stage) -> u32 {
        self.sizes[stage.min(Stage::Old) as usize]
    }
}

/// What has to be sent does not fit, however the rest is shortened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLarge {
    /// Instructions and tools, in tokens.
    pub(crate) instructions: u32,
    /// The message that has to be answered and the newest step, in tokens.
    pub(crate) present: u32,
    /// What the model reads, in tokens.
    pub(crate) window: u32,
}

impl std::fmt::Display for TooLarge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { instructions, present, window } = self;
        write!(
            f,
            "The agent's instructions and tools take about {instructions} tokens and the message {present}, and the model reads only {window}, its answer included. Shorten them, or choose a model that reads more."
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_model_has_a_window_of_its_own() {
        let windows = |chosen| Windows { own: "near/gpt-5".into(), chosen, response: 20_000 };
        let tokens = |chosen, model| windows(chosen).of(model).tokens;
        assert_eq!(tokens(None, "near/gpt-5"), known("gpt-5").map_or(0, |it| it.context_window));
        assert_eq!(tokens(Some(9_000), "near/gpt-5"), 9_000);
        assert_ne!(tokens(Some(9_000), "far/gpt-5"), 9_000);
        assert_eq!(tokens(Some(9_000), "far/unheard-of"), DEFAULT_WINDOW);
    }
}
