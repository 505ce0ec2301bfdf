//! `fs.list`.

use domain::ToolErrorCode::InputInvalid;
use serde_json::json;

use crate::support::House;

#[tokio::test]
async fn entries_are_sorted_and_say_what_they_are() {
    let house = House::new();
    house.file("b.txt", "x");
    house.file("a.txt", "twelve bytes");
    std::fs::create_dir(house.inside("d")).unwrap();
    house.link("link", "a.txt");
    house.file("two\nlines", "");
    let output = house.call("fs.list", json!({})).await.unwrap();
    assert_eq!(
        output.content,
        "a.txt (12 bytes)\nb.txt (1 byte)\nd/\nlink (link)\ntwo\u{fffd}lines (0 bytes)\n"
    );
    assert_eq!(output.summary, "listed .: 5 entries");
    assert!(!output.truncated);
}

#[tokio::test]
async fn an_empty_folder_says_so() {
    let house = House::new();
    assert_eq!(house.call("fs.list", json!({})).await.unwrap().content, "[the folder is empty]");
}

#[tokio::test]
async fn a_large_folder_is_cut_and_says_so() {
    let house = House::new();
    for number in 0..503 {
        house.file(&format!("f{number:04}"), "");
    }
    let output = house.call("fs.list", json!({ "path": "." })).await.unwrap();
    assert!(output.truncated);
    let lines: Vec<_> = output.content.lines().collect();
    assert_eq!(lines.len(), 501);
    assert_eq!(lines[499], "f0499 (0 bytes)");
    assert_eq!(lines[500], "[500 of 503 entries are shown; 3 left out]");
    assert_eq!(output.summary, "listed .: 503 entries");
}

#[tokio::test]
async fn what_is_no_folder_is_refused() {
    let house = House::new();
    house.file("a", "");
    for (path, sentence) in [
        ("a", "`a` is not a folder."),
        ("a/b", "A part of `a/b` is a file, not a folder."),
        ("c", "There is no `c` in the workspace."),
    ] {
        let refused = house.refused("fs.list", json!({ "path": path })).await;
        assert_eq!(refused, (InputInvalid, sentence.to_owned()));
    }
}

#[tokio::test]
async fn levels_globs_and_hidden_names() {
    let house = House::new();
    for path in ["b.rs", "d/a.rs", "d/e/c.rs", "d/e/c.txt", ".git/config", "d/.env"] {
        house.deep_file(path, "x");
    }
    let content = async |arguments| house.call("fs.list", arguments).await.unwrap().content;
    assert_eq!(
        content(json!({})).await,
        "b.rs (1 byte)\nd/\n[1 name with a leading dot left out; see `hidden`]"
    );
    assert_eq!(
        content(json!({ "depth": 2, "hidden": true })).await,
        ".git/\n.git/config (1 byte)\nb.rs (1 byte)\nd/\nd/.env (1 byte)\nd/a.rs (1 byte)\nd/e/\n"
    );
    assert_eq!(
        content(json!({ "path": "d", "glob": "*.rs" })).await,
        "a.rs (1 byte)\ne/c.rs (1 byte)\n[1 name with a leading dot left out; see `hidden`]"
    );
    assert_eq!(content(json!({ "path": "d/e", "glob": "*.c" })).await, "[nothing fits]");
    assert!(content(json!({ "depth": 99 })).await.ends_with("[depth was 99; 8 was taken]"));
}

#[tokio::test]
async fn a_link_is_listed_and_never_gone_through() {
    let house = House::new();
    house.link("out", house.outside(""));
    house.link("here", ".");
    let output = house.call("fs.list", json!({ "depth": 8 })).await.unwrap();
    assert_eq!(output.content, "here (link)\nout (link)\n");
}
