//! Fills a data folder for `./dev bench pages`: `seed FOLDER`. The folder must
//! have an owner and be in no use.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a tool of the bench")]

#[path = "../tests/seed/mod.rs"]
mod seed;

use std::path::PathBuf;
use std::sync::Arc;

use sea_orm::{ConnectOptions, ConnectionTrait};
use secrets::Sealer;
use store::{AuditKey, Clock, Store, StoreOptions, SystemClock};

#[tokio::main]
async fn main() {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap());
    let sealer = Sealer::at(std::path::Path::new(&folder).join("secret.key"));
    let audit_key = AuditKey::from_seed(&sealer.derive(AuditKey::PURPOSE).unwrap()).unwrap();
    let options = StoreOptions { folder: folder.clone(), database: None, audit_key };
    let store = Store::open(options, Arc::new(SystemClock)).await.unwrap();
    store.close().await.unwrap();
    let url = format!("sqlite://{}", folder.join("openclawssy.db").display());
    let mut options = ConnectOptions::new(url);
    options.max_connections(1);
    let connection = sea_orm::Database::connect(options).await.unwrap();
    connection.execute_unprepared("PRAGMA synchronous = OFF").await.unwrap();
    seed::seed(&connection, seed::BUSY_TEAM, SystemClock.now().as_millisecond()).await;
    for table in ["users", "sessions", "runs", "messages", "run_events"] {
        let rows = seed::number(&connection, &format!("SELECT COUNT(*) FROM {table}")).await;
        println!("{rows:>9} {table}");
    }
    connection.close().await.unwrap();
}
