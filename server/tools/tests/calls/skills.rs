//! `skill.list` and `skill.read`.

use domain::ToolErrorCode::{InputInvalid, SandboxViolation};
use serde_json::json;

use crate::support::House;

#[tokio::test]
async fn skills_are_listed_and_read() {
    let house = House::new();
    let none = house.call("skill.list", json!({})).await.unwrap();
    assert!(none.content.contains("there are no skills"), "{none:?}");
    let text = "---\nname: tests\ndescription: How to write tests here.\n---\n# Tests\n";
    house.deep_file("skills/tests/SKILL.md", text);
    house.deep_file("skills/tests/parts/table.md", "x");
    house.deep_file("skills/plain/SKILL.md", "# Plain\n\nJust words.\n");
    house.deep_file("skills/empty/README.md", "no skill");
    let listed = house.call("skill.list", json!({})).await.unwrap();
    assert_eq!(listed.content, "plain: Just words.\ntests: How to write tests here.\n");
    assert_eq!(listed.summary, "listed 2 skills");
    let read = house.call("skill.read", json!({ "skill": "tests" })).await.unwrap();
    assert_eq!(read.content, format!("{text}[other files under skills/tests/: parts/table.md]"));
    let (code, message) = house.refused("skill.read", json!({ "name": "empty" })).await;
    assert_eq!(code, InputInvalid);
    assert_eq!(message, "There is no `skills/empty/SKILL.md` in the workspace.");
}

#[tokio::test]
async fn a_skill_outside_is_none() {
    let house = House::new();
    std::fs::write(house.outside("SKILL.md"), "secret").unwrap();
    std::fs::create_dir(house.inside("skills")).unwrap();
    house.link("skills/out", house.outside(""));
    house.deep_file("skills/in/x", "");
    house.link("skills/in/SKILL.md", house.outside("SKILL.md"));
    let listed = house.call("skill.list", json!({})).await.unwrap();
    assert_eq!(listed.summary, "listed 0 skills");
    for name in ["out", "in"] {
        let (code, _) = house.refused("skill.read", json!({ "name": name })).await;
        assert_eq!(code, SandboxViolation, "{name}");
    }
}
