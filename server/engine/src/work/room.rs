//! What the loop does where the conversation outgrows the model's window.

use domain::{Event, RunErrorCode};
use llm::{Request, Usage, count_tokens};
use store::Ending;

use crate::compaction::{self, Question, Remedy};
use crate::recorder::LogClosed;
use crate::work::{Halt, Work};

const OVERFLOW: &str = "The provider found the conversation too large, although older parts of it were summarised or left out. Begin a new session, or choose a model that reads more.";

impl Work<'_> {
    /// Makes room for the next request. Where steps of the run have to be left
    /// out for it, a summary of them is better.
    pub(super) async fn make_room(&mut self, step: u32) -> Result<(), Halt> {
        let model = self.exchange.choice().name.to_string();
        let window = self.windows.of(&model);
        let is_crowded = self.log.conversation_mut().make_room(window)?;
        if is_crowded && self.log.course().remedies.may_compact() {
            self.compact(step).await?;
            self.log.conversation_mut().make_room(window)?;
        }
        Ok(())
    }

    /// The provider found a request too large, which had so many pictures.
    pub(super) async fn overflowed(&mut self, step: u32, pictures: usize) -> Result<(), Halt> {
        match self.log.course().remedies.after_overflow(pictures) {
            Remedy::AskAgain => Ok(()),
            Remedy::Compact => self.compact(step).await,
            Remedy::Stop => Err(Ending::failed(RunErrorCode::ContextLimit, OVERFLOW).into()),
        }
    }

    /// Asks the model for a summary. Where it gives none that serves, steps stay
    /// left out, as they are without it.
    async fn compact(&mut self, step: u32) -> Result<(), Halt> {
        let summary = self.summary(step).await?;
        let conversation = self.log.conversation();
        let event = summary.unwrap_or_else(|| compaction::none(conversation, step));
        Ok(self.log.record(event).await?)
    }

    async fn summary(&mut self, step: u32) -> Result<Option<Event>, LogClosed> {
        let choice = self.exchange.choice();
        let model = choice.name.to_string();
        let window = self.windows.of(&model);
        let question = Question::about(self.log.conversation(), window);
        let Some(Question { messages, tokens, max_tokens, steps_covered }) = question else {
            return Ok(None);
        };
        let request = Request {
            model: choice.name.model.clone(),
            messages,
            tools: [].into(),
            max_tokens,
            window: window.tokens,
            temperature: self.temperature,
        };
        let (summary, usage) = match self.exchange.aside(request).await {
            Ok(answer) => answer,
            Err(error) => {
                tracing::warn!(run = %self.run.id, %error, "a conversation was not summarised");
                return Ok(None);
            }
        };
        let usage = usage.unwrap_or_else(|| Usage {
            input_tokens: tokens.into(),
            output_tokens: count_tokens(&summary).into(),
            cached_tokens: 0,
        });
        self.count(step, usage).await?;
        let event = compaction::judge(self.log.conversation(), step, steps_covered, &summary);
        let refused =
            |refused: &_| tracing::info!(run = %self.run.id, ?refused, "a summary was refused");
        Ok(event.inspect_err(refused).ok())
    }
}
