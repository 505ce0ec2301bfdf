//! The settings document: what is stored, and who may overwrite whom.

#![allow(clippy::unwrap_used, reason = "this is how a test fails")]

mod house;

use domain::{Settings, ThinkingMode};
use house::house;
use store::Change;

#[tokio::test]
async fn the_first_settings_are_the_defaults() {
    let house = house().await;
    let stored = house.store.settings().await.unwrap();
    assert_eq!(stored.settings, Settings::default());
    assert_eq!(house.store.settings_version().await.unwrap(), stored.version);
}

#[tokio::test]
async fn settings_are_stored_over_what_they_were_made_from_only() {
    let house = house().await;
    let mut listener = house.store.feed().listen();
    let before = house.store.settings().await.unwrap();
    let mine = Settings { thinking_mode: ThinkingMode::Always, ..before.settings.clone() };
    let by = Some(house.owner);
    assert!(house.store.save_settings(&before.settings, &mine, by).await.unwrap());
    assert_eq!(listener.next().await, Some(Change::Anything));
    let after = house.store.settings().await.unwrap();
    assert_eq!(after.settings, mine);
    assert_eq!(after.version, before.version + 1);

    let late = Settings { time_zone: "Europe/Vienna".into(), ..before.settings.clone() };
    assert!(!house.store.save_settings(&before.settings, &late, by).await.unwrap());
    assert_eq!(house.store.settings().await.unwrap(), after);
}
