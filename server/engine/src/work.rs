//! The loop: ask the model, run what it calls, until it answers.

pub(crate) mod budget;
pub(crate) mod calls;
pub(crate) mod course;
pub(crate) mod exchange;
pub(crate) mod faults;
mod guard;
mod guidance;
pub(crate) mod hours;
mod log;
pub(crate) mod policy;
mod recovery;
mod reuse;
mod room;
pub(crate) mod toolbox;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use domain::{BEFORE_STEPS, CallId, Event, FinishReason, ModelFaultKind, RunErrorCode};
use llm::{Request, ToolCall, Usage, count_tokens, known};
use store::{ClaimedRun, Ending, Pause};

use self::budget::Budget;
use self::calls::{Bench, Ran};
use self::course::Call;
use self::exchange::{Choice, Exchange, Failed, Reply};
pub use self::faults::Patience;
use self::guard::Circle;
pub(crate) use self::log::Log;
use self::toolbox::Toolbox;
use crate::engine::Inner;
use crate::recorder::{LogClosed, Safety};
use crate::transcript::{Conversation, TooLarge, Windows};
use crate::typed;

/// How long a question about a call waits for its answer.
const APPROVAL_LASTS: Duration = Duration::from_hours(24);

const SAY_SOMETHING: &str =
    "Your last reply was empty. Answer the person, or call a tool to go on.";

const WRITE_AGAIN: &str = "A tool call in your last reply could not be read. Write it again, whole, with the tool's name and its arguments as one JSON object.";

const NO_CLOSING_WORDS: &str =
    "[The work is done; the model wrote no closing words. The calls above show what was done.]";

/// Why the loop came to rest.
pub(crate) enum Rest {
    /// The run is over.
    Ended(Ending),
    /// It waits for a person.
    Paused(Pause),
}

/// What keeps the loop from going on.
pub(crate) enum Halt {
    /// It came to rest.
    Rest(Rest),
    /// The log cannot be written.
    Log,
    /// The database failed.
    Store(store::Error),
}

impl From<LogClosed> for Halt {
    fn from(_: LogClosed) -> Self {
        Self::Log
    }
}

impl From<Ending> for Halt {
    fn from(ending: Ending) -> Self {
        Self::Rest(Rest::Ended(ending))
    }
}

impl From<TooLarge> for Halt {
    fn from(error: TooLarge) -> Self {
        Ending::failed(RunErrorCode::ContextLimit, error.to_string()).into()
    }
}

impl From<store::Error> for Halt {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

/// What the loop works with.
pub(crate) struct Work<'a> {
    pub(crate) inner: &'a Inner,
    pub(crate) run: &'a ClaimedRun,
    pub(crate) bench: Bench<'a>,
    pub(crate) exchange: Exchange<'a>,
    pub(crate) log: Log<'a>,
    pub(crate) budget: Budget,
    /// What each model reads, and the most tokens of one reply.
    pub(crate) windows: Windows,
    pub(crate) temperature: Option<f32>,
    /// What the run is made from.
    pub(crate) opened: Event,
    pub(crate) toolbox: Toolbox,
}

