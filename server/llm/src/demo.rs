//! A provider that needs no key and no network: a small guide with fixed rules,
//! so that a fresh installation can be tried before a model is connected.
//!
//! It is not a language model and says so. The tools that it calls are the real
//! ones: what it reports is what they gave back.

mod plan;
mod progress;
mod speech;
mod wish;
mod words;

use std::time::Duration;

use async_stream::stream;
use async_trait::async_trait;
use domain::FinishReason;
use tokio::time::sleep;

use self::plan::{Plan, plan};
use crate::{Delta, DeltaStream, LlmError, Message, Provider, Request, Usage};

/// How long a word takes, about as fast as a person reads along.
const PACE: Duration = Duration::from_millis(30);

/// The demo guide.
///
/// It reads the last thing a person said, and the results of the tools since.
/// A result counts as an error where its first line begins with `error` and
/// names a [code](domain::ToolErrorCode), as in `error tool.not_found: …`.
///
/// The usage it reports is an approximation, four characters to a token, since
/// it counts no real ones.
#[derive(Debug, Clone)]
pub struct Demo {
    pace: Duration,
}

impl Demo {
    /// A guide that writes at a pace a person can follow.
    pub const fn new() -> Self {
        Self { pace: PACE }
    }

    /// A guide that takes this long for a word; with no time at all it answers
    /// at once.
    pub const fn with_pace(pace: Duration) -> Self {
        Self { pace }
    }
}

impl Default for Demo {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Provider for Demo {
    async fn stream(&self, request: Request) -> Result<DeltaStream, LlmError> {
        let Plan { mut text, call, slowness } = plan(&request);
        if let Some(Message::User { images, .. }) = request.messages.last()
            && !images.is_empty()
        {
            text.insert_str(0, "I follow fixed rules and see no pictures. ");
        }
        let pace = self.pace.mul_f32(slowness);
        let usage = usage(&request, &text, call.as_ref().map_or(0, |call| call.arguments.len()));
        Ok(Box::pin(stream! {
            for word in text.split_inclusive(' ') {
                if !pace.is_zero() {
                    sleep(pace).await;
                }
                yield Ok(Delta::Text(word.to_owned()));
            }
            let finish = if call.is_some() { FinishReason::ToolCalls } else { FinishReason::Stop };
            if let Some(call) = call {
                yield Ok(Delta::Call(call));
            }
            yield Ok(Delta::Usage(usage));
            yield Ok(Delta::Finish(finish));
        }))
    }
}

/// An approximation, see [`Demo`].
fn usage(request: &Request, text: &str, arguments: usize) -> Usage {
    let read = |message: &Message| match message {
        Message::System(text) | Message::User { text, .. } => text.chars().count(),
        Message::Assistant { text, calls, .. } => {
            text.chars().count() + calls.iter().map(|call| call.arguments.len()).sum::<usize>()
        }
        Message::Tool { content, .. } => content.chars().count(),
    };
    let tokens = |characters: usize| characters.div_ceil(4) as u64;
    Usage {
        input_tokens: tokens(request.messages.iter().map(read).sum()),
        output_tokens: tokens(text.chars().count() + arguments),
        cached_tokens: 0,
    }
}
