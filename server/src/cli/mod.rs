//! The command line. Whoever can run it on the data folder is trusted with it.

mod agents;
mod approvals;
mod arguments;
mod ask;
mod audit;
mod config;
mod config_file;
mod docs;
mod doctor;
mod grants;
mod installation;
mod migrate;
mod policy;
mod providers;
mod runs;
mod serve;
mod token;
mod users;

use std::process::ExitCode;

use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use arguments::{Arguments, ServeArguments};
use installation::Installation;

/// A self-hosted runtime for AI agents.
///
/// Exit codes: 0 done, 1 failed, 2 wrong usage, 3 needs a person.
#[derive(Parser)]
#[command(name = "openclawssy", version)]
struct Cli {
    #[command(flatten)]
    arguments: Arguments,
    #[command(subcommand)]
    command: Command,
}

#[allow(clippy::large_enum_variant, reason = "there is one of these in a process")]
#[derive(Subcommand)]
enum Command {
    /// Serves the dashboard and the API, and works on the queue.
    Serve(ServeArguments),
    /// Gives an agent a task and prints its answer as it comes.
    Ask(ask::Args),
    /// What agents ask before they do it, and the answers.
    Approvals(approvals::Args),
    /// What the grants of agents make of calls.
    Policy(policy::Args),
    /// The record of what was decided and done.
    Audit(audit::Args),
    /// Runs: which there were, and what happened in one.
    Run(runs::Args),
    /// Brings the database's schema up to date.
    Migrate,
    /// Checks the installation and says what it found, and where each value comes
    /// from. Takes what `serve` takes.
    Doctor(ServeArguments),
    /// The settings that can be changed while the server runs.
    #[command(subcommand)]
    Config(config::Command),
    /// Model providers and their keys.
    #[command(subcommand)]
    Providers(providers::Command),
    /// Agents: who there are, and what they are like.
    #[command(subcommand)]
    Agents(agents::Command),
    /// People who may sign in.
    #[command(subcommand)]
    Users(users::Command),
    /// Makes an API token. It is printed this once.
    Token(token::Args),
}

/// How a command ended, where it did not break.
pub(crate) enum Exit {
    /// What was asked is done.
    Done,
    /// It was tried and failed.
    Failed,
    /// It cannot go on without a person.
    NeedsPerson,
}

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    let matches = Cli::command().get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| {
        EnvFilter::new(match cli.command {
            Command::Serve(_) => "info",
            _ => "warn",
        })
    });
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let result = match runtime {
        Ok(runtime) => runtime.block_on(run(cli, &matches)),
        Err(error) => Err(error.into()),
    };
    match result {
        Ok(Exit::Done) => ExitCode::SUCCESS,
        Ok(Exit::Failed) => ExitCode::from(1),
        Ok(Exit::NeedsPerson) => ExitCode::from(3),
        Err(error) => {
            eprintln!("openclawssy: {error:#}");
            ExitCode::from(1)
        }
    }
}

async fn run(cli: Cli, matches: &ArgMatches) -> anyhow::Result<Exit> {
    let mut command = cli.command;
    let serve = match &mut command {
        Command::Serve(arguments) | Command::Doctor(arguments) => std::mem::take(arguments),
        _ => ServeArguments::default(),
    };
    let installation = Installation::resolve(cli.arguments, serve, matches)?;
    match command {
        Command::Serve(_) => serve::run(installation).await,
        Command::Ask(args) => ask::run(installation, args).await,
        Command::Approvals(args) => approvals::run(installation, args).await,
        Command::Policy(args) => policy::run(installation, args).await,
        Command::Audit(args) => audit::run(installation, args).await,
        Command::Run(args) => runs::run(installation, args).await,
        Command::Migrate => migrate::run(installation).await,
        Command::Config(command) => config::run(installation, command).await,
        Command::Providers(command) => providers::run(installation, command).await,
        Command::Doctor(_) => doctor::run(installation).await,
        Command::Agents(command) => agents::run(installation, command).await,
        Command::Users(command) => users::run(installation, command).await,
        Command::Token(args) => token::run(installation, args).await,
    }
}
