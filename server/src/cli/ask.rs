//! `openclawssy ask`

use std::io::Write;

use anyhow::bail;
use domain::{Channel, Delivery, Event, Fault, RunStatus, SessionId};
use engine::{Engine, Error, LiveStream, Said, SignedIn, Submission, Target};
use futures_util::StreamExt;

use super::{Exit, Installation};

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
        source: Channel::Cli,
        delivery: Delivery::Queue,
        idempotency: None,
    };
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
    let run = accepted.run_id;
    eprintln!("{run} in {}", accepted.session_id);
    let events = engine.run_stream(&who, run, 0).await.map_err(told)?;
    let working = {
        let engine = engine.clone();
        tokio::spawn(async move { engine.work_on(run).await })
    };
    let status = tokio::select! {
        status = print(events) => status?,
        result = tokio::signal::ctrl_c() => {
            result?;
            stop(&engine, &who, run).await?
        }
    };
    engine.stop().await;
    let _ = working.await;
    store.close().await?;
    Ok(match status {
        RunStatus::Done => Exit::Done,
        RunStatus::WaitingApproval | RunStatus::WaitingGuidance => Exit::NeedsPerson,
        _ => Exit::Failed,
    })
}

/// Prints the answer to standard output and all else to standard error, so that
/// the answer alone can be piped on.
async fn print(mut events: LiveStream) -> anyhow::Result<RunStatus> {
    let mut out = std::io::stdout();
    let mut line_is_open = false;
    while let Some(event) = events.next().await {
        match event.map_err(told)?.event {
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
            Event::RunStatus {
                status: status @ (RunStatus::WaitingApproval | RunStatus::WaitingGuidance),
            } => {
                eprintln!("The run waits for a person: {status}. Answer it in the dashboard.");
                return Ok(status);
            }
            Event::RunEnd { status, error } => {
                if let Some(error) = error {
                    eprintln!("{}: {}", error.code, error.message);
                }
                return Ok(status);
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
