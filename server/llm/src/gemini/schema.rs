//! A JSON Schema as Google's API reads one: a part of OpenAPI 3.0, where an
//! unknown word has the whole request refused.
//! https://ai.google.dev/api/caching#Schema

use serde_json::{Map, Value, json};

/// How deep references are followed; a type that holds itself ends there.
const DEPTH: usize = 12;

/// Words that mean the same there.
const KEPT: &[&str] = &[
    "title",
    "description",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "required",
];

/// The schema without what the API does not know.
pub(super) fn reduced(schema: &Value) -> Value {
    reduce(schema, schema, 0)
}

fn reduce(schema: &Value, root: &Value, depth: usize) -> Value {
    let Some(fields) = schema.as_object() else { return json!({ "type": "string" }) };
    if depth == DEPTH {
        return json!({ "type": "object" });
    }
    if let Some(target) = fields.get("$ref").and_then(Value::as_str) {
        let found = target.strip_prefix('#').and_then(|path| root.pointer(path));
        let mut inner = found.map_or(json!({ "type": "object" }), |f| reduce(f, root, depth + 1));
        if let Some(said) = fields.get("description") {
            inner["description"] = said.clone();
        }
        return inner;
    }
    let mut out = Map::new();
    for name in KEPT {
        if let Some(value) = fields.get(*name) {
            out.insert((*name).to_owned(), value.clone());
        }
    }
    let inner = |value: &Value| reduce(value, root, depth + 1);
    add_type(fields, &mut out);
    // Only texts can be chosen from a list there.
    let choices = fields.get("enum").and_then(Value::as_array).cloned();
    let choices = choices.or_else(|| fields.get("const").map(|only| vec![only.clone()]));
    if let Some(choices) = choices.filter(|all| all.iter().all(Value::is_string)) {
        out.insert("type".to_owned(), "string".into());
        out.insert("enum".to_owned(), choices.into());
    }
    if let Some(properties) = fields.get("properties").and_then(Value::as_object) {
        let properties: Map<_, _> =
            properties.iter().map(|(name, value)| (name.clone(), inner(value))).collect();
        if !properties.is_empty() {
            out.insert("properties".to_owned(), properties.into());
        }
    }
    if let Some(items) = fields.get("items") {
        out.insert("items".to_owned(), inner(items));
    } else if out.get("type").is_some_and(|kind| kind == "array") {
        out.insert("items".to_owned(), json!({ "type": "string" }));
    }
    add_choice(fields, &inner, &mut out);
    Value::Object(out)
}

/// The type, of which there is but one there, and whether it may be missing.
fn add_type(fields: &Map<String, Value>, out: &mut Map<String, Value>) {
    match fields.get("type") {
        Some(Value::String(kind)) => {
            out.insert("type".to_owned(), kind.clone().into());
        }
        Some(Value::Array(kinds)) => {
            if kinds.iter().any(|kind| kind == "null") {
                out.insert("nullable".to_owned(), true.into());
            }
            if let Some(kind) = kinds.iter().find(|kind| *kind != "null") {
                out.insert("type".to_owned(), kind.clone());
            }
        }
        _ if fields.contains_key("properties") => {
            out.insert("type".to_owned(), "object".into());
        }
        _ => {}
    }
}

/// Alternatives; one that may be null is the other one alone.
fn add_choice(
    fields: &Map<String, Value>,
    inner: &dyn Fn(&Value) -> Value,
    out: &mut Map<String, Value>,
) {
    let alternatives = ["anyOf", "oneOf"].iter().find_map(|name| fields.get(*name)?.as_array());
    let Some(alternatives) = alternatives else { return };
    let is_null = |value: &&Value| value.get("type").is_some_and(|kind| kind == "null");
    if alternatives.iter().any(|value| is_null(&value)) {
        out.insert("nullable".to_owned(), true.into());
    }
    let rest: Vec<Value> = alternatives.iter().filter(|v| !is_null(v)).map(inner).collect();
    match <[Value; 1]>::try_from(rest) {
        Ok([Value::Object(only)]) => {
            for (name, value) in only {
                out.entry(name).or_insert(value);
            }
        }
        Ok(_) => {}
        Err(several) if several.is_empty() => {}
        Err(several) => {
            out.insert("anyOf".to_owned(), several.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_known_there_is_left() {
        let schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Read",
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "path": { "type": "string", "description": "Where.", "examples": ["a"] },
                "lines": { "type": ["integer", "null"], "format": "uint32", "minimum": 0, "default": 1 },
                "mode": { "$ref": "#/$defs/Mode", "description": "How." },
                "level": { "enum": [1, 2], "type": "integer" },
                "maybe": { "anyOf": [{ "$ref": "#/$defs/Mode" }, { "type": "null" }] },
                "list": { "type": "array" },
                "only": { "const": "x" },
                "either": { "oneOf": [{ "type": "string" }, { "type": "number", "exclusiveMinimum": 1 }] },
            },
            "required": ["path"],
            "$defs": { "Mode": { "type": "string", "enum": ["fast", "slow"] } },
        });
        let mode = json!(["fast", "slow"]);
        assert_eq!(
            reduced(&schema),
            json!({
                "title": "Read",
                "type": "object",
                "properties": {
                    "path": { "type": "string", "description": "Where." },
                    "lines": { "type": "integer", "nullable": true, "minimum": 0 },
                    "mode": { "type": "string", "enum": mode, "description": "How." },
                    "level": { "type": "integer" },
                    "maybe": { "type": "string", "enum": mode, "nullable": true },
                    "list": { "type": "array", "items": { "type": "string" } },
                    "only": { "type": "string", "enum": ["x"] },
                    "either": { "anyOf": [{ "type": "string" }, { "type": "number" }] },
                },
                "required": ["path"],
            })
        );
    }

    #[test]
    fn a_type_that_holds_itself_comes_to_an_end() {
        let schema = json!({
            "type": "object",
            "properties": { "next": { "$ref": "#/$defs/Node" } },
            "$defs": { "Node": { "type": "object", "properties": { "next": { "$ref": "#/$defs/Node" } } } },
        });
        let text = reduced(&schema).to_string();
        assert!(text.len() < 1_000 && !text.contains("$ref"), "{text}");
        assert_eq!(reduced(&json!({ "$ref": "#/$defs/Lost" })), json!({ "type": "object" }));
    }
}
