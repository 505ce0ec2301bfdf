//! `openclawssy audit`

use std::io::Write;

use anyhow::bail;
use domain::{
    AgentId, AuditCheck, AuditEntry, AuditFilter, AuditKind, Fault, Limit, RunId, Timestamp,
};
use engine::{Engine, SignedIn};
use store::Store;

use super::{Exit, Installation};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Checks the whole record of decisions and names the first bad row. Exits
    /// with 1 if there is one.
    Verify {
        /// Says it as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Lists the record, newest first.
    List(Which),
}

#[derive(clap::Args)]
struct Which {
    /// The person to read as; the first owner if none is named.
    #[arg(long)]
    user: Option<String>,

    /// Only of this tool.
    #[arg(long)]
    tool: Option<String>,

    /// Only of this agent, by name.
    #[arg(long)]
    agent: Option<String>,

    /// Only rows that tell this: asked, allowed, denied, ran, reused, failed,
    /// timed_out, cut_off, blocked, approved, refused, expired, granted, removed,
    /// sandbox or broken.
    #[arg(long)]
    kind: Option<AuditKind>,

    /// Only of this run.
    #[arg(long)]
    run: Option<RunId>,

    /// Not before this moment, for example 2026-03-24T00:00:00Z.
    #[arg(long)]
    since: Option<Timestamp>,

    /// Not after this moment.
    #[arg(long)]
    until: Option<Timestamp>,

    /// How many rows, 1 to 200.
    #[arg(long, default_value_t = 50)]
    limit: u32,

    /// Where an earlier list ended.
    #[arg(long)]
    cursor: Option<String>,
}

pub(crate) async fn run(installation: Installation, args: Args) -> anyhow::Result<Exit> {
    let store = installation.store().await?;
    let said = match args.command {
        Command::Verify { json } => verify(&store, json).await,
        Command::List(which) => {
            let engine = installation.engine(store.clone())?;
            list(&engine, which).await.map(|text| (text, Exit::Done))
        }
    };
    store.close().await?;
    let (text, exit) = said?;
    writeln!(std::io::stdout(), "{text}")?;
    Ok(exit)
}

async fn verify(store: &Store, json: bool) -> anyhow::Result<(String, Exit)> {
    let check = store.check_audit().await?;
    let exit = if check.bad.is_none() { Exit::Done } else { Exit::Failed };
    let text = if json { serde_json::to_string_pretty(&check)? } else { told(&check) };
    Ok((text, exit))
}

/// What was found, with what to write down: whoever knows the hash of an end can
/// tell later whether it is still a part of the record.
fn told(check: &AuditCheck) -> String {
    let AuditCheck { removed, head, head_hash, public_key, .. } = check;
    let mut lines = vec![check.sentence()];
    if *removed > 0 {
        lines.push(format!("removed for their age: up to row {removed}"));
    }
    if *head > 0 {
        lines.push(format!("end: row {head}, {head_hash}"));
    }
    lines.push(format!("key: {public_key}"));
    lines.join("\n")
}

async fn list(engine: &Engine, which: Which) -> anyhow::Result<String> {
    let who = engine.local_person(which.user.as_deref()).await.map_err(Fault::from)?;
    let agent_id = match which.agent {
        Some(name) => Some(agent(engine, &who, &name).await?),
        None => None,
    };
    let Which { tool, kind, run, since, until, .. } = which;
    let filter = AuditFilter { tool, agent_id, kind, run_id: run, since, until };
    let limit = Limit::new(which.limit)?;
    let page = engine.audit(&who, &filter, limit, which.cursor.as_deref()).await;
    let page = page.map_err(Fault::from)?;
    let mut lines: Vec<_> = page.items.iter().map(line).collect();
    if lines.is_empty() {
        lines.push("Nothing of that kind was recorded.".to_owned());
    }
    if let Some(cursor) = page.next_cursor {
        lines.push(format!("Older rows: --cursor {cursor}"));
    }
    Ok(lines.join("\n"))
}

async fn agent(engine: &Engine, who: &SignedIn, name: &str) -> anyhow::Result<AgentId> {
    let agents = engine.agents(who).await.map_err(Fault::from)?;
    match agents.iter().find(|agent| agent.name.as_str() == name) {
        Some(agent) => Ok(agent.id),
        None => bail!("there is no agent named {name}"),
    }
}

fn line(entry: &AuditEntry) -> String {
    let AuditEntry { seq, at, kind, actor, user, agent, tool, rule, detail, run_id, .. } = entry;
    let by = user.as_deref().unwrap_or(actor.as_str());
    let mut line = format!("{seq:>8}  {}  {kind:<9}  by {by}", at.strftime("%Y-%m-%d %H:%M:%SZ"));
    let run = run_id.map(|id| id.to_string());
    for part in [tool, agent, rule, detail, &run].into_iter().flatten() {
        line.push_str("  ");
        line.push_str(part);
    }
    line
}
