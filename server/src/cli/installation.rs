//! What every command shares: where the data lies and which models there are.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use engine::{Engine, EngineOptions, Limits, ModelName, Models, Queue};
use llm::demo::Demo;
use llm::openai::OpenAi;
use store::{Store, StoreOptions, SystemClock};
use tools::Registry;

/// Where the data lies and which models there are. A flag wins over its
/// environment variable.
#[derive(Args)]
pub(crate) struct Installation {
    /// The folder of the database and the agents' workspaces.
    #[arg(long, global = true, env = "OPENCLAWSSY_DATA", default_value = ".openclawssy")]
    pub(crate) data: PathBuf,

    /// The URL of a PostgreSQL database, for servers that share one:
    /// postgres://user:password@host/name. Better given by the environment
    /// variable, since arguments show in the process list. Without it the
    /// database is a file in the data folder.
    #[arg(
        long,
        global = true,
        env = "OPENCLAWSSY_DATABASE",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub(crate) database: Option<String>,

    /// The model that agents use unless they name another, as provider/model:
    /// demo/guide, or openai/ and a model of the OpenAI-compatible endpoint.
    #[arg(long, global = true, env = "OPENCLAWSSY_MODEL", default_value = "demo/guide")]
    pub(crate) model: ModelName,

    /// Base URL of an OpenAI-compatible endpoint, up to and with /v1. Its key
    /// is read from the environment variable OPENAI_API_KEY.
    #[arg(long, global = true, env = "OPENAI_BASE_URL", value_name = "URL")]
    pub(crate) openai_url: Option<String>,

    /// Exchanges with the model that one run may have.
    #[arg(long, global = true, env = "OPENCLAWSSY_MAX_STEPS", default_value_t = 120)]
    pub(crate) max_steps: u32,

    /// Seconds that one tool call may take.
    #[arg(long, global = true, env = "OPENCLAWSSY_TOOL_TIMEOUT", default_value_t = 900)]
    pub(crate) tool_timeout: u64,
}

/// The endpoint whose base URL goes without saying once there is a key.
const OPENAI: &str = "https://api.openai.com/v1";

impl Installation {
    /// Opens the database, and brings its schema up to date.
    pub(crate) async fn store(&self) -> anyhow::Result<Store> {
        let options = StoreOptions { folder: self.data.clone(), database: self.database.clone() };
        let opened = Store::open(&options, Arc::new(SystemClock)).await;
        opened.with_context(|| format!("the data folder {} does not open", self.data.display()))
    }

    /// The engine on a database.
    pub(crate) fn engine(&self, store: Store, queue: Queue) -> anyhow::Result<Engine> {
        let limits = Limits {
            steps: self.max_steps,
            tool_timeout: Duration::from_secs(self.tool_timeout),
            ..Limits::default()
        };
        Ok(Engine::new(EngineOptions {
            store,
            models: self.models()?,
            tools: Registry::builtin(),
            workspaces: self.data.join("workspaces"),
            queue,
            limits,
        }))
    }

    fn models(&self) -> anyhow::Result<Models> {
        let demo = ModelName { provider: "demo".into(), model: "guide".into() };
        let mut models = Models::new(demo, Arc::new(Demo::new()));
        // From the environment alone: an argument shows in the process list.
        let key = std::env::var("OPENAI_API_KEY").ok().filter(|key| !key.is_empty());
        if let Some(url) = self.openai_url.as_deref().or(key.as_ref().map(|_| OPENAI)) {
            let openai = OpenAi::new(url, key)
                .with_context(|| "the base URL of the OpenAI-compatible endpoint is not usable")?;
            models = models.with("openai", Arc::new(openai));
        }
        models.with_default(self.model.clone()).with_context(|| "the model cannot be used")
    }
}
