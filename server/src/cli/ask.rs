//! `openclawssy ask`

use std::io::{BufRead, IsTerminal, Read, Write};

use anyhow::bail;
use domain::{
    ApprovalView, Channel, Delivery, Event, Fault, FaultCode, LiveEvent, RunStatus, SessionId,
    Verdict,
};
use engine::{Accepted, Engine, Error, LiveStream, Said, SignedIn, Submission, Target};
use futures_util::StreamExt;

use super::{Exit, Installation, approvals};

/// The most bytes of an answer in the terminal, in one line.
const MAX_LINE: u64 = 64 * 1024;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The task, in words.
    #[arg(required = true, num_args = 1..)]
    message: Vec<String>,

    /// The agent, by name; the first one if none is named.
    #[arg(long, conflicts_with = "session")]
    agent: Option<String>,

    /// Goes on in a session that exists.
    #[arg(long)]
    session: Option<SessionId>,

    /// The person to act as; the first owner if none is named.
    #[arg(long)]
    user: Option<String>,
}

pub(crate) async fn run(installation: Installation, args: Args) -> anyhow::Result<Exit> {
    let store = installation.store().await?;
    let engine = installation.engine(store.clone())?;
    let who = engine.local_person(args.user.as_deref()).await.map_err(told)?;
    let target = match args.session {
        Some(id) => Target::Session(id),
        None => Target::NewSession { agent: args.agent },
    };
    let submission = Submission {
        target,
        message: args.message.join(" "),
        pictures: Vec::new(),
        source: Channel::Cli,
        delivery: Delivery::Queue,
        idempotency: None,
    };
    // What a run wrote before this answer to it is on somebody's screen already.
    let position = engine.position().await.map_err(told)?;
    let accepted = match engine.say(&who, submission).await.map_err(told)? {
        Said::Message(accepted) => accepted,
        Said::Command(reply) => {
            writeln!(std::io::stdout(), "{}", reply.text())?;
            if let (true, Some(session)) = (reply.leads, reply.session_id) {
                eprintln!("Go on with --session {session}");
            }
            store.close().await?;
            return Ok(Exit::Done);
        }
    };
    eprintln!("{} in {}", accepted.run_id, accepted.session_id);
    let mut asking = Asking { engine: &engine, who: &who, accepted, position };
    let status = asking.until_it_rests().await?;
    engine.stop().await;
    store.close().await?;
    Ok(match status {
        RunStatus::Done => Exit::Done,
        RunStatus::WaitingApproval | RunStatus::WaitingGuidance => Exit::NeedsPerson,
        _ => Exit::Failed,
    })
}

/// A run that is watched, and worked on where nobody else does.
struct Asking<'a> {
    engine: &'a Engine,
    who: &'a SignedIn,
    accepted: Accepted,
    /// The newest event that needs no printing.
    position: u64,
}

impl Asking<'_> {
    /// Follows the run to its end, or to a question that nobody answers here.
    async fn until_it_rests(&mut self) -> anyhow::Result<RunStatus> {
        if self.stands_behind().await? {
            return Ok(RunStatus::WaitingApproval);
        }
        loop {
            let status = self.follow().await?;
            let answered = match status {
                RunStatus::WaitingApproval => self.approve().await?,
                RunStatus::WaitingGuidance => self.guide().await?,
                _ => return Ok(status),
            };
            if !answered {
                return Ok(status);
            }
        }
    }

    /// Whether an earlier run of the session waits for an answer about a call, and
    /// says so: this one comes after it, and nobody knows when.
    async fn stands_behind(&self) -> anyhow::Result<bool> {
        let Accepted { run_id, session_id, .. } = self.accepted;
        let pending = self.engine.pending(self.who, session_id).await.map_err(told)?;
        let Some(asked) = pending.approval.filter(|asked| asked.run_id != run_id) else {
            return Ok(false);
        };
        eprintln!("{}", approvals::told(&asked));
        eprintln!("The message is kept, and comes after the answer. {}", how_to_answer(&asked));
        Ok(true)
    }

    async fn follow(&mut self) -> anyhow::Result<RunStatus> {
        let (engine, run) = (self.engine.clone(), self.accepted.run_id);
        let events = engine.run_stream(self.who, run, 0).await.map_err(told)?;
        let working = tokio::spawn(async move { engine.work_on(run).await });
        let status = tokio::select! {
            printed = print(events, self.position) => {
                let (status, position) = printed?;
                self.position = position;
                status
            }
            result = tokio::signal::ctrl_c() => {
                result?;
                stop(self.engine, self.who, run).await?
            }
        };
        let _ = working.await;
        Ok(status)
    }

    /// Asks about a call, if somebody sits there; false if nobody answers.
    async fn approve(&self) -> anyhow::Result<bool> {
        let session = self.accepted.session_id;
        let pending = self.engine.pending(self.who, session).await.map_err(told)?;
        // Answered elsewhere in the meantime.
        let Some(asked) = pending.approval else { return Ok(true) };
        eprintln!("{}", approvals::told(&asked));
        let Some(line) = prompt("Approve this call? [y/N] ").await? else {
            eprintln!("{}", how_to_answer(&asked));
            return Ok(false);
        };
        let verdict = match line.trim().to_lowercase().as_str() {
            "y" | "yes" => Verdict::Approve,
            _ => Verdict::Deny,
        };
        let answer = self.engine.answer_approval(self.who, asked.id, verdict, None).await;
        match answer.map_err(Fault::from) {
            // The run goes on all the same.
            Err(fault) if fault.code == FaultCode::ApprovalSettled => eprintln!("{fault}"),
            answer => drop(answer?),
        }
        Ok(true)
    }

    /// Asks how to go on, if somebody sits there; false if nobody answers.
    async fn guide(&self) -> anyhow::Result<bool> {
        let session = self.accepted.session_id;
        let line = prompt("How shall it go on? ").await?;
        let Some(message) = line.filter(|line| !line.trim().is_empty()) else {
            eprintln!("Answer with: openclawssy ask --session {session} \"…\"");
            return Ok(false);
        };
        let submission = Submission {
            target: Target::Session(session),
            message,
            pictures: Vec::new(),
            source: Channel::Cli,
            delivery: Delivery::Queue,
            idempotency: None,
        };
        self.engine.submit(self.who, submission).await.map_err(told)?;
        Ok(true)
    }
}

