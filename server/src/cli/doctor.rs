//! `openclawssy doctor`: what is there, and what is missing.

use std::fmt::Display;
use std::io::Write;

use domain::{Fault, KeyState, ServerFact};
use store::Store;

use super::{Exit, Installation};
use crate::leptos_options;

pub(crate) async fn run(installation: Installation) -> anyhow::Result<Exit> {
    let mut report = Report::default();
    report.fact("version", env!("CARGO_PKG_VERSION"));
    report.fact("data folder", installation.data.display());
    let assets = leptos_options()?.site_root;
    if std::path::Path::new(&*assets).is_dir() {
        report.fact("dashboard assets", &assets);
    } else {
        report.trouble("dashboard assets", format!("{assets} is missing; build with ./dev serve"));
    }
    match installation.store().await {
        Err(error) => report.trouble("database", format!("{error:#}")),
        Ok(store) => {
            report.fact("database", "opens, schema is up to date");
            match store.first_owner().await? {
                Some(owner) => report.fact("first owner", owner.name),
                None => report.trouble("first owner", "nobody yet; start the server and open it"),
            }
            let (waiting, running) = store.load().await?;
            report.fact("queue", format!("{waiting} waiting, {running} running"));
            models(&installation, &store, &mut report).await?;
            store.close().await?;
        }
    }
    match installation.sealer().check() {
        Ok(()) => report.fact("secret key", installation.sealer().path().display()),
        Err(error) => report.trouble("secret key", error),
    }
    for ServerFact { name, value, origin } in &installation.facts {
        report.fact(name, format!("{value}  ({origin})"));
    }
    report.print()?;
    Ok(if report.troubles == 0 { Exit::Done } else { Exit::Failed })
}

/// Which model answers, and whether what is stored of providers can be used.
async fn models(
    installation: &Installation,
    store: &Store,
    report: &mut Report,
) -> anyhow::Result<()> {
    let engine = match installation.engine(store.clone()) {
        Ok(engine) => engine,
        Err(error) => {
            report.trouble("model", format!("{error:#}"));
            return Ok(());
        }
    };
    match engine.default_model().await.map_err(Fault::from)? {
        Ok(model) => report.fact("model", model),
        Err(error) => report.trouble("model", error),
    }
    let Ok(who) = engine.local_person(None).await else { return Ok(()) };
    for provider in engine.providers(&who).await.map_err(Fault::from)? {
        let name = format!("provider {}", provider.name);
        match provider.key {
            KeyState::Locked => report.trouble(&name, "its key does not open; enter it again"),
            KeyState::Set => report.fact(&name, format!("{}, with a key", provider.base_url)),
            KeyState::None => report.fact(&name, provider.base_url),
        }
    }
    Ok(())
}

#[derive(Default)]
struct Report {
    lines: Vec<String>,
    troubles: usize,
}

impl Report {
    fn fact(&mut self, name: &str, value: impl Display) {
        self.lines.push(format!("ok       {name:<18} {value}"));
    }

    fn trouble(&mut self, name: &str, value: impl Display) {
        self.lines.push(format!("trouble  {name:<18} {value}"));
        self.troubles += 1;
    }

    fn print(&self) -> std::io::Result<()> {
        let mut out = std::io::stdout().lock();
        self.lines.iter().try_for_each(|line| writeln!(out, "{line}"))
    }
}
