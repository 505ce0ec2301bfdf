//! Tasks that a run gives to other runs, and waits for.
//!
//! The run that is waited for works in a task beside its caller's and needs no
//! worker, so that no number of workers can wait for each other. It ends with
//! the call: by itself, or because whoever waits has gone.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{
    AgentId, AgentStatus, CallId, RunErrorCode, RunId, RunStatus, RunView, SessionId,
    ToolErrorCode, UserId,
};
use store::{Begun, Change, ClaimedRun, DEEPEST, NewChild, News, Whom};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tools::{Delegate, Output, ToolError};

use crate::Engine;
use crate::drive::drive;
use crate::engine::Inner;
use crate::submit::check_message;
use crate::text::middle_out;

/// The most bytes of an unfinished answer that a failure is told with.
const UNFINISHED: usize = 4 * 1024;

/// How many names a caller is told who named nobody that there is.
const NAMES: usize = 20;

/// What a run gives tasks through.
pub(crate) struct Errands {
    inner: Arc<Inner>,
    run: Arc<ClaimedRun>,
}

impl Errands {
    /// The errands of a run; `None` where so many runs stand above it that it
    /// begins no others.
    pub(crate) fn of(inner: &Arc<Inner>, run: &Arc<ClaimedRun>) -> Option<Self> {
        let errands = || Self { inner: Arc::clone(inner), run: Arc::clone(run) };
        (run.depth < DEEPEST).then(errands)
    }

    /// What one call gives its task through.
    pub(crate) fn for_call(&self, call: CallId) -> Arc<dyn Delegate> {
        Arc::new(Errand { inner: Arc::clone(&self.inner), run: Arc::clone(&self.run), call })
    }
}

struct Errand {
    inner: Arc<Inner>,
    run: Arc<ClaimedRun>,
    call: CallId,
}

#[async_trait]
impl Delegate for Errand {
    async fn begin(&self, agent: Option<&str>, message: &str) -> Result<Output, ToolError> {
        let agent = match agent {
            Some(name) => self.named(name).await?,
            None => self.run.agent_id,
        };
        self.send(Whom::Agent(agent), message).await
    }

    async fn go_on(&self, session: &str, message: &str) -> Result<Output, ToolError> {
        let session: SessionId = session.parse().map_err(|_| no_session())?;
        self.send(Whom::Session(session), message).await
    }
}

impl Errand {
    /// Gives the task away and waits for what comes of it. Dropping the future
    /// stops the work.
    async fn send(&self, whom: Whom, message: &str) -> Result<Output, ToolError> {
        check_message(message).map_err(|fault| ToolError::input_invalid(fault.message))?;
        let new = NewChild {
            parent: ClaimedRun::clone(&self.run),
            call: self.call,
            whom,
            message: message.to_owned(),
        };
        let gone = CancellationToken::new();
        let (tell, told) = oneshot::channel();
        let (inner, stop) = (Arc::clone(&self.inner), gone.clone());
        // A task of its own: what was begun is seen to its end, also when nobody
        // waits for it any more.
        self.inner.tasks.spawn(async move {
            let _ = tell.send(see_to(&inner, new, &stop).await);
        });
        let _here = gone.drop_guard();
        told.await.unwrap_or_else(|_| Err(broken("the task of a run broke off")))
    }

    /// An agent by its name.
    async fn named(&self, name: &str) -> Result<AgentId, ToolError> {
        let engine = Engine { inner: Arc::clone(&self.inner) };
        match engine.agent_named(name).await {
            Ok(agent) => return Ok(agent.id),
            Err(crate::Error::Refused(_)) => {}
            Err(error) => return Err(broken(error)),
        }
        let agents = self.inner.store.agents().await.map_err(broken)?;
        let active = agents.iter().filter(|agent| agent.status == AgentStatus::Active);
        let names: Vec<_> = active.map(|agent| agent.name.as_str()).collect();
        let close = similar::get_close_matches(name, &names, 1, 0.6);
        let hint = match close.first() {
            Some(close) => format!("Did you mean `{close}`?"),
            None => {
                let some = &names[..names.len().min(NAMES)];
                format!("Some that there are: {}.", some.join(", "))
            }
        };
        Err(ToolError::input_invalid(format!("There is no agent of that name. {hint}")))
    }
}

