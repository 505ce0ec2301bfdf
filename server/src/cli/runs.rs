//! `openclawssy run`

mod replay;
mod tree;

use std::io::Write;

use domain::{Fault, Limit, RunFilter, RunId, RunStatus, RunView, TracePart};
use engine::{Engine, SignedIn, Trace};
use futures_util::StreamExt;

use self::tree::{one_line, spent};
use super::{Exit, Installation};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,

    /// The person to act as; the first owner if none is named.
    #[arg(long, global = true)]
    user: Option<String>,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Lists runs, newest first.
    List {
        /// Only runs in this state, for example failed.
        #[arg(long)]
        status: Option<RunStatus>,
        /// Only runs of this agent, by name.
        #[arg(long)]
        agent: Option<String>,
        /// How many, 200 at most.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=200))]
        limit: u32,
    },
    /// Shows one run: its message, its answer, its figures.
    Show {
        /// The run.
        id: RunId,
    },
    /// Does a run again against its recorded answers, and shows what would go
    /// otherwise today. No model is asked, no tool runs, nothing stays.
    Replay {
        /// The run.
        id: RunId,
    },
    /// Shows everything that happened in a run, step by step.
    Trace {
        /// The run.
        id: RunId,
        /// All of it as JSON, instead of a tree with the beginnings of texts.
        #[arg(long)]
        json: bool,
    },
}

pub(crate) async fn run(installation: Installation, args: Args) -> anyhow::Result<Exit> {
    let store = installation.store().await?;
    let engine = installation.engine(store.clone())?;
    let who = engine.local_person(args.user.as_deref()).await.map_err(Fault::from)?;
    let done = execute(&engine, &who, args.command).await;
    store.close().await?;
    done
}

async fn execute(engine: &Engine, who: &SignedIn, command: Command) -> anyhow::Result<Exit> {
    let mut out = std::io::stdout().lock();
    match command {
        Command::List { status, agent, limit } => {
            let agent_id = match agent {
                Some(name) => Some(agent_id(engine, who, &name).await?),
                None => None,
            };
            let filter = RunFilter { status, agent_id, ..RunFilter::default() };
            let limit = Limit::new(limit)?;
            let page = engine.runs(who, filter, limit, None).await.map_err(Fault::from)?;
            for run in page.items {
                writeln!(out, "{}", line(&run))?;
            }
        }
        Command::Show { id } => {
            let run = engine.run(who, id).await.map_err(Fault::from)?;
            write!(out, "{}", tree::head(&run))?;
            if let Some(answer) = &run.answer {
                writeln!(out, "\n{}", answer.trim_end())?;
            }
        }
        Command::Replay { id } => {
            let replayed = engine.replay(who, id).await.map_err(Fault::from)?;
            write!(out, "{}", replay::found(&replayed))?;
            if replayed.difference.is_some() {
                return Ok(Exit::Failed);
            }
        }
        Command::Trace { id, json: true } => {
            let mut text = engine.trace_file(who, id).await.map_err(Fault::from)?.text;
            while let Some(piece) = text.next().await {
                out.write_all(piece.map_err(Fault::from)?.as_bytes())?;
            }
        }
        Command::Trace { id, json: false } => {
            let Trace { run, opening, mut parts } =
                engine.trace(who, id).await.map_err(Fault::from)?;
            write!(out, "{}", tree::head(&run))?;
            if let Some(opening) = opening {
                write!(out, "{}", tree::opening(&opening))?;
            }
            while let Some(part) = parts.next().await {
                match part.map_err(Fault::from)? {
                    TracePart::Step(step) => write!(out, "\n{}", tree::step(&step))?,
                    TracePart::End(end) => write!(out, "\n{}", tree::end(&end))?,
                }
            }
        }
    }
    Ok(Exit::Done)
}

async fn agent_id(engine: &Engine, who: &SignedIn, name: &str) -> anyhow::Result<domain::AgentId> {
    let agents = engine.agents(who).await.map_err(Fault::from)?;
    let found = agents.into_iter().find(|agent| agent.name.as_str() == name);
    found.map(|agent| agent.id).ok_or_else(|| anyhow::anyhow!("there is no agent named {name}"))
}

fn line(run: &RunView) -> String {
    let at = run.created_at.strftime("%Y-%m-%d %H:%M UTC");
    let cost = spent(&tree::total(run));
    format!(
        "{}  {at}  {:<16} {:<16} {:>3} steps  {cost}  {}",
        run.id,
        run.status,
        run.agent,
        run.steps,
        one_line(&run.message, 60)
    )
}
