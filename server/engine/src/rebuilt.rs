//! The requests of a run, told again from its log.

use std::sync::Arc;

use domain::{
    Event, FinishReason, ModelFaultKind, RunId, RunView, TraceMessage, TraceOpening, TraceRequest,
    TraceTool,
};
use llm::{Message, ToolSpec};
use store::EventRecord;

use crate::engine::Inner;
use crate::pictures::{Bytes, shown};
use crate::prompt::Prompt;
use crate::transcript::{Conversation, Windows};
use crate::{Error, Result};

/// More events than a run can have before it asks a model.
const BEFORE_A_MODEL: u32 = 100;

/// The conversation of a run as it grows, and what was sent last.
pub(crate) struct Rebuilt {
    run: RunId,
    message: String,
    opened: (String, Vec<RunId>),
    conversation: Conversation,
    windows: Windows,
    /// The model that is asked.
    in_use: String,
    /// The step that was last begun.
    step: u32,
    /// Whether it was made smaller since the step's last request.
    is_smaller: bool,
    /// What the step before that was sent in the end.
    before: Vec<Message>,
    /// What was sent last.
    sent: Vec<Message>,
}

impl Rebuilt {
    /// What a run was made from, and the conversation before its first step;
    /// `None` for what the log does not say, or no longer.
    pub(crate) async fn open(
        inner: &Inner,
        run: &RunView,
    ) -> Result<(Option<TraceOpening>, Option<Self>)> {
        let Some((hash, history)) = inner.store.opening(run.id).await? else {
            return Ok((None, None));
        };
        let runs = inner.store.history_of(&history).await?;
        let whole =
            |id: &RunId| runs.iter().any(|(view, _)| view.id == *id && view.cleared.has_steps());
        let cleared = history.iter().copied().filter(|id| !whole(id)).collect();
        let prompt = prompt(inner, &hash).await?;
        let tools = prompt.as_ref().map(|prompt| prompt.tools.iter().map(tool).collect());
        let opening =
            TraceOpening { prompt: hash.clone(), history: history.clone(), cleared, tools };
        let Some(Prompt { instructions, tools }) = prompt else {
            return Ok((Some(opening), None));
        };
        let pictures = shown(&inner.store, history.iter().copied(), run.id, Bytes::Spared).await?;
        let runs: Vec<_> = runs.into_iter().map(|(_, history)| Arc::new(history)).collect();
        let agent = inner.store.agent(run.agent_id).await?;
        let own = agent.map(|agent| agent.choices).unwrap_or_default();
        let allowed = inner.limits.of_run(&inner.catalog().await?.settings, &own);
        let model = first_model(inner, run.id).await?;
        let rebuilt = Self {
            run: run.id,
            message: run.message.clone(),
            opened: (hash, history),
            conversation: Conversation::open(instructions, &tools, &runs, &run.message, pictures),
            windows: Windows {
                own: model.clone(),
                chosen: own.context_window,
                response: allowed.max_tokens,
            },
            in_use: model,
            step: 0,
            is_smaller: false,
            before: Vec::new(),
            sent: Vec::new(),
        };
        Ok((Some(opening), Some(rebuilt)))
    }

    /// Takes in the next event; tells what a step was sent, if something was. What
    /// comes later for the same step was sent in its place.
    pub(crate) async fn take(
        &mut self,
        inner: &Inner,
        record: &EventRecord,
    ) -> Result<Option<(u32, TraceRequest)>> {
        let event = &record.event;
        match event {
            Event::Opening { prompt, history } => {
                self.reopen(inner, record, prompt, history).await?
            }
            // Sent again smaller than it was.
            Event::StepEnd { finish, .. }
                if std::mem::take(&mut self.is_smaller) && *finish != FinishReason::Cut =>
            {
                let request = self.request();
                self.follow(event);
                return Ok(request);
            }
            Event::StepStart { step, .. } if self.step != *step => {
                self.step = *step;
                self.before = std::mem::take(&mut self.sent);
            }
            _ => {}
        }
        self.follow(event);
        match event {
            Event::StepStart { .. } | Event::ModelFault { next_model: Some(_), .. } => {
                self.is_smaller = false;
                Ok(self.request())
            }
            Event::Compaction { .. }
            | Event::ModelFault { fault: ModelFaultKind::ContextOverflow, .. }
            | Event::ModelFault {
                fault: ModelFaultKind::BadRequest,
                retry_after_ms: Some(_),
                ..
            } => {
                self.is_smaller = true;
                Ok(None)
            }
            _ => Ok(None),
        }
    }

    fn follow(&mut self, event: &Event) {
        self.conversation.follow(event, &self.windows, &mut self.in_use);
    }

    /// A run that waited went on with another prompt, or with less of its history.
    async fn reopen(
        &mut self,
        inner: &Inner,
        record: &EventRecord,
        hash: &str,
        history: &[RunId],
    ) -> Result<()> {
        if self.opened.0 == hash && self.opened.1 == history {
            return Ok(());
        }
        let Some(Prompt { instructions, tools }) = prompt(inner, hash).await? else {
            return Ok(());
        };
        let runs = inner.store.history_of(history).await?;
        let runs: Vec<_> = runs.into_iter().map(|(_, history)| Arc::new(history)).collect();
        let earlier = history.iter().copied();
        let pictures = shown(&inner.store, earlier, self.run, Bytes::Spared).await?;
        let mut conversation =
            Conversation::open(instructions, &tools, &runs, &self.message, pictures);
        let events = inner.store.events_of(&[self.run], &[]).await?;
        let earlier = events.iter().take_while(|earlier| earlier.seq < record.seq);
        conversation.replay(earlier.map(|earlier| &earlier.event), &self.windows);
        self.conversation = conversation;
        self.opened = (hash.to_owned(), history.to_vec());
        Ok(())
    }

    /// The request that is made from all that has happened so far; `None` if it is
    /// too large to be sent.
    fn request(&mut self) -> Option<(u32, TraceRequest)> {
        let messages = self.conversation.fit(self.windows.of(&self.in_use)).ok()?.messages;
        let same = messages.iter().zip(&self.before).take_while(|(new, old)| new == old);
        let kept = same.count();
        let told = messages[kept..].iter().map(TraceMessage::from).collect();
        self.sent = messages;
        Some((self.step, TraceRequest { kept, messages: told }))
    }
}

/// The model that a run asked first, which is its agent's own.
async fn first_model(inner: &Inner, run: RunId) -> Result<String> {
    let records = inner.store.log_after(run, 0, BEFORE_A_MODEL).await?;
    let model = records.into_iter().find_map(|record| match record.event {
        Event::StepStart { model, .. } => Some(model),
        _ => None,
    });
    Ok(model.unwrap_or_default())
}

async fn prompt(inner: &Inner, hash: &str) -> Result<Option<Prompt>> {
    let stored = inner.store.prompt(hash).await?;
    let prompt = stored.as_deref().map(Prompt::read).transpose();
    prompt.map_err(|error| Error::Broken(error.to_string()))
}

fn tool(spec: &ToolSpec) -> TraceTool {
    TraceTool {
        name: spec.name.clone(),
        description: spec.description.clone(),
        parameters: spec.parameters.to_string(),
    }
}
