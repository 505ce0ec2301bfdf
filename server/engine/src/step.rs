//! One exchange with the model, and the tool calls that come of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::{CallId, Event, FinishReason, ThinkingMode, ToolErrorCode};
use futures_util::StreamExt;
use llm::{Delta, LlmError, Provider, Request, ToolCall, Usage};
use store::Clock;
use tools::{Output, Registry, Room, ToolError};

use crate::recorder::{LogClosed, Recorder};
use crate::thinking::Thinking;
use crate::transcript::Conversation;

/// The most bytes of text that one step keeps.
const MAX_TEXT: usize = 1024 * 1024;

/// What a step needs at hand.
pub(crate) struct Bench<'a> {
    pub(crate) provider: &'a Arc<dyn Provider>,
    pub(crate) tools: &'a Registry,
    pub(crate) room: &'a Room,
    pub(crate) recorder: &'a Recorder,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) tool_timeout: Duration,
    pub(crate) thinking: ThinkingMode,
}

/// What came of a step.
pub(crate) struct Outcome {
    /// What the model said and called.
    pub(crate) text: String,
    pub(crate) calls: Vec<ToolCall>,
    /// What the provider counted, or an estimate where it counts nothing.
    pub(crate) usage: Usage,
}

/// Why a step came to nothing.
pub(crate) enum StepError {
    Model(LlmError),
    Log(LogClosed),
}

impl From<LlmError> for StepError {
    fn from(error: LlmError) -> Self {
        Self::Model(error)
    }
}

impl From<LogClosed> for StepError {
    fn from(closed: LogClosed) -> Self {
        Self::Log(closed)
    }
}

impl Bench<'_> {
    /// Has one exchange. Dropping the future closes the connection to the
    /// provider, or ends the tool that runs.
    pub(crate) async fn step(
        &self,
        number: u32,
        request: Request,
        conversation: &mut Conversation,
    ) -> Result<Outcome, StepError> {
        let sent = conversation.tokens();
        let (text, calls, usage) = self.exchange(number, request, conversation).await?;
        for call in &calls {
            self.call(number, call, conversation).await?;
        }
        // A provider that counts nothing still has a limit.
        let usage = usage.unwrap_or(Usage {
            input_tokens: sent.into(),
            output_tokens: llm::count_tokens(&text).into(),
            cached_tokens: 0,
        });
        Ok(Outcome { text, calls, usage })
    }

    async fn exchange(
        &self,
        step: u32,
        request: Request,
        conversation: &mut Conversation,
    ) -> Result<(String, Vec<ToolCall>, Option<Usage>), StepError> {
        let mut thinking = Thinking::new(self.thinking);
        let heard = self.listen(step, request, &mut thinking, conversation).await;
        if heard.is_err()
            && let Some(text) = thinking.held()
        {
            self.recorder.record(Event::ThinkingDelta { step, text }).await?;
        }
        heard
    }

    async fn listen(
        &self,
        step: u32,
        request: Request,
        thinking: &mut Thinking,
        conversation: &mut Conversation,
    ) -> Result<(String, Vec<ToolCall>, Option<Usage>), StepError> {
        let begun = Instant::now();
        let mut stream = self.provider.stream(request).await?;
        let (mut text, mut calls, mut counted) = (String::new(), Vec::new(), None);
        let mut finish = FinishReason::Stop;
        while let Some(delta) = stream.next().await {
            match delta? {
                Delta::Text(new) => {
                    if text.len() + new.len() > MAX_TEXT {
                        finish = FinishReason::Length;
                        break;
                    }
                    text.push_str(&new);
                    self.recorder.record(Event::TextDelta { step, text: new }).await?;
                }
                Delta::Thinking(new) => {
                    if let Some(text) = thinking.push(new) {
                        self.recorder.record(Event::ThinkingDelta { step, text }).await?;
                    }
                }
                Delta::Call(call) => calls.push(call),
                Delta::Carried(_) | Delta::Raw(_) => {}
                Delta::Usage(usage) => counted = Some(usage),
                Delta::Finish(reason) => {
                    finish = reason;
                    break;
                }
            }
        }
        drop(stream);
        if let Some(Usage { input_tokens, output_tokens, cached_tokens }) = counted {
            let usage =
                Event::Usage { step, input_tokens, output_tokens, cached_tokens, cost: None };
            self.recorder.record(usage).await?;
        }
        let end = Event::StepEnd {
            step,
            text: text.clone(),
            thinking: thinking.shown(),
            raw: None,
            carried: None,
            finish,
            duration_ms: since(begun),
        };
        conversation.apply(&end);
        self.recorder.record(end).await?;
        Ok((text, calls, counted))
    }

    async fn call(
        &self,
        step: u32,
        call: &ToolCall,
        conversation: &mut Conversation,
    ) -> Result<(), LogClosed> {
        let tool_call_id = CallId::from_uuid(self.clock.uuid());
        let start = Event::ToolStart {
            step,
            tool_call_id,
            wire_id: call.id.clone(),
            tool: call.tool.clone(),
            arguments: call.arguments.clone(),
            repair: call.repair.clone(),
        };
        conversation.apply(&start);
        self.recorder.record(start).await?;
        // Stored before it is done: what a crash cuts off must be known to have
        // begun.
        self.recorder.flush().await?;
        let begun = Instant::now();
        let work = self.tools.call(self.room, &call.tool, &call.arguments);
        let result = tokio::time::timeout(self.tool_timeout, work).await;
        let (output, error_code) = self.told(result);
        let end = Event::ToolEnd {
            step,
            tool_call_id,
            tool: call.tool.clone(),
            summary: output.summary,
            output: output.content,
            error_code,
            duration_ms: since(begun),
            reused_from: None,
        };
        conversation.apply(&end);
        self.recorder.record(end).await?;
        Ok(())
    }

    fn told(
        &self,
        result: Result<Result<Output, ToolError>, tokio::time::error::Elapsed>,
    ) -> (Output, Option<ToolErrorCode>) {
        match result {
            // A cut output is still a success, and says itself that it was cut.
            Ok(Ok(mut output)) => {
                // Providers refuse an empty result.
                if output.content.is_empty() {
                    output.content.push_str("(no output)");
                }
                (output, None)
            }
            Ok(Err(error)) => (
                Output::new(&error.message, format!("error {}: {}", error.code, error.message)),
                Some(error.code),
            ),
            Err(_) => {
                let code = ToolErrorCode::Timeout;
                let seconds = self.tool_timeout.as_secs();
                let message = format!("The call ran past its limit of {seconds} s and was ended.");
                (Output::new(&message, format!("error {code}: {message}")), Some(code))
            }
        }
    }
}

fn since(begun: Instant) -> u64 {
    u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX)
}
