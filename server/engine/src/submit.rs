//! Taking in messages, and stopping what they began.

use std::time::Duration;

use domain::{
    AgentStatus, Channel, Delivery, Fault, FaultCode, PictureUpload, RunId, RunStatus, SessionId,
};
use sha2::{Digest, Sha256};
use store::{Change, Idempotency, NewPicture, NewRun, News, Submitted};

use crate::{Engine, Error, Result, SignedIn, pictures, typed};

/// The most bytes of a message.
const MAX_MESSAGE: usize = 256 * 1024;

/// The most characters of an idempotency key.
const MAX_KEY: usize = 255;

/// How long a stop waits to see the run end before it answers.
const STOP_WAIT: Duration = Duration::from_secs(2);

/// A message for an agent.
#[derive(Debug, Clone)]
pub struct Submission {
    /// The conversation that it belongs to.
    pub target: Target,
    /// The words.
    pub message: String,
    /// The pictures that come with them.
    pub pictures: Vec<PictureUpload>,
    /// The way it came in.
    pub source: Channel,
    /// When it is heard, where something is at work in its session.
    pub delivery: Delivery,
    /// The client's key for this request, so that a retry does not do it twice.
    pub idempotency: Option<(&'static str, String)>,
}

/// The conversation that a message belongs to.
#[derive(Debug, Clone)]
pub enum Target {
    /// One that exists.
    Session(SessionId),
    /// A new one.
    NewSession {
        /// The agent's name or id; the oldest active agent if none is named.
        agent: Option<String>,
    },
}

/// A message that was taken in: stored, and safe from a crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// The run that will answer it: a new one, or the one that hears it.
    pub run_id: RunId,
    /// Its session.
    pub session_id: SessionId,
    /// The run's state.
    pub status: RunStatus,
    /// How many runs wait up to and with it; 0 once it no longer waits.
    pub queue_position: u32,
}

impl Engine {
    /// Takes in a message. When this returns, the message is stored.
    pub async fn submit(&self, who: &SignedIn, submission: Submission) -> Result<Accepted> {
        let Submission { target, message, pictures, source, delivery, idempotency } = submission;
        // Forms sent without scripts end their lines as HTTP does.
        let message = message.replace("\r\n", "\n");
        check_message(&message)?;
        // A call is no word to a run at work: it waits for its turn.
        let delivery = match typed::read(&self.inner.tools, &message)? {
            Some(_) => Delivery::Queue,
            None => delivery,
        };
        if self.inner.stopping.is_cancelled() {
            let message = "The server is going down. Send the message again in a moment.";
            return Err(Fault::new(FaultCode::ShuttingDown, message).into());
        }
        let pictures = pictures::read(pictures)?;
        let idempotency = match idempotency {
            Some((route, key)) => {
                let body = body_hash(&target, delivery, &message, &pictures);
                Some(idempotency_of(route, key, body)?)
            }
            None => None,
        };
        let (session_id, agent_id) = match &target {
            Target::Session(id) => {
                let session = self.store().unsettled().session(who.id(), *id).await?;
                (Some(*id), session.agent_id)
            }
            Target::NewSession { agent } => (None, self.agent(agent.as_deref()).await?),
        };
        let new = NewRun {
            owner_id: who.id(),
            session_id,
            agent_id,
            title: domain::first_title(&message),
            source,
            message,
            pictures,
            delivery,
            idempotency,
        };
        match self.store().submit(new, self.inner.admission()).await? {
            Submitted::Accepted { run_id, session_id, status, position } => {
                Ok(Accepted { run_id, session_id, status, queue_position: position })
            }
            Submitted::KeyConflict => {
                let message =
                    "This idempotency key was used with another body in the last 24 hours.";
                Err(Fault::new(FaultCode::IdempotencyConflict, message).into())
            }
            Submitted::SteeringFull => Err(steering_full().into()),
            Submitted::WordsOnly => Err(words_only().into()),
            Submitted::AgentNotActive(status) => Err(not_active(status).into()),
            Submitted::Full { waiting } => Err(full(waiting).into()),
        }
    }

