//! `openclawssy migrate`

use super::{Exit, Installation};

pub(crate) async fn run(installation: Installation) -> anyhow::Result<Exit> {
    let store = installation.store().await?;
    store.close().await?;
    eprintln!("The database in {} is up to date.", installation.data.display());
    Ok(Exit::Done)
}
