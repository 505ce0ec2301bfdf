//! `openclawssy agents`

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use domain::{AgentRecord, AgentRow, ChoiceName, ChoicesEdit, Fault};
use engine::{AgentDraft, Engine, Sharing, SignedIn};

use super::{Exit, Installation, docs, grants};

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
    /// Its prompt documents.
    #[command(subcommand)]
    Docs(docs::Command),
    /// What it may do.
    #[command(subcommand)]
    Grants(grants::Command),
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

    #[command(flatten)]
    choices: Choices,
}

/// What is chosen beside the model. An empty text takes a choice back.
#[derive(clap::Args)]
struct Choices {
    /// Models that stand in for its own, in this order: at most 5, with commas
    /// between them.
    #[arg(long, value_name = "MODELS")]
    fallbacks: Option<String>,

    /// How freely the model chooses its words: 0 to 2.
    #[arg(long, value_name = "NUMBER")]
    temperature: Option<String>,

    /// Tokens that the model may write in one step.
    #[arg(long, value_name = "TOKENS")]
    max_tokens: Option<String>,

    /// Tokens that fit before the model, where they are not known.
    #[arg(long, value_name = "TOKENS")]
    context_window: Option<String>,

    /// Tokens of a whole run.
    #[arg(long, value_name = "TOKENS")]
    run_tokens: Option<String>,

    /// What a run may cost, in US dollars.
    #[arg(long, value_name = "DOLLARS")]
    run_cost: Option<String>,

    /// Tokens of all runs of a day.
    #[arg(long, value_name = "TOKENS")]
    day_tokens: Option<String>,

    /// What all runs of a day may cost, in US dollars.
    #[arg(long, value_name = "DOLLARS")]
    day_cost: Option<String>,
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
            if draft.is_empty() {
                bail!(
                    "nothing to change was named; `openclawssy agents edit --help` tells what can be"
                );
            }
            told(&engine.edit_agent(who, &name, None, draft).await.map_err(Fault::from)?)
        }
        Command::Grants(command) => grants::execute(engine, who, command).await?,
        Command::Docs(command) => docs::execute(engine, who, command).await?,
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
        Some(path) => Some(text_of(&path)?),
        None => draft.instructions,
    };
    let sharing = if draft.share_folder { Sharing::Allowed } else { Sharing::Refused };
    Ok(AgentDraft {
        name: None,
        instructions,
        model: draft.agent_model,
        folder: draft.folder,
        sharing,
        choices: choices(draft.choices)?,
        profile: None,
    })
}

fn choices(given: Choices) -> anyhow::Result<ChoicesEdit> {
    let mut edit = ChoicesEdit::default();
    for (name, text) in [
        (ChoiceName::Fallbacks, given.fallbacks),
        (ChoiceName::Temperature, given.temperature),
        (ChoiceName::MaxTokens, given.max_tokens),
        (ChoiceName::ContextWindow, given.context_window),
        (ChoiceName::RunTokens, given.run_tokens),
        (ChoiceName::RunCost, given.run_cost),
        (ChoiceName::DayTokens, given.day_tokens),
        (ChoiceName::DayCost, given.day_cost),
    ] {
        if let Some(text) = text {
            edit.set(name, &text).map_err(|sentence| Fault::field(name.as_str(), sentence))?;
        }
    }
    Ok(edit)
}

/// The text of a file; - reads standard input.
pub(super) fn text_of(path: &Path) -> anyhow::Result<String> {
    if path.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin().lock().take(1024 * 1024).read_to_string(&mut text)?;
        return Ok(text);
    }
    std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}
