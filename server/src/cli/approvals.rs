//! `openclawssy approvals`

use std::io::Write;

use domain::{ApprovalId, ApprovalStatus, ApprovalView, Fault, Limit, Verdict};
use engine::{Engine, SignedIn};

use super::{Exit, Installation};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The person to act as; the first owner if none is named.
    #[arg(long, global = true)]
    user: Option<String>,

    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Lists the questions that wait for an answer.
    List,
    /// Answers a question about a call. The run goes on then, wherever a server
    /// works on the queue.
    Answer {
        /// Which question.
        id: ApprovalId,
        /// approve or deny.
        verdict: Verdict,
        /// A word to the agent.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
}

pub(crate) async fn run(installation: Installation, args: Args) -> anyhow::Result<Exit> {
    let store = installation.store().await?;
    let engine = installation.engine(store.clone())?;
    let said = execute(&engine, args).await;
    store.close().await?;
    writeln!(std::io::stdout(), "{}", said?)?;
    Ok(Exit::Done)
}

async fn execute(engine: &Engine, args: Args) -> Result<String, Fault> {
    let who = engine.local_person(args.user.as_deref()).await?;
    match args.command {
        Command::List => list(engine, &who).await,
        Command::Answer { id, verdict, note } => {
            let asked = engine.answer_approval(&who, id, verdict, note.as_deref()).await?;
            Ok(format!("{} is {}. {} goes on.", asked.id, asked.status, asked.run_id))
        }
    }
}

async fn list(engine: &Engine, who: &SignedIn) -> Result<String, Fault> {
    let waiting = Some(ApprovalStatus::Waiting);
    let limit = Limit::new(Limit::MAX).unwrap_or_default();
    let page = engine.approvals(who, waiting, limit, None).await?;
    let mut lines: Vec<_> = page.items.iter().map(told).collect();
    if page.next_cursor.is_some() {
        lines.push("There are older ones. Answer these first.".to_owned());
    }
    match lines.is_empty() {
        true => Ok("No call waits for an answer.".to_owned()),
        false => Ok(lines.join("\n\n")),
    }
}

/// A question in a few lines, with the exact call.
pub(super) fn told(asked: &ApprovalView) -> String {
    let ApprovalView { id, agent, tool, arguments, reason, expires_at, .. } = asked;
    format!(
        "{id}: {agent} asks to call {tool}\n  {arguments}\n  {reason}\n  until {}",
        expires_at.strftime("%-d %b %Y, %H:%M:%S UTC")
    )
}