impl Work<'_> {
    /// Works until the run comes to rest. A run that waited goes on with the
    /// calls that were held.
    pub(crate) async fn go(mut self) -> Halt {
        match self.steps().await {
            Ok(never) => match never {},
            Err(halt) => halt,
        }
    }

    async fn steps(&mut self) -> Result<Infallible, Halt> {
        let held = self.log.course().held.clone();
        let mut circle = match held.is_empty() {
            true => self.typed().await?,
            false => self.run_calls(self.log.course().step, held).await?,
        };
        let mut has_nudged = false;
        loop {
            self.hear().await?;
            let step = self.begin_step().await?;
            let mut reply = self.reply(step).await?;
            if reply.is_empty() {
                self.empty(step, &mut reply, &mut has_nudged).await?;
                continue;
            }
            let is_broken = reply.is_broken;
            let calls = self.end_reply(step, reply).await?;
            if calls.is_empty() && is_broken {
                self.log.course_mut().count_unreadable(&calls)?;
                self.log.nudge(WRITE_AGAIN).await?;
                continue;
            }
            if calls.is_empty() {
                // What was said meanwhile is answered before the run ends.
                if self.hear().await? {
                    continue;
                }
                return Err(Ending::done().into());
            }
            if let Some(circle) = circle {
                return Err(Ending::failed(RunErrorCode::Loop, circle.sentence()).into());
            }
            self.log.course_mut().count_unreadable(&calls)?;
            circle = self.run_calls(step, calls).await?;
        }
    }

    /// Runs the call that began the run, where a person typed one: before the
    /// first step, as if the model had made it. What runs give each other is
    /// never a typed call.
    async fn typed(&mut self) -> Result<Option<Circle>, Halt> {
        let is_new = self.log.course().step == BEFORE_STEPS && self.run.parent_id.is_none();
        let call = typed::read(self.bench.tools, &self.run.message);
        let Some(call) = call.ok().flatten().filter(|_| is_new) else { return Ok(None) };
        let call = self.ours(call);
        self.run_calls(BEFORE_STEPS, vec![call]).await
    }

    /// Takes in what people said to the run since it last listened; says whether
    /// there was anything.
    async fn hear(&mut self) -> Result<bool, Halt> {
        if !self.inner.take_steered(self.run.id) {
            return Ok(false);
        }
        self.log.flush(Safety::Process).await?;
        let step = self.log.course().step + 1;
        let heard = self.inner.store.unsettled().hear(self.run, step).await?;
        for message in &heard {
            self.log.know(&Event::Steering { step, message: message.clone() });
        }
        Ok(!heard.is_empty())
    }

    /// Checks what a step may still use, and begins it.
    async fn begin_step(&mut self) -> Result<u32, Halt> {
        let step = self.log.course().step + 1;
        // A server that goes down lets the step under way end, not the run.
        if step > 1 && self.inner.stopping.is_cancelled() {
            return Err(Ending::interrupted().into());
        }
        let store = self.inner.store.unsettled();
        self.budget.check(&store, self.run.agent_id, self.log.course()).await?;
        if self.run.parent_id.is_some() || self.log.course().has_delegated {
            // What this run used counts too.
            self.log.flush(Safety::Process).await?;
            self.budget.check_family(&store).await?;
        }
        self.make_room(step).await?;
        // Said once, and again where a run that waited goes on with another prompt.
        if self.log.course().opening.as_ref() != Some(&self.opened) {
            self.log.record(self.opened.clone()).await?;
        }
        let model = self.exchange.choice().name.to_string();
        self.log.record(Event::StepStart { step, model }).await?;
        Ok(step)
    }

    /// What the model says. A request that its provider finds too large is made
    /// smaller and sent again.
    async fn reply(&mut self, step: u32) -> Result<Reply, Halt> {
        let reply = loop {
            let pictures = self.log.conversation().pictures();
            let tools = self.toolbox.told(self.log.course().found.names());
            let Self { windows, temperature, .. } = self;
            let request = |choice: &Choice, conversation: &mut Conversation| {
                let name = choice.name.to_string();
                let window = windows.of(&name);
                let fitted = conversation.fit(window)?;
                Ok(Request {
                    model: choice.name.model.clone(),
                    messages: fitted.messages,
                    tools: Arc::clone(&tools),
                    max_tokens: fitted.max_tokens,
                    window: window.tokens,
                    temperature: *temperature,
                })
            };
            match self.exchange.ask(step, &mut self.log, request).await {
                Ok(reply) => break reply,
                Err(Failed::Overflow) => self.overflowed(step, pictures).await?,
                Err(Failed::TooLarge(error)) => return Err(error.into()),
                Err(Failed::Log) => return Err(Halt::Log),
                Err(Failed::Model(error)) => {
                    let sentence = faults::sentence(&error);
                    return Err(Ending::failed(RunErrorCode::Provider, sentence).into());
                }
            }
        };
        // A provider that counts nothing still has a limit.
        let usage = reply.usage.unwrap_or_else(|| {
            let calls = reply.calls.iter().map(|call| count_tokens(&call.arguments));
            Usage {
                input_tokens: self.log.conversation().tokens().into(),
                output_tokens: u64::from(count_tokens(&reply.text) + calls.sum::<u32>()),
                cached_tokens: 0,
            }
        });
        self.count(step, usage).await?;
        Ok(reply)
    }

    /// Counts what an exchange with the model in use took.
    async fn count(&mut self, step: u32, usage: Usage) -> Result<(), LogClosed> {
        let cost = known(&self.exchange.choice().name.model).and_then(|model| model.cost(&usage));
        let Usage { input_tokens, output_tokens, cached_tokens } = usage;
        let event = Event::Usage { step, input_tokens, output_tokens, cached_tokens, cost };
        self.log.record(event).await
    }

    /// A reply without a word or a call. Asked once more, as long as nothing was
    /// done that a second try could do again.
    async fn empty(
        &mut self,
        step: u32,
        reply: &mut Reply,
        has_nudged: &mut bool,
    ) -> Result<(), Halt> {
        let has_acted = self.log.course().has_acted;
        if has_acted {
            NO_CLOSING_WORDS.clone_into(&mut reply.text);
        }
        let model = self.exchange.choice().name.to_string();
        self.end_reply(step, std::mem::take(reply)).await?;
        if has_acted {
            return Err(Ending::done().into());
        }
        let fault = Event::ModelFault {
            step,
            model,
            fault: ModelFaultKind::Empty,
            message: "The model gave an empty answer.".to_owned(),
            retry_after_ms: (!*has_nudged).then_some(0),
            next_model: None,
        };
        self.log.record(fault).await?;
        if std::mem::replace(has_nudged, true) {
            let message = "The model gave an empty answer twice. Send the message again.";
            return Err(Ending::failed(RunErrorCode::Provider, message).into());
        }
        Ok(self.log.nudge(SAY_SOMETHING).await?)
    }

    /// Records what the model said, and gives its calls ids of ours.
    async fn end_reply(&mut self, step: u32, reply: Reply) -> Result<Vec<Call>, Halt> {
        let Reply { text, calls, thinking, raw, carried, finish, duration_ms, .. } = reply;
        let finish = finish.unwrap_or(FinishReason::Stop);
        let end = Event::StepEnd { step, text, thinking, raw, carried, finish, duration_ms };
        self.log.record(end).await?;
        Ok(calls.into_iter().map(|call| self.ours(call)).collect())
    }

    /// A call with an id of ours, and the tool's own name.
    fn ours(&self, call: ToolCall) -> Call {
        let ToolCall { id: wire_id, tool, arguments, repair } = call;
        let tool = self.bench.tools.meant(&tool).map_or(tool, |info| info.name.clone());
        let id = CallId::from_uuid(self.inner.store.clock().uuid());
        Call { id, wire_id, tool, arguments, repair }
    }

    /// Runs calls to the end of their step, or until a person has to be asked.
    async fn run_calls(&mut self, step: u32, calls: Vec<Call>) -> Result<Option<Circle>, Halt> {
        if let Ran::Asks { call, reason } = self.bench.run(&mut self.log, step, calls).await? {
            let expires_at = self.inner.store.clock().now() + APPROVAL_LASTS;
            let Call { id: tool_call_id, tool, arguments, .. } = call;
            let pause = Pause::Approval { step, tool_call_id, tool, arguments, reason, expires_at };
            return Err(Halt::Rest(Rest::Paused(pause)));
        }
        let circle = self.log.end_step().await?;
        let recovery = &self.log.course().recovery;
        if recovery.is_exhausted() {
            let attempts = recovery.attempts().to_vec();
            if self.run.parent_id.is_some() {
                // Whoever began it decides how to go on.
                let report = guidance::report(&attempts);
                return Err(Ending::failed(RunErrorCode::CallsFailed, report).into());
            }
            let question = guidance::question(&attempts);
            return Err(Halt::Rest(Rest::Paused(Pause::Guidance { question, attempts })));
        }
        Ok(circle)
    }
}
