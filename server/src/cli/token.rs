//! `openclawssy token`

use std::io::Write;

use domain::Fault;

use super::{Exit, Installation};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// What the token is for, in a word or two.
    name: String,

    /// The person whose rights it carries; the first owner if none is named.
    #[arg(long)]
    user: Option<String>,
}

pub(crate) async fn run(installation: Installation, args: Args) -> anyhow::Result<Exit> {
    let store = installation.store().await?;
    let engine = installation.engine(store.clone())?;
    let who = engine.local_person(args.user.as_deref()).await.map_err(Fault::from)?;
    let token = engine.make_token(&who, &args.name).await.map_err(Fault::from)?;
    store.close().await?;
    writeln!(std::io::stdout(), "{token}")?;
    Ok(Exit::Done)
}