    /// Stops a run. Returns the state it is in then; a run that another process
    /// works on may take a second longer than this waits.
    pub async fn cancel(&self, who: &SignedIn, id: RunId) -> Result<RunStatus> {
        let mut listener = self.store().feed().listen();
        let status = self.store().request_cancel(who.id(), id).await?;
        if status != RunStatus::Running {
            return Ok(status);
        }
        self.inner.stop_run(id);
        let ended = async {
            loop {
                let status = self.store().run(who.id(), id).await?.status;
                if status.is_end() {
                    return Ok::<_, Error>(status);
                }
                loop {
                    match listener.next().await {
                        Some(Change::Run { run_id, news: News::Status, .. }) if run_id != id => {}
                        Some(Change::Run { news: News::Log, .. }) => {}
                        Some(_) => break,
                        None => return Ok(status),
                    }
                }
            }
        };
        tokio::time::timeout(STOP_WAIT, ended).await.unwrap_or(Ok(status))
    }

    pub(crate) async fn agent(&self, name: Option<&str>) -> Result<domain::AgentId> {
        if let Some(name) = name {
            return Ok(self.agent_named(name).await?.id);
        }
        let agents = self.store().agents().await?;
        let first = agents.into_iter().find(|agent| agent.status == AgentStatus::Active);
        let none =
            || Fault::new(FaultCode::AgentNotFound, "There is no agent yet. Make one first.");
        Ok(first.ok_or_else(none)?.id)
    }
}

fn not_active(status: AgentStatus) -> Fault {
    match status {
        AgentStatus::Deleted => Fault::new(
            FaultCode::AgentDeleted,
            "The agent of this session is deleted. What was said stays here to read; begin a new session with another agent.",
        ),
        AgentStatus::Active | AgentStatus::Disabled => Fault::new(
            FaultCode::AgentDisabled,
            "This agent is disabled and takes no messages. An owner can enable it on its page under Agents.",
        ),
    }
}

pub(crate) fn check_message(message: &str) -> std::result::Result<(), Fault> {
    if message.trim().is_empty() {
        return Err(Fault::field("message", "Write a message first."));
    }
    if message.len() > MAX_MESSAGE {
        return Err(Fault::field(
            "message",
            "A message has at most 262,144 bytes. Put longer texts into a file.",
        ));
    }
    Ok(())
}

fn idempotency_of(
    route: &'static str,
    key: String,
    body_hash: Vec<u8>,
) -> std::result::Result<Idempotency, Fault> {
    let printable = |c: char| c.is_ascii_graphic() || c == ' ';
    if key.is_empty() || key.len() > MAX_KEY || !key.chars().all(printable) {
        let sentence = "An idempotency key has 1 to 255 printable ASCII characters.";
        return Err(Fault::field("Idempotency-Key", sentence));
    }
    Ok(Idempotency { route, key, body_hash })
}

fn body_hash(
    target: &Target,
    delivery: Delivery,
    message: &str,
    pictures: &[NewPicture],
) -> Vec<u8> {
    let mut hash = Sha256::new();
    match target {
        Target::Session(id) => hash.update(id.to_string()),
        Target::NewSession { agent } => hash.update(agent.as_deref().unwrap_or_default()),
    }
    hash.update([0]);
    hash.update(delivery.as_str());
    hash.update([0]);
    hash.update(message);
    for picture in pictures {
        hash.update([0]);
        hash.update(Sha256::digest(&picture.bytes));
    }
    hash.finalize().to_vec()
}

fn words_only() -> Fault {
    let sentence = "What is at work hears words only. Send the pictures to be heard after it, or interrupt it.";
    Fault::field("pictures", sentence)
}

fn steering_full() -> Fault {
    let message = "The run has not yet heard what it was told before. Wait for its next step, or send the message to be heard after it.";
    Fault::new(FaultCode::SteeringFull, message)
}

fn full(waiting: u32) -> Fault {
    let message = format!("The queue is full: {waiting} runs wait. Try again in a few seconds.");
    let mut fault = Fault::new(FaultCode::QueueFull, message);
    fault.queue_length = Some(u64::from(waiting));
    // Longer queues clear more slowly; what matters is that a crowd does not
    // come back all at once, and that a person is not kept waiting for long.
    fault.retry_after_seconds = Some(u64::from(waiting / 16 + 1));
    fault
}
