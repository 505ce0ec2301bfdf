//! A call in plain JSON that waits for the end of the reply.
//!
//! Such JSON is a call only where nothing but more calls follows; an answer that
//! goes on behind it was showing it.

use super::forms::Written;
use super::reader::{MAX_HELD, Reader};

/// Calls in plain JSON, not yet known to be meant.
#[derive(Debug)]
pub(super) struct Parked {
    pub(super) calls: Vec<Written>,
    /// The text that they stand in.
    pub(super) source: String,
}

impl Parked {
    /// Takes in what may stand between two calls and behind the last.
    pub(super) fn absorbs(&mut self, text: &str) -> bool {
        let between = text.chars().all(|c| c.is_whitespace() || matches!(c, ';' | ','));
        let fits = self.source.len() + text.len() <= MAX_HELD;
        if between && fits {
            self.source.push_str(text);
        }
        between && fits
    }
}

impl Reader {
    /// Sets calls aside, behind those that are there already.
    pub(super) fn park(&mut self, calls: Vec<Written>, source: &str) {
        match &mut self.parked {
            Some(parked) if parked.source.len() + source.len() > MAX_HELD => {
                self.release_parked();
                self.show(source);
            }
            Some(parked) => {
                parked.calls.extend(calls);
                parked.source.push_str(source);
            }
            None => self.parked = Some(Parked { calls, source: source.to_owned() }),
        }
    }

    /// They are meant.
    pub(super) fn confirm_parked(&mut self) {
        let Some(parked) = self.parked.take() else { return };
        self.took_out();
        for call in parked.calls {
            if let Err(fault) = self.found.written(call, &self.tools) {
                self.fail(fault);
            }
        }
    }

    /// They are part of an answer.
    pub(super) fn release_parked(&mut self) {
        if let Some(parked) = self.parked.take() {
            self.explains = true;
            self.show(&parked.source);
        }
    }
}
