//! `fs.delete`.

use domain::ToolErrorCode::{InputInvalid, SandboxViolation};
use serde_json::json;

use crate::support::House;

#[tokio::test]
async fn files_go_and_folders_only_when_that_is_said() {
    let house = House::new();
    house.file("a", "x");
    house.deep_file("d/e/b", "x");
    let gone = house.call("fs.delete", json!({ "path": "a" })).await.unwrap();
    assert_eq!(gone.summary, "deleted the file a");
    let (code, message) = house.refused("fs.delete", json!({ "path": "d" })).await;
    assert_eq!(code, InputInvalid);
    assert!(message.contains("`recursive`: true"), "{message}");
    assert!(house.inside("d/e/b").exists());
    let gone = house.call("fs.delete", json!({ "path": "d", "recursive": true })).await.unwrap();
    assert_eq!(gone.summary, "deleted the folder d with 2 files and folders in it");
    assert!(house.names().is_empty());
    assert_eq!(house.refused("fs.delete", json!({ "path": "a" })).await.0, InputInvalid);
}

#[tokio::test]
async fn the_workspace_itself_stays() {
    let house = House::new();
    house.deep_file("d/a", "x");
    for path in [".", "./", "d/..", "./d/../.", "d/../d/.."] {
        let arguments = json!({ "path": path, "recursive": true });
        assert_eq!(house.refused("fs.delete", arguments).await.0, InputInvalid, "{path}");
    }
    for path in ["..", "/", "../room", "d/../.."] {
        let arguments = json!({ "path": path, "recursive": true });
        assert_eq!(house.refused("fs.delete", arguments).await.0, SandboxViolation, "{path}");
    }
    assert_eq!(house.text("d/a"), "x");
}

#[tokio::test]
async fn a_link_goes_itself_and_never_what_it_leads_to() {
    let house = House::new();
    house.deep_file("d/a", "x");
    house.link("d/out", house.outside(""));
    house.link("out", house.outside(""));
    house.link("key", house.outside("key"));
    house.link("inside", "d");
    for path in ["out/key", "d/out/key"] {
        assert_eq!(house.refused("fs.delete", json!({ "path": path })).await.0, SandboxViolation);
    }
    for path in ["out", "key", "inside"] {
        house.call("fs.delete", json!({ "path": path, "recursive": true })).await.unwrap();
    }
    house.call("fs.delete", json!({ "path": "d", "recursive": true })).await.unwrap();
    assert!(house.names().is_empty());
    assert_eq!(std::fs::read_to_string(house.outside("key")).unwrap(), "outside");
}
