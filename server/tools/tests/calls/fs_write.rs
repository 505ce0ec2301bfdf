//! `fs.write`.

use std::os::unix::fs::PermissionsExt;

use domain::ToolErrorCode::InputInvalid;
use serde_json::json;

use crate::support::House;

#[tokio::test]
async fn what_was_written_is_read() {
    let house = House::new();
    let text = "那🙂é\r\n\0 and \"more\"";
    let arguments = json!({ "path": "new/deep/a.txt", "content": text });
    let output = house.call("fs.write", arguments).await.unwrap();
    assert_eq!(output.content, "created new/deep/a.txt: 23 bytes, 2 lines");
    assert_eq!(output.summary, output.content);
    assert_eq!(house.text("new/deep/a.txt"), text);

    house.call("fs.write", json!({ "path": "b", "content": "那🙂é" })).await.unwrap();
    assert_eq!(house.call("fs.read", json!({ "path": "b" })).await.unwrap().content, "那🙂é");
}

#[tokio::test]
async fn each_mode_does_what_it_says() {
    let house = House::new();
    let write = async |content: &str, mode: &str| {
        house.call("fs.write", json!({ "path": "a", "content": content, "mode": mode })).await
    };
    assert_eq!(write("1\n", "append").await.unwrap().summary, "created a: 2 bytes, 1 line");
    assert_eq!(write("2\n", "append").await.unwrap().summary, "appended to a: 2 bytes, 1 line");
    assert_eq!(house.text("a"), "1\n2\n");
    assert_eq!(write("3", "overwrite").await.unwrap().summary, "replaced a: 1 byte, 1 line");
    let refused = write("4", "create").await.unwrap_err();
    assert_eq!((refused.code, refused.message.as_str()), (InputInvalid, "`a` exists already."));
    assert_eq!(house.text("a"), "3");
    house.call("fs.write", json!({ "path": "b", "content": "", "mode": "create" })).await.unwrap();
    assert_eq!(house.names(), ["a", "b"]);
}

#[tokio::test]
async fn a_text_over_the_limit_changes_nothing() {
    let house = House::new();
    house.file("a", "old");
    for mode in ["overwrite", "append"] {
        let content = "x".repeat(1024 * 1024 + 1);
        let arguments = json!({ "path": "a", "content": content, "mode": mode });
        let (code, message) = house.refused("fs.write", arguments).await;
        assert_eq!(code, InputInvalid);
        assert!(message.starts_with("`content` has 1048577 bytes;"), "{message}");
    }
    assert_eq!(house.text("a"), "old");
    assert_eq!(house.names(), ["a"]);
    let content = "x".repeat(1024 * 1024);
    assert!(house.call("fs.write", json!({ "path": "a", "content": content })).await.is_ok());
}

#[tokio::test]
async fn an_overwrite_is_a_new_file_in_the_old_ones_place() {
    let house = House::new();
    house.file("a", "old");
    let mode = std::fs::Permissions::from_mode(0o4750);
    std::fs::set_permissions(house.inside("a"), mode).unwrap();
    std::fs::hard_link(house.inside("a"), house.outside("kept")).unwrap();
    house.call("fs.write", json!({ "path": "a", "content": "new" })).await.unwrap();
    assert_eq!(house.text("a"), "new");
    assert_eq!(std::fs::read_to_string(house.outside("kept")).unwrap(), "old");
    let mode = std::fs::metadata(house.inside("a")).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o750);
    assert_eq!(house.names(), ["a"]);
}

#[tokio::test]
async fn appends_at_the_same_time_lose_nothing() {
    let house = House::new();
    let line = json!({ "path": "log", "content": "line\n", "mode": "append" });
    let (a, b, c, d) = tokio::join!(
        house.call("fs.write", line.clone()),
        house.call("fs.write", line.clone()),
        house.call("fs.write", line.clone()),
        house.call("fs.write", line.clone()),
    );
    assert!([a, b, c, d].iter().all(Result::is_ok));
    assert_eq!(house.text("log"), "line\n".repeat(4));
}

#[tokio::test]
async fn only_one_of_two_creates_wins() {
    let house = House::new();
    for number in 0..20 {
        let create = |content: &str| {
            let path = format!("f{number}");
            json!({ "path": path, "content": content, "mode": "create" })
        };
        let (a, b) =
            tokio::join!(house.call("fs.write", create("a")), house.call("fs.write", create("b")),);
        assert_eq!(usize::from(a.is_ok()) + usize::from(b.is_ok()), 1);
        assert_eq!(house.text(&format!("f{number}")), if a.is_ok() { "a" } else { "b" });
    }
}

#[tokio::test]
async fn what_is_no_file_is_not_written_to() {
    let house = House::new();
    house.file("a", "old");
    std::fs::create_dir(house.inside("d")).unwrap();
    for path in [".", "d", "d/", "new/", "d/..", "d/.", "a/b", "a/b/c"] {
        let arguments = json!({ "path": path, "content": "x" });
        assert_eq!(house.refused("fs.write", arguments).await.0, InputInvalid, "{path}");
    }
    assert_eq!(house.names(), ["a", "d"]);
    assert_eq!(house.text("a"), "old");
}
