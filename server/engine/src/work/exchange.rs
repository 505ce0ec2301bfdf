//! One exchange with a model, asked again or of another model where it fails.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::{Event, FinishReason, ModelFaultKind, ThinkingMode};
use futures_util::StreamExt;
use llm::{Delta, LlmError, Provider, Request, ToolCall, Usage};
use store::Clock;

use crate::recorder::LogClosed;
use crate::thinking::Thinking;
use crate::transcript::{Conversation, TooLarge};
use crate::work::faults::{After, Patience, Standby, sentence};
use crate::work::log::Log;
use crate::{ModelName, since};

/// The most bytes of text that one step keeps.
const MAX_TEXT: usize = 1024 * 1024;

/// The most calls that one reply may make; the rest is not heard.
const MAX_CALLS: usize = 64;

/// A model that may be asked.
#[derive(Clone)]
pub(crate) struct Choice {
    /// Its name here.
    pub(crate) name: ModelName,
    /// Who answers.
    pub(crate) provider: Arc<dyn Provider>,
}

/// The models of a run, the one in use first asked.
pub(crate) struct Exchange<'a> {
    pub(crate) clock: &'a dyn Clock,
    pub(crate) patience: Patience,
    pub(crate) thinking: ThinkingMode,
    pub(crate) choices: Vec<Choice>,
    /// The one in use. A model that stood in stays for the rest of the run.
    pub(crate) current: usize,
}

/// What a model said.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    pub(crate) text: String,
    pub(crate) calls: Vec<ToolCall>,
    /// The thinking that the mode shows.
    pub(crate) thinking: Option<String>,
    pub(crate) raw: Option<String>,
    /// Whether it held a call without a name that could be read.
    pub(crate) is_broken: bool,
    pub(crate) carried: Option<String>,
    pub(crate) usage: Option<Usage>,
    pub(crate) finish: Option<FinishReason>,
    pub(crate) duration_ms: u64,
}

/// Why nobody answered.
pub(crate) enum Failed {
    /// The provider finds the request too large.
    Overflow,
    /// There is no request that is small enough.
    TooLarge(TooLarge),
    /// Every model that could be asked has failed; this is the last one's fault.
    Model(LlmError),
    /// The log cannot be written.
    Log,
}

impl From<LogClosed> for Failed {
    fn from(_: LogClosed) -> Self {
        Self::Log
    }
}

impl From<TooLarge> for Failed {
    fn from(error: TooLarge) -> Self {
        Self::TooLarge(error)
    }
}

impl Reply {
    /// Whether the model neither said nor called anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.text.trim().is_empty() && self.calls.is_empty() && !self.is_broken
    }
}

impl Exchange<'_> {
    /// The model in use.
    pub(crate) fn choice(&self) -> &Choice {
        &self.choices[self.current]
    }

    /// Has one exchange. `request` makes the request for a model. Dropping the
    /// future closes the connection to the provider.
    pub(crate) async fn ask(
        &mut self,
        step: u32,
        log: &mut Log<'_>,
        request: impl Fn(&Choice, &mut Conversation) -> Result<Request, TooLarge>,
    ) -> Result<Reply, Failed> {
        let (mut failures, mut models_left) = (0, self.choices.len() - 1);
        loop {
            let mut thinking = Thinking::new(self.thinking);
            let mut reply = Reply::default();
            let asked = request(self.choice(), log.conversation_mut())?;
            let heard = self.listen(step, asked, log, &mut thinking, &mut reply).await;
            let Err(failed) = heard else {
                reply.thinking = thinking.shown();
                return Ok(reply);
            };
            if let Some(text) = thinking.held() {
                log.record(Event::ThinkingDelta { step, text }).await?;
            }
            let error = match failed {
                Failed::Model(error) => error,
                failed => return Err(failed),
            };
            failures += 1;
            // What was said cannot be unsaid, and calls of a half answer are not
            // to be trusted.
            let refuses_pictures = error.kind() == ModelFaultKind::BadRequest
                && log.conversation().pictures() > 0
                && reply.is_empty();
            let after = if refuses_pictures {
                // Its words differ from server to server; without pictures it can
                // be seen whether it was for them.
                After::Retry(Duration::ZERO)
            } else if reply.is_empty() {
                let standby = if models_left > 0 { Standby::Another } else { Standby::None };
                self.patience.after(&error, failures, standby, self.clock.uuid())
            } else {
                After::GiveUp
            };
            let model = self.choice().name.to_string();
            if after == After::Fallback {
                self.current = (self.current + 1) % self.choices.len();
                models_left -= 1;
                failures = 0;
            }
            let fault = Event::ModelFault {
                step,
                model,
                fault: error.kind(),
                message: sentence(&error),
                retry_after_ms: match after {
                    After::Retry(wait) => Some(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
                    _ => None,
                },
                next_model: (after == After::Fallback).then(|| self.choice().name.to_string()),
            };
            log.record(fault).await?;
            match after {
                After::Retry(wait) => tokio::time::sleep(wait).await,
                After::Fallback => {}
                After::GiveUp if error.kind() == ModelFaultKind::ContextOverflow => {
                    return Err(Failed::Overflow);
                }
                After::GiveUp => return Err(Failed::Model(error)),
            }
        }
    }

    /// Asks the model in use for a text that is no part of the run's talk:
    /// nothing of it is recorded, and it is asked once.
    pub(crate) async fn aside(
        &self,
        request: Request,
    ) -> Result<(String, Option<Usage>), LlmError> {
        let tools = Arc::clone(&request.tools);
        let stream = self.choice().provider.stream(request).await?;
        let mut stream = llm::reading::understood(stream, tools);
        let (mut text, mut usage) = (String::new(), None);
        while let Some(delta) = stream.next().await {
            match delta? {
                Delta::Text(new) if text.len() + new.len() > MAX_TEXT => break,
                Delta::Text(new) => text.push_str(&new),
                Delta::Usage(counted) => usage = Some(counted),
                Delta::Finish(_) => break,
                _ => {}
            }
        }
        Ok((text, usage))
    }

    async fn listen(
        &self,
        step: u32,
        request: Request,
        log: &mut Log<'_>,
        thinking: &mut Thinking,
        reply: &mut Reply,
    ) -> Result<(), Failed> {
        let begun = Instant::now();
        let tools = Arc::clone(&request.tools);
        let stream = self.choice().provider.stream(request).await.map_err(Failed::Model)?;
        let mut stream = llm::reading::understood(stream, tools);
        while let Some(delta) = stream.next().await {
            match delta.map_err(Failed::Model)? {
                Delta::Text(new) => {
                    if reply.text.len() + new.len() > MAX_TEXT {
                        reply.finish = Some(FinishReason::Length);
                        break;
                    }
                    reply.text.push_str(&new);
                    log.record(Event::TextDelta { step, text: new }).await?;
                }
                Delta::Thinking(new) => {
                    if let Some(text) = thinking.push(new) {
                        log.record(Event::ThinkingDelta { step, text }).await?;
                    }
                }
                Delta::Call(call) => {
                    if reply.calls.len() < MAX_CALLS {
                        reply.calls.push(call);
                    }
                }
                Delta::Carried(json) => reply.carried = Some(json),
                Delta::Raw(text) => reply.raw = Some(text),
                Delta::Broken(_) => reply.is_broken = true,
                Delta::Usage(usage) => reply.usage = Some(usage),
                Delta::Finish(reason) => {
                    reply.finish = Some(reason);
                    break;
                }
            }
        }
        reply.duration_ms = since(begun);
        Ok(())
    }
}
