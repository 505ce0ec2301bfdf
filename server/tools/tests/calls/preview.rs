//! What a person is shown of a call before it runs.

use serde_json::{Value, json};

use crate::support::House;

#[tokio::test]
async fn a_preview_tells_the_change_and_makes_none() {
    let house = House::new();
    house.deep_file("d/a", "1\n2\n");
    house.link("l", "d/a");
    let table: [(&str, Value, &str); 11] = [
        (
            "fs.write",
            json!({ "path": "d/a", "content": "1\n3\n" }),
            "d/a: +1 -1\n@@ -1,2 +1,2 @@\n 1\n-2\n+3\n",
        ),
        (
            "fs.write",
            json!({ "path": "new/b", "content": "x\n" }),
            "new/b (new): +1 -0\n@@ -0,0 +1 @@\n+x\n",
        ),
        (
            "fs.write",
            json!({ "path": "d/a", "content": "3\n", "mode": "append" }),
            "d/a: +1 -0\n@@ -1,2 +1,3 @@\n 1\n 2\n+3\n",
        ),
        (
            "fs.append",
            json!({ "path": "d/a", "content": "3\n" }),
            "d/a: +1 -0\n@@ -1,2 +1,3 @@\n 1\n 2\n+3\n",
        ),
        (
            "fs.edit",
            json!({ "path": "d/a", "old": "2", "new": "two" }),
            "d/a: +1 -1\n@@ -1,2 +1,2 @@\n 1\n-2\n+two\n",
        ),
        ("fs.move", json!({ "src": "d", "dst": "e" }), "move the folder d -> e\n"),
        (
            "fs.move",
            json!({ "src": "l", "dst": "d/a" }),
            "move the link l -> d/a (replaces a file of 4 bytes)\n",
        ),
        (
            "fs.delete",
            json!({ "path": "d", "recursive": true }),
            "delete the folder d with all in it:\n  a\n",
        ),
        ("fs.delete", json!({ "path": "d/a" }), "delete the file d/a (4 bytes)\n"),
        (
            "fs.write",
            json!({ "path": "d/a", "content": "1\n2\n" }),
            "d/a: +0 -0\n(nothing changes)\n",
        ),
        ("fs.write", json!({ "path": "x", "content": "" }), "x (new): +0 -0\n(nothing changes)\n"),
    ];
    for (tool, arguments, wanted) in table {
        let shown = house.preview(tool, arguments.clone()).await;
        assert_eq!(shown.as_deref(), Some(wanted), "{tool} {arguments}");
    }
    assert_eq!(house.text("d/a"), "1\n2\n");
    assert_eq!(house.names(), ["d", "l"]);
}

#[tokio::test]
async fn a_call_that_would_be_refused_has_none() {
    let house = House::new();
    house.link("out", house.outside(""));
    for (tool, arguments) in [
        ("fs.write", json!({ "path": "out/key", "content": "x" })),
        ("fs.write", json!({ "path": "d/", "content": "x" })),
        ("fs.edit", json!({ "path": "out/key", "old": "outside", "new": "x" })),
        ("fs.edit", json!({ "path": "missing", "old": "a", "new": "b" })),
        ("fs.move", json!({ "src": "out/key", "dst": "x" })),
        ("fs.delete", json!({ "path": "out/key" })),
        ("fs.read", json!({ "path": "a" })),
        ("no.tool", json!({})),
    ] {
        assert_eq!(house.preview(tool, arguments.clone()).await, None, "{tool} {arguments}");
    }
}

#[tokio::test]
async fn a_preview_is_bounded() {
    let house = House::new();
    for number in 0..100 {
        house.deep_file(&format!("d/{number:03}"), "");
    }
    let shown = house.preview("fs.delete", json!({ "path": "d" })).await.unwrap();
    assert!(shown.ends_with("  and 60 more\n"), "{shown}");
    house.file("data", b"\0\xff");
    let content = "line\n".repeat(100_000);
    let arguments = json!({ "path": "data", "content": content });
    let shown = house.preview("fs.write", arguments).await.unwrap();
    assert!(shown.len() <= 17 * 1024 && shown.contains("-(2 bytes that are not shown)"));
}
