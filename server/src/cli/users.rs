//! `openclawssy users`

use std::io::{BufRead, IsTerminal, Write};

use domain::{Fault, Role};

use super::{Exit, Installation};

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Adds a person. The password is read from standard input.
    Add {
        /// The name to sign in with.
        name: String,
        /// owner or member.
        #[arg(long, default_value = "member")]
        role: Role,
    },
}

pub(crate) async fn run(installation: Installation, command: Command) -> anyhow::Result<Exit> {
    let Command::Add { name, role } = command;
    let password = read_password()?;
    let store = installation.store().await?;
    let engine = installation.engine(store.clone())?;
    let added = engine.add_user(&name, &password, role).await.map_err(Fault::from)?;
    store.close().await?;
    eprintln!("{} can sign in now, as {role}.", added.name());
    Ok(Exit::Done)
}

fn read_password() -> anyhow::Result<String> {
    let input = std::io::stdin();
    if input.is_terminal() {
        eprint!("Password (it shows while you type; pipe it in to keep it off the screen): ");
        std::io::stderr().flush()?;
    }
    let mut line = String::new();
    input.lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
