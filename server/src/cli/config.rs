//! `openclawssy config`

use std::io::Write;

use anyhow::{Context, bail};
use domain::{Fault, Settings};
use serde_json::Value;

use super::{Exit, Installation};

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Prints the settings as JSON, or one of them.
    Get {
        /// The path of one, for example limits.max_steps.
        path: Option<String>,
    },
    /// Changes a setting.
    Set {
        /// Its path, for example limits.max_steps.
        path: String,
        /// Its value: a number, a text, or null for none.
        value: String,
    },
}

pub(crate) async fn run(installation: Installation, command: Command) -> anyhow::Result<Exit> {
    let store = installation.store().await?;
    let engine = installation.engine(store.clone())?;
    let who = engine.local_person(None).await.map_err(Fault::from)?;
    let view = engine.settings(&who).await.map_err(Fault::from)?;
    let mut document = serde_json::to_value(&view.settings)?;
    match command {
        Command::Get { path } => {
            let found = match &path {
                Some(path) => at(&mut document, path)?.clone(),
                None => document,
            };
            let text = match found {
                Value::String(text) => text,
                other => serde_json::to_string_pretty(&other)?,
            };
            writeln!(std::io::stdout(), "{text}")?;
        }
        Command::Set { path, value } => {
            let place = at(&mut document, &path)?;
            // What is no JSON is a text.
            *place = serde_json::from_str(&value).unwrap_or(Value::String(value));
            let settings: Settings = serde_json::from_value(document)
                .with_context(|| format!("{path} does not take this value"))?;
            engine.change_settings(&who, &view.etag, settings).await.map_err(Fault::from)?;
            eprintln!("{path} is changed.");
        }
    }
    store.close().await?;
    Ok(Exit::Done)
}

fn at<'a>(document: &'a mut Value, path: &str) -> anyhow::Result<&'a mut Value> {
    let mut place = document;
    for part in path.split('.') {
        match place.get_mut(part) {
            Some(inner) => place = inner,
            None => bail!("there is no setting {path}; `openclawssy config get` lists all"),
        }
    }
    Ok(place)
}
