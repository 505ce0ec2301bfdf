//! From an accepted response to a stream of deltas.

use std::time::Duration;

use async_stream::try_stream;
use futures_util::{Stream, StreamExt};
use reqwest::Response;
use reqwest::header::CONTENT_TYPE;
use tokio::time::timeout;

use super::answer::Answer;
use super::client;
use crate::lines::Events;
use crate::{Delta, DeltaStream, LlmError};

/// The largest answer that comes as one document, in bytes.
const MAX_WHOLE: usize = 16 << 20;

/// How long counts and the end marker may take once the model has finished.
/// Some providers keep the connection open instead of sending them.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Reads the answer as its provider sends it.
pub(super) async fn deltas(response: Response, answer: Answer) -> Result<DeltaStream, LlmError> {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default();
    match kind.trim().to_ascii_lowercase().as_str() {
        "application/json" => Ok(Box::pin(whole(response, answer))),
        "text/html" => Err(LlmError::Format("a web page, not an answer".to_owned())),
        // What a stream is called differs; what it is does not.
        _ => Ok(Box::pin(streamed(response, answer))),
    }
}

fn streamed(
    response: Response,
    mut answer: Answer,
) -> impl Stream<Item = Result<Delta, LlmError>> + Send {
    try_stream! {
        let mut chunks = response.bytes_stream();
        let mut events = Events::default();
        let mut begun = false;
        while !answer.is_done() {
            let mut data = Vec::new();
            let (end, read) = match next(&mut chunks, answer.has_finished(), LAST_WORDS).await {
                Some(Ok(chunk)) => (false, events.push(&chunk, &mut data)),
                Some(Err(_)) if answer.has_finished() => (true, Ok(())),
                Some(Err(error)) => Err(broken(error, begun, &answer))?,
                None => (true, events.finish().map(|last| data.extend(last))),
            };
            // What was whole before an error is passed on before it.
            let mut out = Vec::new();
            let taken = data.iter().try_for_each(|data| answer.take(data, &mut out));
            for delta in out {
                begun = true;
                yield delta;
            }
            match taken.and(read) {
                // All that matters is here already.
                Err(_) if answer.has_finished() => break,
                read => read?,
            }
            if end {
                break;
            }
        }
        for delta in answer.close()? {
            yield delta;
        }
    }
}

fn whole(
    response: Response,
    mut answer: Answer,
) -> impl Stream<Item = Result<Delta, LlmError>> + Send {
    try_stream! {
        let mut chunks = response.bytes_stream();
        let mut body = Vec::new();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|error| broken(error, false, &answer))?;
            if body.len() + chunk.len() > MAX_WHOLE {
                Err(LlmError::Format(format!("the answer is over {MAX_WHOLE} bytes")))?;
            }
            body.extend_from_slice(&chunk);
        }
        let mut out = Vec::new();
        answer.take_whole(&body, &mut out)?;
        out.extend(answer.close()?);
        for delta in out {
            yield delta;
        }
    }
}

/// The next chunk; once the model has finished, only for a while.
async fn next<T>(
    chunks: &mut (impl Stream<Item = T> + Unpin),
    finished: bool,
    last_words: Duration,
) -> Option<T> {
    if finished {
        timeout(last_words, chunks.next()).await.unwrap_or(None)
    } else {
        chunks.next().await
    }
}

/// A connection that broke. Before anything was passed on, the whole exchange
/// can be had again; after that, the answer is cut.
fn broken(error: reqwest::Error, begun: bool, answer: &Answer) -> LlmError {
    let reason = answer.endpoint().clean(&client::reason(error));
    if begun { LlmError::Cut(reason) } else { LlmError::Network(reason) }
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