/// Begins a run for a task and sees to it until it has ended.
async fn see_to(
    inner: &Arc<Inner>,
    new: NewChild,
    gone: &CancellationToken,
) -> Result<Output, ToolError> {
    if inner.stopping.is_cancelled() {
        return Err(ToolError::new(ToolErrorCode::Interrupted, "The server is going down."));
    }
    let owner = new.parent.owner_id;
    let begun = inner.store.begin_child(new, inner.limits.lease).await.map_err(broken)?;
    let first = started(begun)?;
    let id = first.id;
    let mut turn = Some(first);
    while let Some(run) = turn {
        drive(inner, run, gone.child_token()).await;
        turn = next_turn(inner, owner, id, gone).await.map_err(broken)?;
    }
    // Its caller is told at once; people are when it is on the disk.
    told(&inner.store.unsettled().run(owner, id).await.map_err(broken)?)
}

/// The run again, once a person has answered what it waits for; `None` once it
/// has ended. Another worker may be quicker; then its end is waited for.
async fn next_turn(
    inner: &Inner,
    owner: UserId,
    id: RunId,
    gone: &CancellationToken,
) -> store::Result<Option<ClaimedRun>> {
    let mut listener = inner.store.feed().listen();
    loop {
        let status = inner.store.unsettled().run_status(id).await?;
        if status.is_end() {
            return Ok(None);
        }
        if status == RunStatus::Queued
            && let Some(run) = inner.store.claim(inner.limits.lease, Some(id)).await?
        {
            return Ok(Some(run));
        }
        // A person may take longer than a server that goes down waits.
        let ended = async {
            tokio::select! {
                () = gone.cancelled() => {}
                () = inner.stopping.cancelled() => {}
            }
        };
        let changed = async {
            loop {
                match listener.next().await {
                    Some(Change::Run { run_id, news: News::Status, .. }) if run_id == id => break,
                    Some(Change::Run { .. }) => {}
                    Some(Change::Anything) | None => break,
                }
            }
        };
        tokio::select! {
            () = ended => {
                inner.store.request_cancel(owner, id).await?;
                return Ok(None);
            }
            () = changed => {}
        }
    }
}

fn started(begun: Begun) -> Result<ClaimedRun, ToolError> {
    let refuse = |message: String| Err(ToolError::new(ToolErrorCode::PolicyDenied, message));
    match begun {
        Begun::Started(run) => Ok(run),
        Begun::AgentNotActive(AgentStatus::Deleted) => refuse("That agent is deleted.".to_owned()),
        Begun::AgentNotActive(AgentStatus::Active | AgentStatus::Disabled) => {
            refuse("That agent is disabled and takes no tasks.".to_owned())
        }
        Begun::NoSession => Err(no_session()),
        Begun::Busy => refuse(
            "Something is at work in that session already. Wait for its answer first.".to_owned(),
        ),
        Begun::TooManyOpen(open) => refuse(format!(
            "{open} runs that this one began have not ended; there may be no more at a time."
        )),
        Begun::TooMany(begun) => refuse(format!(
            "This run has begun {begun} others and may begin no more. Do the rest yourself."
        )),
    }
}

/// What the caller is told of a run that has ended.
fn told(run: &RunView) -> Result<Output, ToolError> {
    let RunView { id, session_id, agent, status, answer, error, .. } = run;
    let place = format!("run {id} in session {session_id}");
    let answer = answer.as_deref().unwrap_or("(no answer)");
    if *status == RunStatus::Done {
        let content = format!("{agent} has answered ({place}, done):\n\n{answer}");
        return Ok(Output::new(&format!("{agent}: {answer}"), content));
    }
    let code = match (status, error.as_ref().map(|error| error.code)) {
        (RunStatus::Interrupted, _) => ToolErrorCode::Interrupted,
        (RunStatus::Failed, Some(RunErrorCode::Provider)) => ToolErrorCode::ProviderError,
        (RunStatus::Failed, _) => ToolErrorCode::InternalError,
        _ => ToolErrorCode::Cancelled,
    };
    let why = error.as_ref().map_or("It was stopped.", |error| error.message.as_str());
    let unfinished = middle_out(answer, UNFINISHED);
    Err(ToolError::new(
        code,
        format!(
            "{agent} has not finished ({place}, {status}): {why}\nSo far it said: {unfinished}"
        ),
    ))
}

fn no_session() -> ToolError {
    ToolError::input_invalid(
        "There is no such session of this conversation. Give one that agent.run has told.",
    )
}

fn broken(error: impl std::fmt::Display) -> ToolError {
    tracing::error!(%error, "a run that another began could not be seen to");
    let message = "The task could not be given away, by a fault of the server.";
    ToolError::new(ToolErrorCode::InternalError, message)
}
