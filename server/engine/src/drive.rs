//! A run from its claim to its end.

use std::sync::Arc;

use domain::{Event, Fault, ModelFaultKind, RunErrorCode};
use futures_util::StreamExt;
use llm::{Delta, LlmError, Message, Provider, Request, ToolSpec};
use store::{ClaimedRun, Ending};
use tokio_util::sync::CancellationToken;
use tools::Room;

use crate::compaction::{self, Remedies, Remedy};
use crate::engine::Inner;
use crate::recorder::Recorder;
use crate::step::{Bench, StepError};
use crate::transcript::{Conversation, Fitted, TooLarge, Window};

/// How many earlier runs of a session are read for the conversation.
const HISTORY_RUNS: u32 = 50;

/// Works on a run that this process has claimed, to its end.
pub(crate) async fn drive(inner: &Inner, run: ClaimedRun) {
    let run = Arc::new(run);
    let cancelled = inner.begin(run.id);
    let broken = CancellationToken::new();
    let recorder = Recorder::begin(inner.store.clone(), Arc::clone(&run), broken.clone());
    let ending = tokio::select! {
        biased;
        () = cancelled.cancelled() => Ending::cancelled(),
        () = inner.abort.cancelled() => Ending::interrupted(),
        () = broken.cancelled() => Ending::failed(RunErrorCode::Internal, BROKEN_LOG),
        ending = steps(inner, &run, &recorder) => ending,
    };
    let ended = match recorder.finish().await {
        Ok(()) => inner.store.end(&run, ending).await,
        Err(error) => Err(error),
    };
    inner.forget(run.id);
    match ended {
        Ok(()) => {}
        // Somebody else holds the run now and will end it.
        Err(store::Error::LeaseLost) => tracing::warn!(run = %run.id, "the lease was lost"),
        Err(error) => {
            tracing::error!(run = %run.id, %error, "the log of a run could not be written");
            let ending = Ending::failed(RunErrorCode::Internal, BROKEN_LOG);
            if let Err(error) = inner.store.end(&run, ending).await {
                tracing::error!(run = %run.id, %error, "a run could not be ended; it ends at its lease's end");
            }
        }
    }
}

/// What stops a run that is nobody's fault but ours.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error("the log is closed")]
    Log,
    #[error("the workspace does not open: {0}")]
    Workspace(#[from] std::io::Error),
}

const BROKEN_LOG: &str = "What the run did could not be stored. The server's log says why.";

/// The loop: ask the model, run what it calls, until it answers.
async fn steps(inner: &Inner, run: &ClaimedRun, recorder: &Recorder) -> Ending {
    match try_steps(inner, run, recorder).await {
        Ok(ending) => ending,
        Err(error) => {
            tracing::error!(run = %run.id, %error, "a run failed inside");
            Ending::failed(
                RunErrorCode::Internal,
                "The run failed inside the server. Its log says why.",
            )
        }
    }
}

async fn try_steps(inner: &Inner, run: &ClaimedRun, recorder: &Recorder) -> Result<Ending, Broken> {
    let limits = &inner.limits;
    let catalog = inner.catalog().await?;
    let allowed = limits.of_run(&catalog.settings);
    let Some(agent) = inner.store.agent(run.agent_id).await? else {
        return Ok(Ending::failed(RunErrorCode::Internal, "The agent of this run is gone."));
    };
    let (model, provider) = match catalog.find(agent.model.as_deref()) {
        Ok(found) => found,
        Err(error) => return Ok(Ending::failed(RunErrorCode::Provider, error.to_string())),
    };
    let room = match open_room(inner, agent.folder).await? {
        Ok(room) => room,
        Err(fault) => {
            let sentence = format!("The agent's folder cannot be used. {}", fault.message);
            return Ok(Ending::failed(RunErrorCode::Folder, sentence));
        }
    };
    let history = inner.store.history(run, HISTORY_RUNS).await?;
    let specs: Arc<[ToolSpec]> = inner.tools.specs().iter().map(spec).collect();
    let mut conversation =
        Conversation::open(agent.instructions, &specs, history, &run.message, Vec::new());
    let name = model.to_string();
    let window = Window {
        model: &name,
        tokens: limits.context_window.unwrap_or_else(|| {
            llm::known(&model.model).map_or(llm::DEFAULT_WINDOW, |known| known.context_window)
        }),
        response: allowed.max_tokens,
    };
    let mut remedies = Remedies::default();
    let asker = Asker { provider: &provider, model: &model.model, tools: &specs, window, recorder };
    let bench = Bench {
        provider: &provider,
        tools: &inner.tools,
        room: &room,
        recorder,
        clock: inner.store.clock().as_ref(),
        tool_timeout: limits.tool_time(&catalog.settings),
        thinking: catalog.settings.thinking_mode,
    };
    let mut tokens = 0;
    for number in 1..=allowed.max_steps {
        // A server that goes down lets the step under way end, not the run.
        if number > 1 && inner.stopping.is_cancelled() {
            return Ok(Ending::interrupted());
        }
        let mut is_begun = false;
        let outcome = loop {
            let fitted = match asker.fit(number, &mut conversation, &mut remedies).await? {
                Ok(fitted) => fitted,
                Err(ending) => return Ok(ending),
            };
            if !is_begun {
                let start = Event::StepStart { step: number, model: name.clone() };
                conversation.apply(&start);
                if recorder.record(start).await.is_err() {
                    return Ok(Ending::failed(RunErrorCode::Internal, BROKEN_LOG));
                }
                is_begun = true;
            }
            let request = asker.request(fitted.messages, fitted.max_tokens);
            match bench.step(number, request, &mut conversation).await {
                Ok(outcome) => break outcome,
                Err(StepError::Model(error)) if error.kind() == ModelFaultKind::ContextOverflow => {
                    let fault = Event::ModelFault {
                        step: number,
                        model: name.clone(),
                        fault: error.kind(),
                        message: error.to_string(),
                        retry_after_ms: None,
                        next_model: None,
                    };
                    conversation.apply(&fault);
                    if recorder.record(fault).await.is_err() {
                        return Ok(Ending::failed(RunErrorCode::Internal, BROKEN_LOG));
                    }
                    match remedies.after_overflow(fitted.images) {
                        Remedy::AskAgain => {}
                        Remedy::Compact => {
                            asker.compact(number, &mut conversation, &mut remedies).await?;
                        }
                        Remedy::Stop => {
                            return Ok(Ending::failed(RunErrorCode::ContextLimit, OVERFLOW));
                        }
                    }
                }
                Err(StepError::Model(error)) => {
                    return Ok(Ending::failed(RunErrorCode::Provider, sentence(&error)));
                }
                Err(StepError::Log(_)) => {
                    return Ok(Ending::failed(RunErrorCode::Internal, BROKEN_LOG));
                }
            }
        };
        if outcome.calls.is_empty() {
            return Ok(if outcome.text.trim().is_empty() {
                Ending::failed(
                    RunErrorCode::Provider,
                    "The model gave an empty answer. Send the message again.",
                )
            } else {
                Ending::done()
            });
        }
        tokens += outcome.usage.input_tokens + outcome.usage.output_tokens;
        if tokens > allowed.run_tokens {
            let message = format!(
                "The run used {tokens} tokens and was ended at its limit of {}.",
                allowed.run_tokens
            );
            return Ok(Ending::failed(RunErrorCode::TokenLimit, message));
        }
        remedies.answered();
    }
    let message = format!("The run was ended at its limit of {} steps.", allowed.max_steps);
    Ok(Ending::failed(RunErrorCode::StepLimit, message))
}

