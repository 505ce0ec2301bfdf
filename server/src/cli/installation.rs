//! What every command shares: the values in force, where each comes from, and
//! the store and the engine that are made with them.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::ArgMatches;
use clap::parser::ValueSource;
use domain::{Origin, ProviderForm, ServerFact};
use engine::{Engine, EngineOptions, Limits, ModelName, Models, Queue, Sealer, SecretText};
use llm::Address;
use llm::demo::Demo;
use store::{AuditKey, Store, StoreOptions, SystemClock};
use tools::Registry;

use super::arguments::{Arguments, ServeArguments};
use super::config_file::ConfigFile;
use crate::PublicUrl;

/// The endpoint whose base URL goes without saying once there is a key.
const OPENAI: &str = "https://api.openai.com/v1";

/// The values in force.
pub(crate) struct Installation {
    /// The data folder.
    pub(crate) data: PathBuf,
    /// The URL of a PostgreSQL database.
    pub(crate) database: Option<String>,
    /// The model that agents use unless they name another, whatever the
    /// settings say.
    pub(crate) model: Option<ModelName>,
    /// The address to listen on; `None` takes that of the dashboard's build.
    pub(crate) addr: Option<SocketAddr>,
    /// Where people reach the server.
    pub(crate) public_url: Option<PublicUrl>,
    /// How much work may be in hand.
    pub(crate) queue: Queue,
    /// What was said and where; no secrets.
    pub(crate) facts: Vec<ServerFact>,
    secret_key_file: PathBuf,
    openai_url: Option<String>,
    max_steps: Option<u32>,
    tool_timeout: Option<u32>,
}

impl Installation {
    /// Puts together what flags, environment and configuration file say.
    /// `matches` knows which of the arguments came from where.
    pub(crate) fn resolve(
        mut arguments: Arguments,
        mut serve: ServeArguments,
        matches: &ArgMatches,
    ) -> anyhow::Result<Self> {
        let file = ConfigFile::read(&arguments)?;
        let from_file = file.fill(&mut arguments, &mut serve)?;
        let mut facts = Facts { matches, from_file: &from_file, list: Vec::new() };
        let Arguments {
            data, config, database, model, openai_url, max_steps, tool_timeout, ..
        } = arguments;
        let queue = Queue::default();
        let secret_key_file = arguments.secret_key_file.unwrap_or_else(|| data.join("secret.key"));
        facts.add("data", Some(data.display()), "");
        facts.add("config", config.as_ref().map(|path| path.display()), "openclawssy.toml in data");
        let place = database.as_deref().map(store::database_place);
        facts.add("database", place, "SQLite in data");
        facts.add("secret_key_file", Some(secret_key_file.display()), "");
        facts.add("model", model.as_ref(), "as set in the dashboard");
        let openai = openai_url.as_deref().map(|url| match Address::read(url) {
            Ok(address) => address.origin,
            Err(_) => "not usable".to_owned(),
        });
        facts.add("openai_url", openai, "none");
        facts.add("max_steps", max_steps, "as set in the dashboard");
        facts.add(
            "tool_timeout",
            tool_timeout.map(|s| format!("{s} s")),
            "as set in the dashboard",
        );
        facts.add("addr", serve.addr, "127.0.0.1:8080");
        facts.add("public_url", serve.public_url.as_ref(), "none: this machine alone");
        facts.add("workers", serve.workers, &queue.workers.to_string());
        facts.add("waiting_places", serve.waiting_places, &queue.waiting_places.to_string());
        let facts = facts.list;
        Ok(Self {
            data,
            database,
            model,
            addr: serve.addr,
            public_url: serve.public_url,
            queue: Queue {
                workers: serve.workers.unwrap_or(queue.workers),
                waiting_places: serve.waiting_places.unwrap_or(queue.waiting_places),
            },
            facts,
            secret_key_file,
            openai_url,
            max_steps,
            tool_timeout,
        })
    }

    /// Opens the database, and brings its schema up to date.
    pub(crate) async fn store(&self) -> anyhow::Result<Store> {
        store::make_private_folder(&self.data)?;
        let seed = self.sealer().derive(AuditKey::PURPOSE)?;
        let options = StoreOptions {
            folder: self.data.clone(),
            database: self.database.clone(),
            audit_key: AuditKey::from_seed(&seed)?,
        };
        let opened = Store::open(options, Arc::new(SystemClock)).await;
        opened.with_context(|| match self.database {
            None => format!("the data folder {} does not open", self.data.display()),
            Some(_) => "the database does not open".to_owned(),
        })
    }

    /// What seals and opens secrets.
    pub(crate) fn sealer(&self) -> Sealer {
        Sealer::at(&self.secret_key_file)
    }

    /// The engine on a database.
    pub(crate) fn engine(&self, store: Store) -> anyhow::Result<Engine> {
        let limits = Limits {
            steps: self.max_steps,
            tool_timeout: self.tool_timeout.map(|seconds| Duration::from_secs(seconds.into())),
            ..Limits::default()
        };
        Ok(Engine::new(EngineOptions {
            store,
            models: self.models()?,
            tools: Registry::builtin(),
            workspaces: self.data.join("workspaces"),
            queue: self.queue,
            limits,
            sealer: self.sealer(),
            facts: self.facts.clone(),
        }))
    }

    fn models(&self) -> anyhow::Result<Models> {
        let demo = ModelName { provider: "demo".into(), model: "guide".into() };
        let mut models = Models::new(demo, Arc::new(Demo::new()));
        // From the environment alone: an argument shows in the process list.
        let key = std::env::var("OPENAI_API_KEY").ok().filter(|key| !key.is_empty());
        if let Some(url) = self.openai_url.as_deref().or(key.as_ref().map(|_| OPENAI)) {
            let openai = llm::connect(ProviderForm::OpenaiChat, url, key.as_deref())
                .with_context(|| "the base URL of the OpenAI-compatible endpoint is not usable")?;
            models = models.with("openai", openai);
            if let Some(key) = key {
                models = models.with_key("openai", SecretText::new(key));
            }
        }
        match &self.model {
            // A provider that was added in the dashboard is known once the
            // database is open.
            Some(model) => Ok(models.with_default(model.clone())),
            None => Ok(models),
        }
    }
}

/// Collects values with their origins.
struct Facts<'a> {
    matches: &'a ArgMatches,
    from_file: &'a [&'static str],
    list: Vec<ServerFact>,
}

impl Facts<'_> {
    fn add(&mut self, name: &'static str, value: Option<impl std::fmt::Display>, otherwise: &str) {
        let origin = self.origin(name);
        let value = value.map_or_else(|| otherwise.to_owned(), |value| value.to_string());
        self.list.push(ServerFact { name: name.to_owned(), value, origin });
    }

    fn origin(&self, name: &str) -> Origin {
        if self.from_file.contains(&name) {
            return Origin::File;
        }
        let levels = [Some(self.matches), self.matches.subcommand().map(|(_, inner)| inner)];
        for matches in levels.into_iter().flatten() {
            if matches.try_contains_id(name).is_ok() {
                match matches.value_source(name) {
                    Some(ValueSource::CommandLine) => return Origin::Flag,
                    Some(ValueSource::EnvVariable) => return Origin::Environment,
                    _ => {}
                }
            }
        }
        Origin::Default
    }
}
