//! `fs.edit`.

use std::os::unix::fs::PermissionsExt;

use domain::ToolErrorCode::{InputInvalid, SandboxViolation};
use serde_json::{Value, json};

use crate::support::House;

/// The text of `a` after an edit.
async fn edited(text: &str, mut arguments: Value) -> String {
    let house = House::new();
    house.file("a", text);
    arguments["path"] = "a".into();
    house.call("fs.edit", arguments).await.unwrap();
    assert_eq!(house.names(), ["a"]);
    house.text("a")
}

#[tokio::test]
async fn each_kind_of_edit_does_what_it_says() {
    let table = [
        ("one two\n", json!({ "old": "two", "new": "2" }), "one 2\n"),
        ("a a\n", json!({ "old": "a", "new": "b", "count": 2 }), "b b\n"),
        ("a\nb\n", json!({ "old": "b\n" }), "a\n"),
        ("a\nb\nc\n", json!({ "start_line": 2, "end_line": 3, "new": "x" }), "a\nx\n"),
        ("a\n", json!({ "start_line": 1, "end_line": 0, "new": "x" }), "x\na\n"),
        ("a\nb\n", json!({ "patch": "@@ -1,2 +1,2 @@\n a\n-b\n+c\n" }), "a\nc\n"),
        (
            "a\nb\nc\n",
            json!({ "edits": [
                { "start_line": 3, "new": "C\nD" },
                { "old": "a\n", "new": "A\n" },
            ] }),
            "A\nb\nC\nD\n",
        ),
    ];
    for (text, arguments, wanted) in table {
        assert_eq!(edited(text, arguments.clone()).await, wanted, "{arguments}");
    }
}

#[tokio::test]
async fn line_ends_the_last_line_and_the_byte_order_mark_stay() {
    let table = [
        ("a\r\nb\r\n", json!({ "old": "a\nb", "new": "x\ny" }), "x\r\ny\r\n"),
        ("a\r\nb\r\n", json!({ "start_line": 1, "new": "x\ny\n" }), "x\r\ny\r\nb\r\n"),
        ("a\r\nb\r\n", json!({ "patch": "@@ -1,2 +1,2 @@\n a\n-b\n+c\n" }), "a\r\nc\r\n"),
        ("a\nb", json!({ "start_line": 2, "new": "c\n" }), "a\nc"),
        ("\u{feff}a\nb\n", json!({ "start_line": 1, "new": "x" }), "\u{feff}x\nb\n"),
        ("a\r\nb\n", json!({ "old": "b", "new": "c" }), "a\r\nc\n"),
    ];
    for (text, arguments, wanted) in table {
        assert_eq!(edited(text, arguments.clone()).await, wanted, "{arguments}");
    }
}

#[tokio::test]
async fn the_result_shows_the_new_lines() {
    let house = House::new();
    house.file("a", "1\n2\n3\n4\n5\n6\n7\n8\n9\n");
    let output = house.call("fs.edit", json!({ "path": "a", "old": "5\n", "new": "five\nV\n" }));
    let output = output.await.unwrap();
    assert_eq!(output.summary, "edited a: +2 -1 lines");
    assert_eq!(
        output.content,
        "edited a: +2 -1 lines\n@@ -2,7 +2,8 @@\n 2\n 3\n 4\n-5\n+five\n+V\n 6\n 7\n 8\n"
    );
    let all = json!({ "path": "a", "start_line": 1, "end_line": 10, "new": "x\n".repeat(20_000) });
    let output = house.call("fs.edit", all).await.unwrap();
    assert!(output.content.len() < 9_000 && output.content.ends_with("all of the edit is done]"));
}

#[tokio::test]
async fn an_edit_that_does_not_fit_changes_nothing_and_helps() {
    let house = House::new();
    let text = "fn one() {\n    let number = 1;\n}\nfn two() {}\n";
    house.file("a", text);
    let table = [
        (
            json!({ "old": "let nunber = 1;", "new": "x" }),
            "The closest is:\n2\t    let number = 1;",
        ),
        (json!({ "old": "fn one() {\n  let number = 1;", "new": "x" }), "white space only"),
        (json!({ "old": "fn ", "new": "x" }), "occurs 2 times, at lines 1, 4"),
        (json!({ "old": "fn ", "new": "x", "count": 3 }), "should occur 3 times"),
        (json!({ "old": "", "new": "x" }), "`old` is empty"),
        (json!({ "old": "fn one", "new": "fn one" }), "changes nothing"),
        (json!({ "start_line": 9, "new": "x" }), "the file has 4"),
        (json!({ "start_line": 1, "old": "x", "new": "x" }), "either"),
        (json!({ "patch": "@@ -1 +1 @@\n-fn on() {\n+x\n" }), "line 1 is `fn one() {`"),
        (
            json!({ "edits": [{ "old": "fn one", "new": "x" }, { "old": "gone", "new": "y" }] }),
            "Edit 2: `old` does not occur",
        ),
        (
            json!({ "edits": [{ "old": "fn one() {", "new": "x" }, { "start_line": 1, "new": "y" }] }),
            "same place",
        ),
    ];
    for (mut arguments, part) in table {
        arguments["path"] = "a".into();
        let (code, message) = house.refused("fs.edit", arguments.clone()).await;
        assert_eq!(code, InputInvalid, "{arguments}");
        assert!(message.contains(part), "{arguments}: {message}");
        assert_eq!(house.text("a"), text);
    }
}

#[tokio::test]
async fn mode_bits_stay_and_a_hard_link_outside_keeps_the_old_text() {
    let house = House::new();
    house.file("a", "old");
    std::fs::set_permissions(house.inside("a"), std::fs::Permissions::from_mode(0o750)).unwrap();
    std::fs::hard_link(house.inside("a"), house.outside("kept")).unwrap();
    house.call("fs.edit", json!({ "path": "a", "old": "old", "new": "new" })).await.unwrap();
    let mode = std::fs::metadata(house.inside("a")).unwrap().permissions().mode();
    assert_eq!((mode & 0o777, house.text("a").as_str()), (0o750, "new"));
    assert_eq!(std::fs::read_to_string(house.outside("kept")).unwrap(), "old");
}

#[tokio::test]
async fn what_is_no_text_file_of_the_workspace_is_not_edited() {
    let house = House::new();
    house.file("data", b"a\0b");
    house.file("large", "x".repeat(4 * 1024 * 1024 + 1));
    std::fs::create_dir(house.inside("d")).unwrap();
    house.link("key", house.outside("key"));
    for path in ["data", "large", "d", "d/", "missing", "missing/a"] {
        let arguments = json!({ "path": path, "old": "a", "new": "b" });
        assert_eq!(house.refused("fs.edit", arguments).await.0, InputInvalid, "{path}");
    }
    for path in ["key", "../outside/key"] {
        let arguments = json!({ "path": path, "old": "outside", "new": "b" });
        assert_eq!(house.refused("fs.edit", arguments).await.0, SandboxViolation, "{path}");
    }
    assert!(!house.inside("missing").exists());
    assert_eq!(std::fs::read_to_string(house.outside("key")).unwrap(), "outside");
}
