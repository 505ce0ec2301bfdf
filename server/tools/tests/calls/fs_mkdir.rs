//! `fs.mkdir`.

use domain::ToolErrorCode::{InputInvalid, SandboxViolation};
use serde_json::json;

use crate::support::House;

#[tokio::test]
async fn a_folder_is_made_once() {
    let house = House::new();
    let made = house.call("fs.mkdir", json!({ "path": "d/e/f" })).await.unwrap();
    assert_eq!(made.summary, "made the folder d/e/f");
    assert!(house.inside("d/e/f").is_dir());
    let again = house.call("fs.mkdir", json!({ "path": "d/e" })).await.unwrap();
    assert_eq!(again.summary, "d/e is there already");
}

#[tokio::test]
async fn what_stands_in_the_way_or_leads_out_is_refused() {
    let house = House::new();
    house.file("a", "x");
    house.link("out", house.outside(""));
    for path in ["a", "a/b"] {
        assert_eq!(house.refused("fs.mkdir", json!({ "path": path })).await.0, InputInvalid);
    }
    for path in ["out/d", "../d", "/tmp/d"] {
        assert_eq!(house.refused("fs.mkdir", json!({ "path": path })).await.0, SandboxViolation);
    }
    assert_eq!(std::fs::read_dir(house.outside("")).unwrap().count(), 1);
}
