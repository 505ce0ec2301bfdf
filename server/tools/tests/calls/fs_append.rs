//! `fs.append`.

use serde_json::json;

use crate::support::House;

#[tokio::test]
async fn a_text_comes_at_the_end() {
    let house = House::new();
    let append = async |content: &str| {
        house.call("fs.append", json!({ "path": "d/log", "content": content })).await.unwrap()
    };
    assert_eq!(append("a\n").await.summary, "created d/log: 2 bytes, 1 line");
    assert_eq!(append("b").await.summary, "appended to d/log: 1 byte, 1 line");
    assert_eq!(house.text("d/log"), "a\nb");
}
