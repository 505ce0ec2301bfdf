//! `code.search`.

use domain::ToolErrorCode::{InputInvalid, SandboxViolation};
use serde_json::json;

use crate::support::House;

fn project() -> House {
    let house = House::new();
    house.deep_file("src/a.rs", "fn one() {}\nfn two() {}\n\nfn three() {}\n");
    house.deep_file("src/b.ts", "function one() {}\n");
    house.deep_file("src/deep/c.rs", "// ONE\nfn one() {}\n");
    house.deep_file("target/out.rs", "fn one() {}\n");
    house.deep_file("src/gen/g.rs", "fn one() {}\n");
    house.deep_file("src/gen/kept.rs", "fn one() {}\n");
    house.deep_file(".hidden/h.rs", "fn one() {}\n");
    house.deep_file(".git/x.rs", "fn one() {}\n");
    house.deep_file(".gitignore", "/target\n*.log\n");
    house.deep_file("src/.gitignore", "gen/*\n!gen/kept.rs\n");
    house.deep_file("a.log", "fn one() {}\n");
    house.deep_file("data", b"fn one() {}\n\0\n");
    house
}

#[tokio::test]
async fn lines_are_found_where_a_person_would_look() {
    let house = project();
    let output = house.call("code.search", json!({ "pattern": r"fn one\(" })).await.unwrap();
    assert_eq!(
        output.content,
        "src/a.rs:1:fn one() {}\nsrc/deep/c.rs:2:fn one() {}\nsrc/gen/kept.rs:1:fn one() {}\n"
    );
    assert_eq!(output.summary, "found 3 lines in 3 files under .");
    assert!(!output.truncated);
}

#[tokio::test]
async fn each_wish_is_kept() {
    let house = project();
    let content = async |arguments| house.call("code.search", arguments).await.unwrap().content;
    assert_eq!(
        content(json!({ "pattern": "ONE", "glob": "*.rs" })).await,
        "src/deep/c.rs:1:// ONE\n"
    );
    assert_eq!(
        content(json!({ "pattern": "ONE", "ignore_case": true, "glob": "*.ts" })).await,
        "src/b.ts:1:function one() {}\n"
    );
    assert_eq!(
        content(json!({ "pattern": "two", "context": 1 })).await,
        "src/a.rs-1-fn one() {}\nsrc/a.rs:2:fn two() {}\nsrc/a.rs-3-\n"
    );
    assert_eq!(
        content(json!({ "pattern": "one", "files_only": true, "path": "src" })).await,
        "src/a.rs\nsrc/b.ts\nsrc/deep/c.rs\nsrc/gen/kept.rs\n"
    );
    assert_eq!(
        content(json!({ "pattern": "fn", "path": "src/a.rs", "max_results": 1 })).await,
        "src/a.rs:1:fn one() {}\n[1 line shown; there may be more: narrow the pattern, the path or \
         the glob]"
    );
    assert_eq!(
        content(json!({ "pattern": "one", "hidden": true, "glob": ".hidden/**" })).await,
        ".hidden/h.rs:1:fn one() {}\n"
    );
    // What was named is searched, whatever is said of it above.
    assert_eq!(
        content(json!({ "pattern": "one", "path": "target" })).await,
        "target/out.rs:1:fn one() {}\n"
    );
    // What is said above holds below.
    assert_eq!(
        content(json!({ "pattern": "one", "path": "src/gen" })).await,
        "src/gen/kept.rs:1:fn one() {}\n"
    );
    assert_eq!(content(json!({ "pattern": "nowhere" })).await, "[nothing fits]");
}

#[tokio::test]
async fn nothing_outside_is_found() {
    let house = House::new();
    house.link("out", house.outside(""));
    house.link("key", house.outside("key"));
    house.link("near", "../outside");
    house.link("self", ".");
    house.file("in", "inside");
    let output = house.call("code.search", json!({ "pattern": "side" })).await.unwrap();
    assert_eq!(output.content, "in:1:inside\n");
    for path in ["out", "key", "near", "self/out", "../outside", "/etc"] {
        let arguments = json!({ "pattern": "side", "path": path });
        assert_eq!(house.refused("code.search", arguments).await.0, SandboxViolation, "{path}");
    }
    let arguments = json!({ "pattern": "side", "path": "missing" });
    assert_eq!(house.refused("code.search", arguments).await.0, InputInvalid);
}

#[tokio::test]
async fn rules_that_are_a_link_outside_are_not_read() {
    let house = House::new();
    std::fs::write(house.outside("key"), "*.txt\n").unwrap();
    house.link(".gitignore", house.outside("key"));
    house.file("a.txt", "word");
    let output = house.call("code.search", json!({ "pattern": "word" })).await.unwrap();
    assert_eq!(output.content, "a.txt:1:word\n");
}

#[tokio::test]
async fn much_is_cut_and_says_so() {
    let house = House::new();
    house.file("a", "word\n".repeat(1_000));
    house.file("b", format!("{} word {}\n", "x".repeat(5_000), "y".repeat(5_000)));
    house.file("c", format!("{}\nword\n", "x".repeat(3 * 1024 * 1024)));
    let output = house.call("code.search", json!({ "pattern": "word", "max_results": 9999 })).await;
    let output = output.unwrap();
    assert!(output.truncated);
    assert_eq!(output.content.matches("a:").count(), 500);
    assert!(output.content.contains("[max_results was 9999; 500 was taken]"));
    let output =
        house.call("code.search", json!({ "pattern": "word", "path": "b" })).await.unwrap();
    assert!(output.content.len() < 400, "{}", output.content.len());
    let output =
        house.call("code.search", json!({ "pattern": "word", "path": "c" })).await.unwrap();
    assert!(output.content.contains("1 could not be searched, or not whole"), "{output:?}");
    let wide: String = (0..500).map(|n| format!("word {n} {}\n", "z".repeat(400))).collect();
    house.file("a", wide);
    let output = house.call("code.search", json!({ "pattern": "word", "max_results": 500 })).await;
    let output = output.unwrap();
    assert!(output.truncated && output.content.len() < 66 * 1024);
}