const OVERFLOW: &str = "The provider found the conversation too large, although older parts of it were summarised and left out. Begin a new session, or choose a model that reads more.";

/// How a run asks its model.
struct Asker<'a> {
    provider: &'a Arc<dyn Provider>,
    model: &'a str,
    tools: &'a Arc<[ToolSpec]>,
    window: Window<'a>,
    recorder: &'a Recorder,
}

impl Asker<'_> {
    fn request(&self, messages: Vec<Message>, max_tokens: u32) -> Request {
        let (model, tools) = (self.model.to_owned(), Arc::clone(self.tools));
        Request { model, messages, tools, max_tokens, temperature: None }
    }

    /// The next request's messages, with a summary by the model where its own
    /// steps do not fit any more.
    async fn fit(
        &self,
        step: u32,
        conversation: &mut Conversation,
        remedies: &mut Remedies,
    ) -> Result<Result<Fitted, Ending>, Broken> {
        let too_large =
            |error: TooLarge| Ending::failed(RunErrorCode::ContextLimit, error.to_string());
        match conversation.fit(self.window) {
            Ok(fitted) if remedies.before(&fitted) => {
                self.compact(step, conversation, remedies).await?;
                Ok(conversation.fit(self.window).map_err(too_large))
            }
            fitted => Ok(fitted.map_err(too_large)),
        }
    }

    async fn compact(
        &self,
        step: u32,
        conversation: &mut Conversation,
        remedies: &mut Remedies,
    ) -> Result<(), Broken> {
        let ask = |messages, max_tokens| async move {
            let request = self.request(messages, max_tokens);
            let mut stream = self.provider.stream(Request { tools: [].into(), ..request }).await?;
            let mut text = String::new();
            while let Some(delta) = stream.next().await {
                if let Delta::Text(new) = delta? {
                    text.push_str(&new);
                }
            }
            Ok::<_, LlmError>(text)
        };
        match compaction::compact(conversation, self.window, step, ask).await {
            Ok(Ok(event)) => {
                conversation.apply(&event);
                self.recorder.record(event).await.map_err(|_| Broken::Log)?;
            }
            // Steps are left out instead.
            Ok(Err(_)) | Err(_) => remedies.refused(),
        }
        Ok(())
    }
}

/// The agent's folder, looked at again: what was chosen may be gone, or lead
/// elsewhere by now.
async fn open_room(inner: &Inner, folder: String) -> std::io::Result<Result<Room, Fault>> {
    let folders = Arc::clone(&inner.folders);
    let clock = Arc::clone(inner.store.clock());
    let open = move || match folders.open(&folder) {
        Ok(path) => Room::open(&path, Arc::new(move || clock.now())).map(Ok),
        Err(fault) => Ok(Err(fault)),
    };
    tokio::task::spawn_blocking(open).await.map_err(std::io::Error::other)?
}

fn spec(info: &tools::ToolInfo) -> ToolSpec {
    ToolSpec {
        name: info.name.clone(),
        description: info.description.clone(),
        parameters: info.schema.clone(),
    }
}

/// A provider's fault in a sentence that says what to do.
fn sentence(error: &LlmError) -> String {
    let what = match error {
        LlmError::RateLimited { .. } | LlmError::Overloaded { .. } => "Try again in a moment.",
        LlmError::Auth { .. } => "Check the provider's key.",
        LlmError::Quota { .. } => "Look at your account there, or choose another model.",
        LlmError::ContextOverflow { .. } => "Begin a new session, or choose a larger model.",
        LlmError::NotFound => "Check the model's name and the provider's address.",
        LlmError::Network(_) => "Check that it runs and that its address is right.",
        LlmError::BadRequest { .. } | LlmError::Cut(_) | LlmError::Format(_) => {
            "Send the message again; if it stays, look at the run's page."
        }
    };
    let text = error.to_string();
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}. {what}", chars.as_str())
}
