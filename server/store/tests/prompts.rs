//! Prompts: stored once, found by their hash, and their use noted daily.

#![allow(clippy::unwrap_used, reason = "this is how a test fails")]

mod house;

use std::time::Duration;

use house::{House, database, house};
use sea_orm::{ConnectionTrait, Statement};

const HOUR: Duration = Duration::from_secs(60 * 60);

#[tokio::test]
async fn a_prompt_is_found_by_its_hash() {
    let house = house().await;
    let content = r#"{"system":"You are calm. 那","tools":[]}"#;
    let hash = house.store.keep_prompt(content).await.unwrap();
    assert_eq!(hash.len(), 64);
    assert_eq!(house.store.prompt(&hash).await.unwrap().as_deref(), Some(content));
    let other = house.store.keep_prompt("other").await.unwrap();
    assert_ne!(hash, other);
    for unknown in ["", "00", &"0".repeat(64), &"é".repeat(32)] {
        assert_eq!(house.store.prompt(unknown).await.unwrap(), None, "{unknown}");
    }
}

#[tokio::test]
async fn a_known_prompt_costs_a_write_a_day() {
    let house = house().await;
    house.store.keep_prompt("x").await.unwrap();
    let first = used_at(&house).await;
    house.pass(23 * HOUR);
    house.store.keep_prompt("x").await.unwrap();
    assert_eq!(used_at(&house).await, first, "no write");
    house.pass(HOUR);
    house.store.keep_prompt("x").await.unwrap();
    assert_eq!(used_at(&house).await - first, 24 * 60 * 60 * 1000);
}

/// When the only prompt was used, as it is stored.
async fn used_at(house: &House) -> i64 {
    let file = format!("sqlite://{}", house.folder.path().join("openclawssy.db").display());
    let url = database(house.folder.path()).unwrap_or(file);
    let raw = sea_orm::Database::connect(url).await.unwrap();
    let statement =
        Statement::from_string(raw.get_database_backend(), "SELECT used_at FROM prompts");
    let row = raw.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

#[tokio::test]
async fn two_processes_keep_one_row() {
    let house = house().await;
    let hash = house.store.keep_prompt("shared").await.unwrap();
    let other = house::open(house.folder.path(), &house.clock).await.unwrap();
    assert_eq!(other.keep_prompt("shared").await.unwrap(), hash);
    assert_eq!(other.prompt(&hash).await.unwrap().as_deref(), Some("shared"));
}
