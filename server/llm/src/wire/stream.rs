//! From an accepted response to a stream of deltas.

use std::time::Duration;

use async_stream::try_stream;
use domain::ProviderForm;
use futures_util::{Stream, StreamExt};
use reqwest::Response;
use reqwest::header::CONTENT_TYPE;
use serde_json::Value;
use tokio::time::timeout;

use super::answer::Answer;
use super::frames::{Frames, Framing};
use super::{Reader, client, failure};
use crate::{DeltaStream, LlmError};

/// The largest answer that comes as one document, in bytes.
const MAX_WHOLE: usize = 16 << 20;

/// How long counts and the end marker may take once the model has finished.
/// Some providers keep the connection open instead of sending them.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Reads the answer as its provider sends it.
pub(super) async fn deltas(
    response: Response,
    answer: Answer,
    reader: Box<dyn Reader>,
) -> Result<DeltaStream, LlmError> {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default();
    let kind = kind.trim().to_ascii_lowercase();
    let framing = match answer.endpoint().form() {
        ProviderForm::Ollama if kind != "text/event-stream" => Framing::Lines,
        _ => Framing::Events,
    };
    let incoming = Incoming { answer, reader };
    match kind.as_str() {
        "application/json" => Ok(Box::pin(whole(response, incoming))),
        "text/html" => Err(LlmError::Format("a web page, not an answer".to_owned())),
        // What a stream is called differs; what it is does not.
        _ => Ok(Box::pin(streamed(response, incoming, framing))),
    }
}

/// An answer and who reads it.
struct Incoming {
    answer: Answer,
    reader: Box<dyn Reader>,
}

impl Incoming {
    /// Takes in the data of one event.
    fn take(&mut self, data: &str) -> Result<(), LlmError> {
        match data.trim() {
            "" => Ok(()),
            "[DONE]" => {
                self.answer.end();
                Ok(())
            }
            data => match serde_json::from_str(data) {
                Ok(value) => self.take_value(value),
                // A provider that leaves out the blank lines between events.
                Err(_) if data.contains('\n') => data.lines().try_for_each(|line| self.take(line)),
                Err(_) => Err(LlmError::Format("an event is not JSON".to_owned())),
            },
        }
    }

    /// Takes in an answer that came as one document.
    fn take_whole(&mut self, body: &[u8]) -> Result<(), LlmError> {
        let value = serde_json::from_slice(body)
            .map_err(|_| LlmError::Format("the answer is not JSON".to_owned()))?;
        match value {
            // The events of a stream, as Google's APIs send them to a request
            // that did not ask for server-sent ones.
            Value::Array(events) => events.into_iter().try_for_each(|e| self.take_value(e)),
            value => {
                self.take_value(value)?;
                self.answer.end();
                Ok(())
            }
        }
    }

    fn take_value(&mut self, value: Value) -> Result<(), LlmError> {
        if let Some(error) = failure::in_band(&value, self.answer.endpoint()) {
            return Err(error);
        }
        if !value.is_object() {
            return Err(LlmError::Format("an event is not of the expected form".to_owned()));
        }
        self.reader.read(value, &mut self.answer)
    }

    fn close(&mut self) -> Result<(), LlmError> {
        let carried = self.reader.carried(&self.answer);
        self.answer.close(carried)
    }

    /// A connection that broke. Before anything was passed on, the whole exchange
    /// can be had again; after that, the answer is cut.
    fn broken(&self, error: reqwest::Error, begun: Begun) -> LlmError {
        let reason = self.answer.endpoint().clean(&client::reason(error));
        match begun {
            Begun::No => LlmError::Network(reason),
            Begun::Yes => LlmError::Cut(reason),
        }
    }
}

/// Whether anything was passed on.
#[derive(Clone, Copy)]
enum Begun {
    No,
    Yes,
}

fn streamed(
    response: Response,
    mut incoming: Incoming,
    framing: Framing,
) -> impl Stream<Item = Result<crate::Delta, LlmError>> + Send {
    try_stream! {
        let mut chunks = response.bytes_stream();
        let mut frames = Frames::new(framing);
        let mut begun = Begun::No;
        let mut failed = None;
        while failed.is_none() && !incoming.answer.is_done() {
            let mut data = Vec::new();
            let has_finished = incoming.answer.has_finished();
            let (end, read) = match next(&mut chunks, has_finished, LAST_WORDS).await {
                Some(Ok(chunk)) => (false, frames.push(&chunk, &mut data)),
                Some(Err(_)) if has_finished => (true, Ok(())),
                Some(Err(error)) => {
                    let rest = incoming.answer.take_rest();
                    if !rest.is_empty() {
                        begun = Begun::Yes;
                    }
                    for delta in rest {
                        yield delta;
                    }
                    (true, Err(incoming.broken(error, begun)))
                }
                None => (true, frames.finish().map(|last| data.extend(last))),
            };
            // What was whole before an error is passed on before it.
            let taken = data.iter().try_for_each(|data| incoming.take(data));
            for delta in incoming.answer.take_out() {
                begun = Begun::Yes;
                yield delta;
            }
            match taken.and(read) {
                // All that matters is here already.
                Err(_) if incoming.answer.has_finished() => break,
                Err(error) => failed = Some(error),
                Ok(()) if end => break,
                Ok(()) => {}
            }
        }
        let closed = match failed {
            Some(error) => Err(error),
            None => incoming.close(),
        };
        for delta in incoming.answer.take_rest() {
            yield delta;
        }
        closed?;
    }
}

fn whole(
    response: Response,
    mut incoming: Incoming,
) -> impl Stream<Item = Result<crate::Delta, LlmError>> + Send {
    try_stream! {
        let mut chunks = response.bytes_stream();
        let mut body = Vec::new();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|error| incoming.broken(error, Begun::No))?;
            if body.len() + chunk.len() > MAX_WHOLE {
                Err(LlmError::Format(format!("the answer is over {MAX_WHOLE} bytes")))?;
            }
            body.extend_from_slice(&chunk);
        }
        incoming.take_whole(&body)?;
        incoming.close()?;
        for delta in incoming.answer.take_out() {
            yield delta;
        }
    }
}

/// The next chunk; once the model has finished, only for a while.
async fn next<T>(
    chunks: &mut (impl Stream<Item = T> + Unpin),
    has_finished: bool,
    last_words: Duration,
) -> Option<T> {
    if has_finished {
        timeout(last_words, chunks.next()).await.unwrap_or(None)
    } else {
        chunks.next().await
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    #[tokio::test]
    async fn a_connection_that_stays_open_does_not_hold_a_finished_answer() {
        let mut open = stream::iter([1]).chain(stream::pending());
        assert_eq!(next(&mut open, true, LAST_WORDS).await, Some(1));
        assert_eq!(next(&mut open, true, Duration::ZERO).await, None);
    }
}
