//! `openclawssy providers`

use std::io::{BufRead, IsTerminal, Write};

use domain::{CheckOutcome, Fault, KeyState, ProviderForm};
use engine::{Engine, KeyDraft, ProviderDraft, SecretText, SignedIn};

use super::{Exit, Installation};

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Lists the providers.
    List,
    /// Adds a provider and tests it.
    Add {
        /// Its name; models are called NAME/MODEL.
        name: String,
        /// Its kind: openai, anthropic, gemini, openrouter, ollama, llama-cpp, custom, ….
        #[arg(long, default_value = "custom")]
        preset: String,
        /// The form that it speaks, if not that of its kind: openai_chat,
        /// openai_responses, anthropic, gemini or ollama.
        #[arg(long, default_value = "")]
        form: String,
        /// Its address, up to and with /v1; that of its kind if none is named.
        #[arg(long, value_name = "URL", default_value = "")]
        base_url: String,
        /// Reads its key from standard input.
        #[arg(long)]
        key: bool,
    },
    /// Tests a provider, and lists its models.
    Test {
        /// The provider, by name.
        name: String,
    },
    /// Removes a provider with its key.
    Remove {
        /// The provider, by name.
        name: String,
    },
}

pub(crate) async fn run(installation: Installation, command: Command) -> anyhow::Result<Exit> {
    let store = installation.store().await?;
    let engine = installation.engine(store.clone())?;
    let who = engine.local_person(None).await.map_err(Fault::from)?;
    let exit = match command {
        Command::List => list(&engine, &who).await?,
        Command::Add { name, preset, form, base_url, key } => {
            let key = if key { KeyDraft::Set(read_key()?) } else { KeyDraft::Keep };
            let draft = ProviderDraft { preset, form, base_url, key };
            engine.add_provider(&who, &name, draft).await.map_err(Fault::from)?;
            eprintln!("{name} is added.");
            test(&engine, &who, &name).await?
        }
        Command::Test { name } => test(&engine, &who, &name).await?,
        Command::Remove { name } => {
            engine.remove_provider(&who, &name).await.map_err(Fault::from)?;
            eprintln!("{name} is removed, and its key with it.");
            Exit::Done
        }
    };
    store.close().await?;
    Ok(exit)
}

async fn list(engine: &Engine, who: &SignedIn) -> anyhow::Result<Exit> {
    let mut out = std::io::stdout().lock();
    for provider in engine.providers(who).await.map_err(Fault::from)? {
        let key = match provider.key {
            KeyState::None => "no key",
            KeyState::Set => "key set",
            KeyState::Locked => "key does not open",
        };
        let (name, source) = (provider.name, provider.source);
        let form = provider.form.map_or("-", ProviderForm::as_str);
        writeln!(out, "{name:<20} {source:<12} {form:<17} {key:<18} {}", provider.base_url)?;
    }
    Ok(Exit::Done)
}

async fn test(engine: &Engine, who: &SignedIn, name: &str) -> anyhow::Result<Exit> {
    let check = engine.test_provider(who, name).await.map_err(Fault::from)?;
    eprintln!("{} ({} ms)", check.message, check.took_ms);
    let mut out = std::io::stdout().lock();
    check.models.iter().try_for_each(|model| writeln!(out, "{name}/{model}"))?;
    Ok(if check.outcome == CheckOutcome::Ok { Exit::Done } else { Exit::Failed })
}

fn read_key() -> anyhow::Result<SecretText> {
    let input = std::io::stdin();
    if input.is_terminal() {
        eprint!("Key (it shows while you type; pipe it in to keep it off the screen): ");
        std::io::stderr().flush()?;
    }
    let mut line = String::new();
    input.lock().read_line(&mut line)?;
    Ok(SecretText::new(line.trim().to_owned()))
}
