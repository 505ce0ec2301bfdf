//! `openclawssy doctor`: what is there, and what is missing.

use std::fmt::Display;
use std::io::Write;

use engine::Queue;

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
            match installation.engine(store.clone(), Queue::default()) {
                Ok(_) => report.fact("model", &installation.model),
                Err(error) => report.trouble("model", format!("{error:#}")),
            }
            store.close().await?;
        }
    }
    report.print()?;
    Ok(if report.troubles == 0 { Exit::Done } else { Exit::Failed })
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
