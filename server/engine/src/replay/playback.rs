//! Recorded answers in the place of a model.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use async_trait::async_trait;
use domain::FinishReason;
use llm::{Delta, DeltaStream, LlmError, Provider, Request};

use tools::ToolInfo;

use super::script::{Answer, over};
use super::stage::Listener;

/// A model that answers as it did then, whatever it is asked.
pub(super) struct Playback {
    /// What a model is told of that answers.
    tools: Arc<[ToolInfo]>,
    left: Mutex<Left>,
    /// Whoever says things to the run at work.
    listener: OnceLock<Listener>,
}

struct Left {
    answers: VecDeque<Answer>,
    summaries: Vec<(u32, String)>,
    steering: VecDeque<(u32, String)>,
}

impl Left {
    /// The summary that was given in the step under way.
    fn summary(&mut self) -> Option<String> {
        let step = self.answers.front()?.step;
        let at = self.summaries.iter().position(|(of, _)| *of == step)?;
        Some(self.summaries.remove(at).1)
    }
}

impl Playback {
    pub(super) fn new(
        tools: Arc<[ToolInfo]>,
        answers: VecDeque<Answer>,
        summaries: Vec<(u32, String)>,
        steering: VecDeque<(u32, String)>,
    ) -> Arc<Self> {
        let left = Mutex::new(Left { answers, summaries, steering });
        Arc::new(Self { tools, left, listener: OnceLock::new() })
    }

    /// Says who takes in what is said to the run, and says what its first step
    /// hears.
    pub(super) async fn begin(&self, listener: Listener) {
        let _ = self.listener.set(listener);
        self.say_before(1).await;
    }

    /// Says to the run what it heard before a step.
    async fn say_before(&self, step: u32) {
        let due = {
            let mut left = self.left();
            let due = left.steering.iter().take_while(|(at, _)| *at <= step).count();
            left.steering.drain(..due).collect::<Vec<_>>()
        };
        for (_, message) in due {
            if let Some(listener) = self.listener.get() {
                listener.say(message).await;
            }
        }
    }

    fn left(&self) -> std::sync::MutexGuard<'_, Left> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Provider for Playback {
    async fn stream(&self, request: Request) -> Result<DeltaStream, LlmError> {
        // Only a summary is asked for without tools.
        if request.tools.is_empty() && !self.tools.is_empty() {
            let summary = self.left().summary().ok_or_else(over)?;
            let deltas = [Delta::Text(summary), Delta::Finish(FinishReason::Stop)].map(Ok);
            return Ok(Box::pin(futures_util::stream::iter(deltas)));
        }
        let answer = self.left().answers.pop_front();
        let Answer { step, deltas, calls, usage, end } = answer.ok_or_else(over)?;
        self.say_before(step + 1).await;
        let mut all: Vec<_> = deltas.into_iter().map(Ok).collect();
        all.extend(calls.into_iter().map(Delta::Call).map(Ok));
        all.extend(usage.map(Delta::Usage).map(Ok));
        all.push(end.map(Delta::Finish));
        Ok(Box::pin(futures_util::stream::iter(all)))
    }
}
