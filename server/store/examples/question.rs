//! Leaves a run that waits for an answer about one call, for the journeys: none
//! of the built-in tools asks. `question FOLDER MESSAGE TOOL ARGUMENTS REASON
//! SECONDS`; the folder must have an owner and be in no use.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a tool of the journeys"
)]

#[path = "../tests/question/mod.rs"]
mod question;

use std::sync::Arc;
use std::time::Duration;

use question::{Question, leave};
use secrets::Sealer;
use store::{AuditKey, Store, StoreOptions, SystemClock};

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, message, tool, call, reason, seconds] = &arguments[..] else {
        panic!("six arguments, not {arguments:?}");
    };
    let sealer = Sealer::at(std::path::Path::new(&folder).join("secret.key"));
    let audit_key = AuditKey::from_seed(&sealer.derive(AuditKey::PURPOSE).unwrap()).unwrap();
    let options = StoreOptions { folder: folder.into(), database: None, audit_key };
    let store = Store::open(options, Arc::new(SystemClock)).await.unwrap();
    let lasts = Duration::from_secs(seconds.parse().unwrap());
    let question = Question { message, tool, held: call, seen: call, reason, lasts };
    let (run, session) = leave(&store, &question).await;
    store.close().await.unwrap();
    println!("{run} {session}");
}
