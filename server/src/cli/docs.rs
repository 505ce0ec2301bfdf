//! `openclawssy agents docs`

use std::path::PathBuf;

use domain::{Fault, PromptName, PromptVersion, PromptView, Saved};
use engine::{Engine, SignedIn};

use super::agents::text_of;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Lists an agent's prompt documents.
    List {
        /// The agent, by name.
        agent: String,
    },
    /// Prints a document.
    Show {
        /// The agent, by name.
        agent: String,
        /// SOUL, RULES, TOOLS, SPECPLAN, DEVPLAN or HANDOFF.
        #[arg(value_parser = name)]
        document: PromptName,
        /// An older version.
        #[arg(long, value_name = "NUMBER")]
        version: Option<u64>,
    },
    /// Stores a text as the next version of a document.
    Edit {
        /// The agent, by name.
        agent: String,
        /// SOUL, RULES, TOOLS, SPECPLAN, DEVPLAN or HANDOFF.
        #[arg(value_parser = name)]
        document: PromptName,
        /// The file that holds the text; - reads standard input.
        #[arg(long, value_name = "FILE")]
        file: PathBuf,
    },
    /// Lists the versions of a document that are kept.
    History {
        /// The agent, by name.
        agent: String,
        /// SOUL, RULES, TOOLS, SPECPLAN, DEVPLAN or HANDOFF.
        #[arg(value_parser = name)]
        document: PromptName,
    },
}

pub(super) async fn execute(
    engine: &Engine,
    who: &SignedIn,
    command: Command,
) -> anyhow::Result<String> {
    Ok(match command {
        Command::List { agent } => {
            let views = engine.prompt_documents(who, &agent).await.map_err(Fault::from)?;
            lines(views.iter().map(line))
        }
        Command::Show { agent, document, version } => {
            let found = engine.prompt_document(who, &agent, document, version).await;
            found.map_err(Fault::from)?.content
        }
        Command::Edit { agent, document, file } => {
            let text = text_of(&file)?;
            let newest = engine.prompt_document(who, &agent, document, None).await;
            let seen = newest.map_err(Fault::from)?.view.version;
            let saved = engine.save_prompt_document(who, &agent, document, seen, text).await;
            line(&saved.map_err(Fault::from)?.view)
        }
        Command::History { agent, document } => {
            let versions = engine.prompt_versions(who, &agent, document).await;
            lines(versions.map_err(Fault::from)?.iter().map(version))
        }
    })
}

fn name(text: &str) -> Result<PromptName, domain::UnknownWord> {
    text.to_ascii_uppercase().parse()
}

fn lines(lines: impl Iterator<Item = String>) -> String {
    lines.collect::<Vec<_>>().join("\n")
}

fn line(view: &PromptView) -> String {
    match &view.saved {
        Some(saved) => format!(
            "{:<9} version {:<4} {:>6} bytes  about {:>5} tokens  {}",
            view.name,
            view.version,
            view.bytes,
            view.tokens,
            by(saved)
        ),
        None => format!("{:<9} empty", view.name),
    }
}

fn version(version: &PromptVersion) -> String {
    let PromptVersion { version, bytes, saved } = version;
    format!("version {version:<4} {bytes:>6} bytes  {}", by(saved))
}

fn by(saved: &Saved) -> String {
    format!("by {} at {}", saved.by, saved.at)
}
