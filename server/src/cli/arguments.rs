//! What can be said on the command line or in the environment.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use engine::ModelName;

use crate::PublicUrl;

/// Where the data lies and which models there are. A flag wins over its
/// environment variable, that over the configuration file, and that over the
/// settings of the dashboard.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The folder of the database, the key and the agents' workspaces.
    #[arg(long, global = true, env = "OPENCLAWSSY_DATA", default_value = ".openclawssy")]
    pub(crate) data: PathBuf,

    /// The configuration file, instead of openclawssy.toml in the data folder.
    #[arg(long, global = true, env = "OPENCLAWSSY_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

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

    /// The file of the key that seals secrets, instead of secret.key in the data
    /// folder. Servers that share a database need the same key.
    #[arg(long, global = true, env = "OPENCLAWSSY_SECRET_KEY_FILE", value_name = "FILE")]
    pub(crate) secret_key_file: Option<PathBuf>,

    /// The model that agents use unless they name another, as provider/model:
    /// demo/guide, or openai/ and a model of the OpenAI-compatible endpoint.
    #[arg(long, global = true, env = "OPENCLAWSSY_MODEL")]
    pub(crate) model: Option<ModelName>,

    /// Base URL of an OpenAI-compatible endpoint, up to and with /v1. Its key
    /// is read from the environment variable OPENAI_API_KEY.
    #[arg(long, global = true, env = "OPENAI_BASE_URL", value_name = "URL")]
    pub(crate) openai_url: Option<String>,

    /// Exchanges with the model that one run may have.
    #[arg(long, global = true, env = "OPENCLAWSSY_MAX_STEPS", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) max_steps: Option<u32>,

    /// Seconds that one tool call may take.
    #[arg(long, global = true, env = "OPENCLAWSSY_TOOL_TIMEOUT", value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub(crate) tool_timeout: Option<u32>,
}

/// What a server needs to know beside that.
#[derive(Args, Default)]
pub(crate) struct ServeArguments {
    /// The address to listen on.
    #[arg(long, env = "OPENCLAWSSY_ADDR", value_name = "IP:PORT")]
    pub(crate) addr: Option<SocketAddr>,

    /// Where people reach the server, if not on this machine alone, for example
    /// https://agents.example.org. Other host names are refused.
    #[arg(long, env = "OPENCLAWSSY_PUBLIC_URL", value_name = "URL")]
    pub(crate) public_url: Option<PublicUrl>,

    /// Runs that work at once [default: 4].
    #[arg(long, env = "OPENCLAWSSY_WORKERS", value_parser = clap::value_parser!(u32).range(1..=256))]
    pub(crate) workers: Option<u32>,

    /// Runs that may wait beyond them; more are refused with status 429
    /// [default: 64].
    #[arg(long, env = "OPENCLAWSSY_WAITING_PLACES", value_parser = clap::value_parser!(u32).range(0..=100_000))]
    pub(crate) waiting_places: Option<u32>,
}