fn how_to_answer(asked: &ApprovalView) -> String {
    format!("Answer with: openclawssy approvals answer {} approve|deny", asked.id)
}

/// A line from whoever sits at the terminal; `None` where nobody does, or where
/// they leave it open. The reading has a thread of its own, which a process that
/// ends does not wait for.
async fn prompt(question: &str) -> anyhow::Result<Option<String>> {
    if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
        return Ok(None);
    }
    eprint!("{question}");
    let (line, read) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let mut text = String::new();
        let bytes = std::io::stdin().lock().take(MAX_LINE).read_line(&mut text);
        let _ = line.send(bytes.map(|bytes| (bytes > 0).then_some(text)));
    });
    tokio::select! {
        text = read => Ok(text??),
        result = tokio::signal::ctrl_c() => {
            result?;
            eprintln!();
            Ok(None)
        }
    }
}

/// Prints the answer to standard output and all else to standard error, so that
/// the answer alone can be piped on: everything after a position, up to the end
/// of the run or to a wait. Returns the state, and the position of the last event.
async fn print(mut events: LiveStream, after: u64) -> anyhow::Result<(RunStatus, u64)> {
    let mut out = std::io::stdout();
    let mut line_is_open = false;
    while let Some(event) = events.next().await {
        let LiveEvent { event, position, .. } = event.map_err(told)?;
        if position <= after {
            continue;
        }
        match event {
            Event::TextDelta { text, .. } => {
                line_is_open = !text.ends_with('\n');
                out.write_all(text.as_bytes())?;
                out.flush()?;
            }
            Event::StepEnd { .. } if line_is_open => {
                writeln!(out)?;
                line_is_open = false;
            }
            Event::ToolStart { tool, arguments, .. } => eprintln!("> {tool} {arguments}"),
            Event::ToolEnd { summary, error_code, duration_ms, .. } => match error_code {
                Some(code) => eprintln!("  {code}: {summary} ({duration_ms} ms)"),
                None => eprintln!("  {summary} ({duration_ms} ms)"),
            },
            Event::GuidanceAsked { question, .. } => eprintln!("{question}"),
            Event::RunStatus {
                status: status @ (RunStatus::WaitingApproval | RunStatus::WaitingGuidance),
            } => {
                eprintln!("The run waits for a person.");
                return Ok((status, position));
            }
            Event::RunEnd { status, error } => {
                if let Some(error) = error {
                    eprintln!("{}: {}", error.code, error.message);
                }
                return Ok((status, position));
            }
            _ => {}
        }
    }
    bail!("the events of the run ended before the run did")
}

async fn stop(engine: &Engine, who: &SignedIn, run: domain::RunId) -> anyhow::Result<RunStatus> {
    eprintln!("\nStopping the run.");
    Ok(engine.cancel(who, run).await.map_err(told)?)
}

/// An engine's error as a person reads it.
fn told(error: Error) -> Fault {
    error.into()
}
