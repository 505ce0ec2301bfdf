//! `fs.move`.

use domain::ToolErrorCode::{InputInvalid, SandboxViolation};
use serde_json::json;

use crate::support::House;

#[tokio::test]
async fn files_and_folders_are_moved() {
    let house = House::new();
    house.deep_file("d/a", "text");
    let moved = house.call("fs.move", json!({ "src": "d/a", "dst": "new/deep/b" })).await.unwrap();
    assert_eq!(moved.summary, "moved d/a to new/deep/b");
    assert_eq!(house.text("new/deep/b"), "text");
    house.call("fs.move", json!({ "src": "new", "dst": "d/e" })).await.unwrap();
    assert_eq!(house.text("d/e/deep/b"), "text");
    assert_eq!(house.names(), ["d"]);
}

#[tokio::test]
async fn nothing_is_replaced_unless_that_is_said() {
    let house = House::new();
    house.file("a", "a");
    house.file("b", "b");
    std::fs::create_dir(house.inside("d")).unwrap();
    let (code, message) = house.refused("fs.move", json!({ "src": "a", "dst": "b" })).await;
    assert_eq!((code, message.as_str()), (InputInvalid, "`b` exists already."));
    for dst in ["d", "d/", "."] {
        let arguments = json!({ "src": "a", "dst": dst, "overwrite": true });
        assert_eq!(house.refused("fs.move", arguments).await.0, InputInvalid, "{dst}");
    }
    let arguments = json!({ "src": "a", "dst": "b", "overwrite": true });
    let moved = house.call("fs.move", arguments).await.unwrap();
    assert_eq!(moved.summary, "moved a to b, in the place of what was there");
    assert_eq!(house.text("b"), "a");
    assert_eq!(house.names(), ["b", "d"]);
}

#[tokio::test]
async fn what_cannot_be_moved_is_refused() {
    let house = House::new();
    house.deep_file("d/a", "a");
    for (src, dst) in [
        ("missing", "b"),
        (".", "b"),
        ("d/..", "b"),
        ("d", "d/e"),
        ("./d", "d/e/f"),
        ("d", "d"),
        ("d/a/x", "b"),
    ] {
        let arguments = json!({ "src": src, "dst": dst });
        assert_eq!(house.refused("fs.move", arguments).await.0, InputInvalid, "{src} {dst}");
    }
    assert_eq!(house.text("d/a"), "a");
}

#[tokio::test]
async fn a_link_is_moved_itself_and_nothing_through_one_that_leads_out() {
    let house = House::new();
    house.file("a", "a");
    house.link("out", house.outside(""));
    for (src, dst) in [("out/key", "b"), ("a", "out/a"), ("a", "../outside/a"), ("/etc", "b")] {
        let arguments = json!({ "src": src, "dst": dst, "overwrite": true });
        assert_eq!(house.refused("fs.move", arguments).await.0, SandboxViolation, "{src} {dst}");
    }
    house.deep_file("d/b", "b");
    house.link("here", "d");
    let arguments = json!({ "src": "d", "dst": "here/e" });
    assert_eq!(house.refused("fs.move", arguments).await.0, InputInvalid, "into itself by a link");
    house.call("fs.move", json!({ "src": "out", "dst": "link" })).await.unwrap();
    assert!(house.inside("link").is_symlink());
    assert_eq!(std::fs::read_dir(house.outside("")).unwrap().count(), 1);
}
