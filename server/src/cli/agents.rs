//! `openclawssy agents`

use std::io::{Read, Write};
use std::path::PathBuf;

use anyhow::{Context, bail};
use domain::{AgentRecord, AgentRow, Fault};
use engine::{AgentDraft, Engine, Sharing, SignedIn};

use super::{Exit, Installation};

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Lists the agents.
    List,
    /// Makes an agent.
    Add {
        /// Its name: letters, digits, '-' and '_'.
        name: String,
        #[command(flatten)]
        draft: Draft,
    },
    /// Changes an agent; what is not named stays as it is.
    Edit {
        /// The agent, by name.
        name: String,
        /// Another name. Its folder stays.
        #[arg(long, value_name = "NAME")]
        rename: Option<String>,
        #[command(flatten)]
        draft: Draft,
    },
    /// Lets an agent take no more messages; its waiting runs are cancelled.
    Disable {
        /// The agent, by name.
        name: String,
    },
    /// Lets an agent take messages again.
    Enable {
        /// The agent, by name.
        name: String,
    },
    /// Deletes an agent. Its sessions and its folder stay.
    Delete {
        /// The agent, by name.
        name: String,
        /// Its name once more, so that none is deleted by mistake.
        #[arg(long, value_name = "NAME")]
        confirm: String,
    },
}

#[derive(clap::Args)]
pub(crate) struct Draft {
    /// Its instructions, as a text.
    #[arg(long, value_name = "TEXT", conflicts_with = "instructions_file")]
    instructions: Option<String>,

    /// A file that holds its instructions; - reads standard input.
    #[arg(long, value_name = "FILE")]
    instructions_file: Option<PathBuf>,

    /// Its own model, as provider/model; empty follows the server's.
    #[arg(long, value_name = "MODEL")]
    agent_model: Option<String>,

    /// A name among the workspaces, or the path of a folder that exists.
    #[arg(long)]
    folder: Option<String>,

    /// The folder may be another agent's too.
    #[arg(long)]
    share_folder: bool,
}

pub(crate) async fn run(installation: Installation, command: Command) -> anyhow::Result<Exit> {
    let store = installation.store().await?;
    let engine = installation.engine(store.clone())?;
    let who = engine.local_person(None).await.map_err(Fault::from)?;
    let said = execute(&engine, &who, command).await;
    store.close().await?;
    writeln!(std::io::stdout(), "{}", said?)?;
    Ok(Exit::Done)
}

async fn execute(engine: &Engine, who: &SignedIn, command: Command) -> anyhow::Result<String> {
    Ok(match command {
        Command::List => {
            let rows = engine.agent_rows(who).await.map_err(Fault::from)?;
            rows.iter().map(line).collect::<Vec<_>>().join("\n")
        }
        Command::Add { name, draft } => {
            let draft = AgentDraft { name: Some(name), ..read(draft)? };
            told(&engine.create_agent(who, draft).await.map_err(Fault::from)?)
        }
        Command::Edit { name, rename, draft } => {
            let draft = AgentDraft { name: rename, ..read(draft)? };
            let AgentDraft { name: new, instructions, model, folder, .. } = &draft;
            if [new, instructions, model, folder].iter().all(|text| text.is_none()) {
                bail!(
                    "nothing to change was named; `openclawssy agents edit --help` tells what can be"
                );
            }
            told(&engine.edit_agent(who, &name, None, draft).await.map_err(Fault::from)?)
        }
        Command::Disable { name } => {
            told(&engine.disable_agent(who, &name).await.map_err(Fault::from)?)
        }
        Command::Enable { name } => {
            told(&engine.enable_agent(who, &name).await.map_err(Fault::from)?)
        }
        Command::Delete { name, confirm } => {
            let folder = engine.delete_agent(who, &name, &confirm).await.map_err(Fault::from)?;
            format!("{name} is deleted. Its folder stays at {}", folder.display())
        }
    })
}

fn line(row: &AgentRow) -> String {
    let agent = &row.agent;
    format!("{:<24} {:<9} {:<28} {} sessions", agent.name, agent.status, agent.model, row.sessions)
}

fn told(record: &AgentRecord) -> String {
    let agent = &record.row.agent;
    format!(
        "{} is {}, answers by {}, works in {}",
        agent.name, agent.status, agent.model, record.path
    )
}

fn read(draft: Draft) -> anyhow::Result<AgentDraft> {
    let instructions = match draft.instructions_file {
        Some(path) if path.as_os_str() == "-" => {
            let mut text = String::new();
            std::io::stdin().lock().take(1024 * 1024).read_to_string(&mut text)?;
            Some(text)
        }
        Some(path) => {
            let text = std::fs::read_to_string(&path);
            Some(text.with_context(|| format!("{} cannot be read", path.display()))?)
        }
        None => draft.instructions,
    };
    let sharing = if draft.share_folder { Sharing::Allowed } else { Sharing::Refused };
    Ok(AgentDraft {
        name: None,
        instructions,
        model: draft.agent_model,
        folder: draft.folder,
        sharing,
    })
}
