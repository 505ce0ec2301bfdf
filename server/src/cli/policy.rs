//! `openclawssy policy`

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use domain::{Channel, Fault, GrantFile};
use engine::{ChangedCall, Engine, PolicyReplay};
use store::{Clock, SystemClock};

use super::agents::text_of;
use super::{Exit, Installation};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The person to ask as; the first owner if none is named.
    #[arg(long, global = true)]
    user: Option<String>,

    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Says what would become of a call, and which rule decides.
    Explain {
        /// The agent that would make it, by name.
        #[arg(long, default_value = "guide")]
        agent: String,
        /// The tool.
        #[arg(long)]
        tool: String,
        /// Its arguments as JSON.
        #[arg(long, default_value = "{}")]
        args: String,
        /// The way in of the run: dashboard, cli, api, scheduler or discord.
        #[arg(long = "as", value_name = "WAY", default_value = "dashboard")]
        way: Channel,
    },
    /// Lists the calls of the past that other grants would decide in another way.
    Replay {
        /// How far back, in days or hours: 30d, 12h.
        #[arg(long, value_parser = age, default_value = "30d")]
        since: Duration,
        /// Only the calls of this agent, by name.
        #[arg(long)]
        agent: Option<String>,
        /// The file that holds the other grants as TOML: a profile, [[grants]],
        /// or both; - reads standard input.
        file: PathBuf,
    },
}

pub(crate) async fn run(installation: Installation, args: Args) -> anyhow::Result<Exit> {
    let store = installation.store().await?;
    let engine = installation.engine(store.clone())?;
    let said = execute(&engine, args).await;
    store.close().await?;
    writeln!(std::io::stdout(), "{}", said?.trim_end())?;
    Ok(Exit::Done)
}

async fn execute(engine: &Engine, args: Args) -> anyhow::Result<String> {
    let who = engine.local_person(args.user.as_deref()).await.map_err(Fault::from)?;
    match args.command {
        Command::Explain { agent, tool, args, way } => {
            let explained = engine.explain_call(&who, &agent, way, &tool, &args).await;
            Ok(explained.map_err(Fault::from)?.to_string())
        }
        Command::Replay { since, agent, file } => {
            let grants: GrantFile = toml::from_str(&text_of(&file)?)
                .with_context(|| format!("{} holds no grants", file.display()))?;
            let since = SystemClock.now() - since;
            let found = engine.replay_policy(&who, agent.as_deref(), since, grants).await;
            Ok(told(&found.map_err(Fault::from)?))
        }
    }
}

fn told(found: &PolicyReplay) -> String {
    let PolicyReplay { calls, unread, changed, told } = found;
    let mut lines: Vec<_> = told.iter().map(line).collect();
    if *changed > told.len() as u64 {
        lines.push(format!("and {} more", changed - told.len() as u64));
    }
    lines.push(format!("{changed} of {calls} calls would be decided in another way."));
    if *unread > 0 {
        lines.push(format!("{unread} could not be judged: no tool reads them any more."));
    }
    lines.join("\n")
}

fn line(changed: &ChangedCall) -> String {
    let ChangedCall { call, before, after } = changed;
    format!(
        "{}  {}  {} -> {}  {} {}\n    {}",
        call.at.strftime("%Y-%m-%d %H:%M:%SZ"),
        call.run_id,
        before.mode,
        after.mode,
        call.tool,
        call.arguments,
        after.sentence
    )
}

/// An age: a number of days or hours.
fn age(text: &str) -> Result<Duration, String> {
    let wrong = || "write it as 30d or 12h, at most 10000 days".to_owned();
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let hours = match unit {
        "d" => 24,
        "h" => 1,
        _ => return Err(wrong()),
    };
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let hours = number.checked_mul(hours).filter(|hours| *hours <= 240_000).ok_or_else(wrong)?;
    Ok(Duration::from_secs(hours * 3600))
}
