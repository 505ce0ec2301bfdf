//! Tools that are values.

use std::sync::Arc;

use async_trait::async_trait;
use domain::ToolErrorCode::InputInvalid;
use serde_json::{Value, json};
use tools::{
    Class, DynamicTool, Mode, Output, Reach, Registry, Room, SetError, ToolError, ToolInfo,
};

use crate::support::House;

/// Says what it was given.
struct Echo(ToolInfo);

fn echo(name: &str) -> Arc<dyn DynamicTool> {
    with_schema(
        name,
        json!({
            "type": "object",
            "properties": { "n": { "type": "integer", "maximum": 9 } },
            "required": ["n"],
        }),
    )
}

fn with_schema(name: &str, schema: Value) -> Arc<dyn DynamicTool> {
    Arc::new(Echo(ToolInfo {
        name: name.to_owned(),
        description: "Says it again.".to_owned(),
        class: Class::Network,
        mode: Mode::Ask,
        reach: Reach::Found,
        timeout: None,
        output_limit: 1_000,
        schema,
    }))
}

#[async_trait]
impl DynamicTool for Echo {
    fn info(&self) -> ToolInfo {
        self.0.clone()
    }

    async fn call(&self, _: &Room, arguments: Value) -> Result<Output, ToolError> {
        let long = arguments.get("long").is_some();
        let content = if long { "x".repeat(60_000) } else { arguments.to_string() };
        Ok(Output::new("said", content))
    }
}

fn names(registry: &Registry) -> Vec<String> {
    registry.specs().iter().map(|info| info.name.clone()).collect()
}

#[tokio::test]
async fn calls_are_read_leniently_and_bounded() {
    let registry = Registry::empty().with_dynamic("mcp.a.", vec![echo("mcp.a.say")]).unwrap();
    let house = House::new().with_tools(registry);
    let said = house.call("mcp.a.say", json!({ "n": "12", "more": [1] })).await.unwrap();
    assert_eq!(said.content, "{\"more\":[1],\"n\":9}\n[n was 12; 9 was taken]");
    assert_eq!(house.refused("mcp.a.say", json!({})).await.0, InputInvalid);
    let said = house.call("mcp.a.say", json!({ "n": 1, "long": true })).await.unwrap();
    assert!(said.truncated && said.content.len() < 1_100, "{}", said.content.len());
}

#[test]
fn a_set_is_replaced_whole_and_in_its_place() {
    let first = Registry::builtin()
        .with_dynamic("mcp.b.", vec![echo("mcp.b.two"), echo("mcp.b.one")])
        .unwrap()
        .with_dynamic("mcp.a.", vec![echo("mcp.a.say")])
        .unwrap();
    let builtin = names(&Registry::builtin());
    let tail = |registry: &Registry| names(registry)[builtin.len()..].join(" ");
    assert_eq!(names(&first)[..builtin.len()], builtin);
    assert_eq!(tail(&first), "mcp.b.one mcp.b.two mcp.a.say");
    let second = first.with_dynamic("mcp.b.", vec![echo("mcp.b.three")]).unwrap();
    assert_eq!(tail(&second), "mcp.b.three mcp.a.say");
    assert_eq!(second.info("mcp.b.three").unwrap().mode, Mode::Ask);
    let third = second.with_dynamic("mcp.b.", Vec::new()).unwrap();
    assert_eq!(tail(&third), "mcp.a.say");
}

#[test]
fn a_set_that_says_too_much_is_refused() {
    let refused = |tools| Registry::empty().with_dynamic("m.", tools).err().unwrap();
    assert_eq!(refused((0..129).map(|_| echo("m.a")).collect()), SetError::TooMany(129));
    for name in ["m.", "fs.read", "m.a b", "m.é", &format!("m.{}", "x".repeat(63))] {
        assert_eq!(refused(vec![echo(name)]), SetError::Name(name.to_owned()));
    }
    assert_eq!(refused(vec![echo("m.a"), echo("m.a")]), SetError::Twice("m.a".into()));
    let long = json!({ "type": "object", "description": "x".repeat(17_000) });
    assert_eq!(refused(vec![with_schema("m.a", long)]), SetError::TooLong("m.a".into()));
    let list = json!({ "type": "array" });
    assert_eq!(refused(vec![with_schema("m.a", list)]), SetError::Schema("m.a".into()));
}
