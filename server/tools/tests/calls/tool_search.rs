//! `tool.search`.

use serde_json::json;
use tools::{Registry, Shelf, TOOL_SEARCH, found_in};

use crate::support::House;

#[tokio::test]
async fn tools_are_found_by_what_they_do() {
    let house = House::new().with_shelf();
    let table = [
        ("rename a file", "fs.move"),
        ("fs.delete", "fs.delete"),
        ("remove", "fs.delete"),
        ("create directory", "fs.mkdir"),
        ("what skills are there", "skill.list"),
        ("skill instructions", "skill.list"),
        ("append", "fs.append"),
        ("recursive", "fs.delete"),
    ];
    for (query, wanted) in table {
        let output = house.call(TOOL_SEARCH, json!({ "query": query })).await.unwrap();
        assert_eq!(found_in(&output.content)[0], wanted, "{query}: {}", output.content);
        assert!(output.content.contains("\"parameters\":{"), "{query}");
        assert!(found_in(&output.content).len() <= 5, "{query}");
    }
}

#[tokio::test]
async fn where_nothing_fits_the_names_are_told() {
    let house = House::new().with_shelf();
    let output = house.call(TOOL_SEARCH, json!({ "query": "bake bread" })).await.unwrap();
    assert!(output.content.contains("fs.append, fs.move"), "{}", output.content);
    assert!(found_in(&output.content).is_empty());
    let output = House::new().call(TOOL_SEARCH, json!({ "query": "move" })).await.unwrap();
    assert!(output.content.contains("none to be found"), "{}", output.content);
}

#[test]
fn a_shelf_holds_what_is_not_shown_from_the_start() {
    let shelf = Shelf::of(&Registry::builtin().specs());
    assert!(shelf.get("fs.move").is_some() && shelf.get("fs.read").is_none());
    assert!(!shelf.is_empty() && Shelf::default().is_empty());
    assert_eq!(found_in("not json\n{\"name\":7}\n[1]\n{\"name\":\"a.b\"}"), ["a.b"]);
}
