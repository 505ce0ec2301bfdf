//! The stream that reads what another stream sends.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use domain::FinishReason;
use futures_util::Stream;

use super::reader::{Ending, Reader};
use crate::{Delta, DeltaStream, LlmError};

/// A stream of what a model means, over the stream of what it says.
pub(super) struct Understood {
    inner: DeltaStream,
    reader: Reader,
    ready: VecDeque<Result<Delta, LlmError>>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Reading,
    Ended,
}

impl Understood {
    pub(super) fn new(inner: DeltaStream, reader: Reader) -> Self {
        Self { inner, reader, ready: VecDeque::new(), state: State::Reading }
    }

    fn take_in(&mut self, item: Option<Result<Delta, LlmError>>) {
        let read = match item {
            Some(Ok(Delta::Text(text))) => self.reader.push(text),
            Some(Ok(Delta::Call(call))) => self.reader.native(call),
            Some(Ok(Delta::Finish(reason))) => return self.finish(reason),
            Some(Ok(other)) => {
                self.ready.push_back(Ok(other));
                Ok(())
            }
            Some(Err(error)) => return self.broke_off(Some(error)),
            None => return self.broke_off(None),
        };
        match read {
            Ok(()) => self.ready.extend(self.reader.drain().map(Ok)),
            Err(error) => self.broke_off(Some(error)),
        }
    }

    /// The model is done.
    fn finish(&mut self, reason: FinishReason) {
        let ending = match reason {
            FinishReason::Stop | FinishReason::ToolCalls => Ending::Whole,
            FinishReason::Length | FinishReason::ContentFilter | FinishReason::Cut => Ending::Cut,
        };
        if let Err(error) = self.reader.finish(ending) {
            return self.broke_off(Some(error));
        }
        let reason = match reason {
            FinishReason::Stop if self.reader.found.any_in_text() => FinishReason::ToolCalls,
            reason => reason,
        };
        self.ready.extend(self.reader.drain().map(Ok));
        self.ready.extend(self.reader.found.take().into_iter().map(Ok));
        self.ready.extend(self.reader.raw().map(|raw| Ok(Delta::Raw(raw))));
        self.ready.push_back(Ok(Delta::Finish(reason)));
        self.state = State::Ended;
    }

    /// The stream broke off: its text counts, its calls do not.
    fn broke_off(&mut self, error: Option<LlmError>) {
        // The stream is at its end either way; this fault would be the second.
        let _ = self.reader.finish(Ending::Cut);
        self.ready.extend(self.reader.drain().map(Ok));
        self.ready.extend(self.reader.raw().map(|raw| Ok(Delta::Raw(raw))));
        self.ready.extend(error.map(Err));
        self.state = State::Ended;
    }
}

impl Stream for Understood {
    type Item = Result<Delta, LlmError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Poll::Ready(Some(item));
            }
            if self.state == State::Ended {
                return Poll::Ready(None);
            }
            let item = ready!(self.inner.as_mut().poll_next(cx));
            self.take_in(item);
        }
    }
}
